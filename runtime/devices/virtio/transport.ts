// The memory-mapped virtio transport: features, queues and interrupts of one device, modern or legacy.
//
// Relies on register-table.ts, virtqueue.ts, function.ts and core/timeline.ts; registers as VIRTIO 1.2, 4.2.2 and
// (legacy) 4.2.4 say, and as QEMU has them where that leaves a choice: features count from FEATURES_OK on (legacy: at
// once), a driver need not accept version 1, an empty slot has an identity and nothing else. A driver that breaks a rule
// finds DEVICE_NEEDS_RESET in the status (if it knows version 1), and `onMalformed` hears why.

import {
  VIRTIO_FEATURE,
  VIRTIO_INTERRUPT,
  VIRTIO_STATUS,
  VIRTQ_AVAILABLE,
  VIRTQ_DESCRIPTOR,
} from "../../../spec/devices/virtio.ts";
import { VIRTIO_MMIO, virtioMmio } from "../../../spec/devices/virtio-mmio.ts";
import type { DeviceBytes } from "../../core/bus.ts";
import type { InterruptLine } from "../../core/interrupt-line.ts";
import type { Timeline, Timer } from "../../core/timeline.ts";
import {
  RegisterDevice,
  type DeviceOptions,
  type RegisterHandlers,
  type RegisterModel,
} from "../register-table.ts";
import type { VirtioFunction, VirtioPort } from "./function.ts";
import type { GuestMemory } from "./guest-memory.ts";
import {
  emptyQueueState,
  MAX_QUEUE_SIZE,
  Virtqueue,
  type QueueFeatures,
  type QueueState,
} from "./virtqueue.ts";

export interface VirtioMmioOptions extends DeviceOptions {
  /** Bytes of the window. */
  readonly bytes: number;
  readonly isLegacy: boolean;
  /** Null: nothing is plugged in. */
  readonly plugged: VirtioFunction | null;
  readonly memory: GuestMemory;
  readonly line: InterruptLine;
  readonly timeline: Timeline;
  /** The driver broke a rule: told once for each reset. */
  readonly onMalformed?: (why: string) => void;
}

interface TransportState {
  deviceFeaturesSel: number;
  driverFeaturesSel: number;
  /** What the driver wrote, and what of it counts. */
  requestedFeatures: bigint;
  driverFeatures: bigint;
  queueSel: number;
  status: number;
  interrupts: number;
  /** A queue broke a rule: nothing happens until a reset. */
  isBroken: boolean;
  /** Legacy: bytes of the pages that queue_pfn counts. */
  pageBytes: bigint;
  readonly queues: QueueState[];
}

interface SavedState extends TransportState {
  /** Of the function. */
  readonly own: unknown;
}

const LEGACY_FEATURES = VIRTIO_FEATURE.notifyOnEmpty | VIRTIO_FEATURE.anyLayout;
const COMMON_FEATURES = VIRTIO_FEATURE.indirectDescriptors | VIRTIO_FEATURE.eventIndex;
/** Control registers have one width only (4.2.2.2). */
const CONTROL_BYTES = 4;
/** How long `later` is. */
const REST_NS = 1000n;

export class VirtioMmio extends RegisterDevice<TransportState> implements VirtioPort {
  private readonly options: VirtioMmioOptions;
  /** For traces. */
  readonly queues: readonly Virtqueue[];
  private readonly offered: bigint;
  private readonly rest: Timer;

  constructor(options: VirtioMmioOptions) {
    const { plugged, isLegacy, memory } = options;
    const count = plugged?.queues ?? 0;
    super({
      device: options,
      spec: virtioMmio(options.bytes),
      initialState: () => initialState(count),
      narrowStores: "extend",
    });
    this.options = options;
    const own = plugged === null ? 0n : plugged.features | COMMON_FEATURES;
    this.offered = plugged === null ? 0n : own | (isLegacy ? LEGACY_FEATURES : VIRTIO_FEATURE.version1);
    this.rest = options.timeline.timer(`${options.name} queues`, () => {
      this.serveAll();
    });
    const features = (): QueueFeatures => ({
      indirectDescriptors: this.has(VIRTIO_FEATURE.indirectDescriptors),
      eventIndex: this.has(VIRTIO_FEATURE.eventIndex),
      notifyOnEmpty: this.has(VIRTIO_FEATURE.notifyOnEmpty),
    });
    this.queues = Array.from({ length: count }, (_, index) => {
      const state = (): QueueState => this.state.queues[index] ?? emptyQueueState();
      return new Virtqueue(memory, state, features);
    });
    this.define(this.model());
    plugged?.plug(this);
  }

