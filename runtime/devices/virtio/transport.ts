// The memory-mapped virtio transport: features, queues and interrupts of one device, modern or legacy.
//
// Relies on register-table.ts, virtqueue.ts and function.ts; registers as VIRTIO 1.2, 4.2.2 and (legacy) 4.2.4 say. An
// empty slot is a transport without a function. A driver that breaks a rule finds DEVICE_NEEDS_RESET in the status, and
// `onMalformed` hears why.

import {
  VIRTIO_DEVICE,
  VIRTIO_FEATURE,
  VIRTIO_INTERRUPT,
  VIRTIO_STATUS,
  VIRTQ_AVAILABLE,
  VIRTQ_DESCRIPTOR,
} from "../../../spec/devices/virtio.ts";
import { VIRTIO_MMIO, virtioMmio } from "../../../spec/devices/virtio-mmio.ts";
import type { InterruptLine } from "../../core/interrupt-line.ts";
import {
  RegisterDevice,
  type DeviceOptions,
  type RegisterHandlers,
  type RegisterModel,
} from "../register-table.ts";
import type { VirtioFunction, VirtioPort } from "./function.ts";
import type { GuestMemory } from "./guest-memory.ts";
import { emptyQueueState, MAX_QUEUE_SIZE, Virtqueue, type QueueState } from "./virtqueue.ts";

export interface VirtioMmioOptions extends DeviceOptions {
  /** Bytes of the window. */
  readonly bytes: number;
  readonly isLegacy: boolean;
  /** Null: nothing is plugged in. */
  readonly plugged: VirtioFunction | null;
  readonly memory: GuestMemory;
  readonly line: InterruptLine;
  /** The driver broke a rule: told once for each reset. */
  readonly onMalformed?: (why: string) => void;
}

interface TransportState {
  deviceFeaturesSel: number;
  driverFeaturesSel: number;
  driverFeatures: bigint;
  queueSel: number;
  status: number;
  interrupts: number;
  generation: number;
  /** Legacy. */
  pageBytes: number;
  align: number;
  readonly queues: QueueState[];
  /** Of the function. */
  own: unknown;
}

const LEGACY_FEATURES = VIRTIO_FEATURE.notifyOnEmpty | VIRTIO_FEATURE.anyLayout;
const COMMON_FEATURES = VIRTIO_FEATURE.indirectDescriptors | VIRTIO_FEATURE.eventIndex;
const DEFAULT_ALIGN = 4096;