  get isLive(): boolean {
    return (this.state.status & VIRTIO_STATUS.driverOk) !== 0 && !this.state.isBroken;
  }

  queue(index: number): Virtqueue {
    const queue = this.queues[index];
    if (queue === undefined) throw new Error(`${this.name} has no queue ${String(index)}`);
    return queue;
  }

  has(feature: bigint): boolean {
    return (this.state.driverFeatures & feature) !== 0n;
  }

  used(index: number): void {
    if (this.queue(index).wantsInterrupt()) this.interrupt(VIRTIO_INTERRUPT.usedBuffer);
    this.noteBroken();
  }

  later(): void {
    this.rest.schedule(this.options.timeline.now() + REST_NS);
  }

  override load(offset: number, bytes: DeviceBytes): bigint {
    if (!isTooNarrow(offset, bytes)) return super.load(offset, bytes);
    this.options.onUnknown?.(offset, "load");
    return 0n;
  }

  override store(offset: number, value: bigint, bytes: DeviceBytes): void {
    if (isTooNarrow(offset, bytes)) this.options.onUnknown?.(offset, "store");
    else super.store(offset, value, bytes);
  }

  override reset(): void {
    this.rest.cancel();
    super.reset();
    this.options.plugged?.reset();
  }

  override saveState(): SavedState {
    return { ...super.saveState(), own: this.options.plugged?.saveState() ?? null };
  }

  override restoreState(state: unknown): void {
    // What saveState of the same kind of device gave.
    const { own, ...transport } = state as SavedState;
    super.restoreState(transport);
    this.options.plugged?.restoreState(own);
  }

  protected override driveLines(): void {
    this.options.line.set(this.state.interrupts !== 0);
  }

  private interrupt(cause: number): void {
    this.state.interrupts |= cause;
    this.driveLines();
  }

  private noteBroken(): void {
    if (this.state.isBroken) return;
    const why = this.state.queues.find((queue) => queue.broken !== null)?.broken ?? null;
    if (why === null) return;
    this.state.isBroken = true;
    this.options.onMalformed?.(why);
    if (!this.has(VIRTIO_FEATURE.version1)) return;
    this.state.status |= VIRTIO_STATUS.needsReset;
    this.interrupt(VIRTIO_INTERRUPT.configuration);
  }

  private serveAll(): void {
    for (const index of this.queues.keys()) if (this.isLive) this.options.plugged?.notified(index);
    this.noteBroken();
  }

  private model(): RegisterModel {
    const { plugged, isLegacy } = this.options;
    const { legacy, modern } = VIRTIO_MMIO.version;
    const fixed = (value: bigint): RegisterHandlers => ({ read: () => value });
    const identity = {
      magic_value: fixed(VIRTIO_MMIO.magic),
      version: fixed(isLegacy ? legacy : modern),
      vendor_id: fixed(VIRTIO_MMIO.vendor),
    };
    if (plugged === null) return identity;
    return {
      ...identity,
      device_id: fixed(BigInt(plugged.deviceId)),
      ...this.featureRegisters(),
      ...this.queueRegisters(),
      ...(isLegacy ? this.legacyRegisters() : this.modernRegisters()),
      interrupt_status: { read: () => BigInt(this.state.interrupts) },
      interrupt_ack: {
        write: (value) => {
          this.state.interrupts &= ~Number(value);
          this.driveLines();
        },
      },
      status: { read: () => BigInt(this.state.status), write: (value) => this.setStatus(Number(value)) },
      config: { read: (offset) => BigInt(plugged.readConfiguration(offset)) },
    };
  }

  private featureRegisters(): RegisterModel {
    return {
      device_features: {
        read: () => BigInt.asUintN(32, this.offered >> BigInt(32 * this.state.deviceFeaturesSel)),
      },
      // Selectors beyond the second word choose bits that nobody has.
      device_features_sel: { write: (value) => (this.state.deviceFeaturesSel = selector(value)) },
      driver_features_sel: { write: (value) => (this.state.driverFeaturesSel = selector(value)) },
      driver_features: {
        write: (value) => {
          const low = BigInt(32 * this.state.driverFeaturesSel);
          const others = this.state.requestedFeatures & ~(0xffff_ffffn << low);
          this.state.requestedFeatures = others | (value << low);
          if (this.options.isLegacy) this.acceptFeatures();
        },
      },
    };
  }

  // What was not offered is not there. Nothing changes any more once FEATURES_OK is set.
  private acceptFeatures(): void {
    if ((this.state.status & VIRTIO_STATUS.featuresOk) !== 0) return;
    this.state.driverFeatures = this.state.requestedFeatures & this.offered;
  }