export class VirtioMmio extends RegisterDevice<TransportState> implements VirtioPort {
  private readonly options: VirtioMmioOptions;
  private readonly queues: readonly Virtqueue[];
  private readonly offered: bigint;

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
    const features = {
      indirect: () => this.has(VIRTIO_FEATURE.indirectDescriptors),
      event: () => this.has(VIRTIO_FEATURE.eventIndex),
    };
    this.queues = Array.from({ length: count }, (_, index) => {
      const state = (): QueueState => this.state.queues[index] ?? emptyQueueState();
      return new Virtqueue(memory, state, () => ({
        indirectDescriptors: features.indirect(),
        eventIndex: features.event(),
      }));
    });
    this.define(this.model());
    plugged?.plug(this);
  }

  get isLive(): boolean {
    return isLiveStatus(this.state.status);
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

  configurationChanged(): void {
    this.state.generation = (this.state.generation + 1) >>> 0;
    if (this.isLive) this.interrupt(VIRTIO_INTERRUPT.configuration);
  }

  override reset(): void {
    this.options.plugged?.reset();
    super.reset();
  }

  override saveState(): TransportState {
    this.state.own = this.options.plugged?.saveState() ?? null;
    return super.saveState();
  }

  override restoreState(state: unknown): void {
    super.restoreState(state);
    this.options.plugged?.restoreState(this.state.own);
  }

  protected override driveLines(): void {
    this.options.line.set(this.state.interrupts !== 0);
  }

  private interrupt(cause: number): void {
    this.state.interrupts |= cause;
    this.driveLines();
  }

  private noteBroken(): void {
    const broken = this.state.queues.find((queue) => queue.broken !== null);
    if (broken === undefined || (this.state.status & VIRTIO_STATUS.needsReset) !== 0) return;
    this.state.status |= VIRTIO_STATUS.needsReset;
    this.options.onMalformed?.(broken.broken ?? "");
    this.interrupt(VIRTIO_INTERRUPT.configuration);
  }

  private model(): RegisterModel {
    const { plugged, isLegacy } = this.options;
    const { legacy, modern } = VIRTIO_MMIO.version;
    const fixed = (value: bigint): RegisterHandlers => ({ read: () => value });
    return {
      magic_value: fixed(VIRTIO_MMIO.magic),
      version: fixed(isLegacy ? legacy : modern),
      device_id: fixed(BigInt(plugged?.deviceId ?? VIRTIO_DEVICE.none)),
      vendor_id: fixed(VIRTIO_MMIO.vendor),
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
      config_generation: { read: () => BigInt(this.state.generation) },
      config: { read: (offset) => BigInt(plugged?.readConfiguration(offset) ?? 0) },
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
          if ((this.state.status & VIRTIO_STATUS.featuresOk) !== 0) return;
          const low = BigInt(32 * this.state.driverFeaturesSel);
          const others = this.state.driverFeatures & ~(0xffff_ffffn << low);
          this.state.driverFeatures = (others | (value << low)) & this.offered;
        },
      },
    };
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
          if (value === 1n) queue.ready = queue.size > 0;
          else Object.assign(queue, emptyQueueState(), { size: queue.size });
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
      guest_page_size: { write: (value) => (this.state.pageBytes = Number(value)) },
      queue_align: { write: (value) => (this.state.align = Number(value)) },
      queue_pfn: {
        read: () => {
          const queue = this.selected();
          if (queue?.ready !== true || this.state.pageBytes === 0) return 0n;
          return queue.descriptors / BigInt(this.state.pageBytes);
        },
        write: (value) => {
          const queue = this.selected();
          if (queue === null) return;
          const { size } = queue;
          Object.assign(queue, emptyQueueState(), { size });
          if (value !== 0n && size > 0) this.placeLegacy(queue, value * BigInt(this.state.pageBytes));
        },
      },
    };
  }

  // Descriptors, the driver's ring behind them, the device's at the next alignment.
  private placeLegacy(queue: QueueState, start: bigint): void {
    const driver = start + BigInt(queue.size * VIRTQ_DESCRIPTOR.bytes);
    const end = driver + BigInt(VIRTQ_AVAILABLE.ring + VIRTQ_AVAILABLE.entryBytes * (queue.size + 1));
    const align = BigInt(Math.max(1, this.state.align));
    const device = ((end + align - 1n) / align) * align;
    Object.assign(queue, { ready: true, descriptors: start, driver, device });
  }

  private setStatus(value: number): void {
    if (value === 0) {
      this.options.plugged?.reset();
      this.state = initialState(this.queues.length);
      this.driveLines();
      return;
    }
    const sticky = this.state.status & VIRTIO_STATUS.needsReset;
    const wasLive = isLiveStatus(this.state.status);
    this.state.status = (value & 0xff) | sticky;
    if (!this.options.isLegacy && !this.has(VIRTIO_FEATURE.version1)) {
      // A driver that does not know version 1 cannot use the modern layout.
      this.state.status &= ~VIRTIO_STATUS.featuresOk;
    }
    if (!wasLive && isLiveStatus(this.state.status)) {
      for (const index of this.queues.keys()) this.options.plugged?.notified(index);
    }
    this.noteBroken();
  }

  private selected(): QueueState | null {
    return this.state.queues[this.state.queueSel] ?? null;
  }
}

function isLiveStatus(status: number): boolean {
  return (status & VIRTIO_STATUS.driverOk) !== 0 && (status & VIRTIO_STATUS.needsReset) === 0;
}

function initialState(queues: number): TransportState {
  return {
    deviceFeaturesSel: 0,
    driverFeaturesSel: 0,
    driverFeatures: 0n,
    queueSel: 0,
    status: 0,
    interrupts: 0,
    generation: 0,
    pageBytes: 0,
    align: DEFAULT_ALIGN,
    queues: Array.from({ length: queues }, emptyQueueState),
    own: null,
  };
}

function selector(value: bigint): number {
  return value > 1n ? 2 : Number(value);
}