  private queueRegisters(): RegisterModel {
    return {
      queue_sel: { write: (value) => (this.state.queueSel = Number(value)) },
      queue_num_max: { read: () => (this.selected() === null ? 0n : BigInt(MAX_QUEUE_SIZE)) },
      queue_num: {
        write: (value) => {
          const queue = this.selected();
          if (queue === null || queue.ready) return;
          const size = Number(value);
          const isLegal = size <= MAX_QUEUE_SIZE && (size & (size - 1)) === 0;
          queue.size = isLegal ? size : 0;
        },
      },
      queue_notify: {
        write: (value) => {
          const index = Number(value);
          if (this.isLive && index < this.queues.length) this.options.plugged?.notified(index);
          this.noteBroken();
        },
      },
    };
  }

  private modernRegisters(): RegisterModel {
    const half = (key: "descriptors" | "driver" | "device", shift: bigint): RegisterHandlers => ({
      write: (value) => {
        const queue = this.selected();
        if (queue === null || queue.ready) return;
        queue[key] = (queue[key] & (0xffff_ffffn << (32n - shift))) | (value << shift);
      },
    });
    return {
      queue_ready: {
        read: () => (this.selected()?.ready === true ? 1n : 0n),
        write: (value) => {
          const queue = this.selected();
          if (queue === null) return;
          if (value !== 0n) queue.ready = queue.size > 0;
          else stopQueue(queue);
        },
      },
      queue_desc_low: half("descriptors", 0n),
      queue_desc_high: half("descriptors", 32n),
      queue_driver_low: half("driver", 0n),
      queue_driver_high: half("driver", 32n),
      queue_device_low: half("device", 0n),
      queue_device_high: half("device", 32n),
    };
  }

  private legacyRegisters(): RegisterModel {
    return {
      // The lowest bit of what is written, as on QEMU; pages of one byte if there is none.
      guest_page_size: { write: (value) => (this.state.pageBytes = value === 0n ? 1n : value & -value) },
      queue_align: {
        write: (value) => {
          const queue = this.selected();
          if (queue !== null && value !== 0n) queue.align = Number(value);
        },
      },
      queue_pfn: {
        read: () => {
          const queue = this.selected();
          return queue?.ready === true ? BigInt.asUintN(32, queue.descriptors / this.state.pageBytes) : 0n;
        },
        write: (value) => {
          const queue = this.selected();
          if (queue === null) return;
          stopQueue(queue);
          if (value !== 0n && queue.size > 0) placeLegacy(queue, value * this.state.pageBytes);
        },
      },
    };
  }

  private setStatus(value: number): void {
    if (value === 0) {
      this.driverReset();
      return;
    }
    const isModern = !this.options.isLegacy;
    if (isModern && (value & VIRTIO_STATUS.featuresOk) !== 0) this.acceptFeatures();
    const sticky = this.state.status & VIRTIO_STATUS.needsReset;
    const wasLive = this.isLive;
    this.state.status = (value & 0xff) | sticky;
    if (!wasLive) this.serveAll();
  }

  // Drivers say the page size once, before they reset the device.
  private driverReset(): void {
    const { pageBytes } = this.state;
    this.state = { ...initialState(this.queues.length), pageBytes };
    this.rest.cancel();
    this.driveLines();
    this.options.plugged?.reset();
  }

  private selected(): QueueState | null {
    return this.state.queues[this.state.queueSel] ?? null;
  }
}

function isTooNarrow(offset: number, bytes: DeviceBytes): boolean {
  return offset < VIRTIO_MMIO.configuration && bytes < CONTROL_BYTES;
}

// What the registers say stays, also that it is broken.
function stopQueue(queue: QueueState): void {
  Object.assign(queue, { ready: false, taken: 0, given: 0, announced: 0 });
}

// Descriptors, the driver's ring behind them, the device's at the next alignment.
function placeLegacy(queue: QueueState, start: bigint): void {
  const driver = start + BigInt(queue.size * VIRTQ_DESCRIPTOR.bytes);
  const end = driver + BigInt(VIRTQ_AVAILABLE.ring + VIRTQ_AVAILABLE.entryBytes * (queue.size + 1));
  const align = BigInt(queue.align);
  const device = ((end + align - 1n) / align) * align;
  Object.assign(queue, { ready: true, descriptors: start, driver, device });
}

function initialState(queues: number): TransportState {
  return {
    deviceFeaturesSel: 0,
    driverFeaturesSel: 0,
    requestedFeatures: 0n,
    driverFeatures: 0n,
    queueSel: 0,
    status: 0,
    interrupts: 0,
    isBroken: false,
    pageBytes: 1n,
    queues: Array.from({ length: queues }, emptyQueueState),
  };
}

function selector(value: bigint): number {
  return value > 1n ? 2 : Number(value);
}
