// GICv2's distributor (GICD), which also keeps the state of the other three windows.
//
// Relies on gicv2-cpu-interface.ts. An interrupt's bits are masks of CPUs: a private one has one bit a CPU, a shared one
// has all or none. As QEMU's: level-sensitive interrupts are pending while their line is high or after a store to
// ISPENDR; with one CPU there are no targets.

import {
  GIC_PRIVATE,
  GIC_SGIS,
  gicv2Distributor,
  gicv2Fields,
  type GicShape,
} from "../../spec/devices/gicv2.ts";
import { fieldMasks } from "../../spec/devices/schema.ts";
import type { InterruptLine } from "../core/interrupt-line.ts";
import type { Candidate, CpuInterfaceState, InterruptBank } from "./gicv2-cpu-interface.ts";
import type { VirtualCpuState } from "./gicv2-hypervisor.ts";
import {
  RegisterDevice,
  type DeviceOptions,
  type RegisterHandlers,
  type RegisterModel,
} from "./register-table.ts";

const CTLR = fieldMasks(gicv2Fields.gicdCtlr);

export interface Gicv2State {
  ctlr: number;
  /** By interrupt: masks of CPUs. */
  readonly enabled: number[];
  readonly pending: number[];
  readonly active: number[];
  readonly level: number[];
  readonly group: number[];
  readonly targets: number[];
  readonly isEdge: boolean[];
  /** Of shared interrupts; those of private ones by CPU, then interrupt. */
  readonly priority: number[];
  readonly privatePriority: number[][];
  /** By CPU, then software interrupt: mask of senders. */
  readonly senders: number[][];
  readonly interfaces: CpuInterfaceState[];
  readonly virtual: VirtualCpuState[];
}

export interface DistributorOptions extends DeviceOptions, GicShape {
  /** The CPU whose access is being answered. */
  readonly accessingCpu: () => number;
  readonly initialInterfaces: () => Pick<Gicv2State, "interfaces" | "virtual">;
  /** Something changed that outputs depend on. */
  readonly changed: () => void;
}

type Read = (index: number) => bigint;
type Write = (value: bigint, index: number) => void;
type Bits = "enabled" | "pending" | "active" | "group";

export class Gicv2Distributor extends RegisterDevice<Gicv2State> {
  private readonly options: DistributorOptions;
  private readonly allCpus: number;

  constructor(options: DistributorOptions) {
    super({ device: options, spec: gicv2Distributor(options), initialState: () => initialState(options) });
    this.options = options;
    this.allCpus = (1 << options.cpus) - 1;
    this.define({ ...this.bitRegisters(), ...this.otherRegisters(), ...this.senderRegisters() });
  }

  /** The state of all windows. */
  get shared(): Gicv2State {
    return this.state;
  }

  /** The line of a shared interrupt (32 and up), or of `cpu`'s private one (16 to 31). */
  input(interrupt: number, cpu: number | null): InterruptLine {
    const isPrivate = interrupt < GIC_PRIVATE;
    if (interrupt < GIC_SGIS || interrupt >= this.options.interrupts || isPrivate !== (cpu !== null)) {
      throw new Error(`${this.name} has no line ${interrupt} of CPU ${cpu ?? "any"}`);
    }
    const mask = cpu === null ? this.allCpus : 1 << cpu;
    return { set: (level) => this.setLevel(interrupt, mask, level) };
  }

  /** What `cpu`'s interface chooses from. */
  bank(cpu: number): InterruptBank {
    return {
      forwards: (group) => (this.state.ctlr & (group === 0 ? CTLR.enableGrp0 : CTLR.enableGrp1)) !== 0,
      best: () => this.best(cpu),
      find: (id) => (id < this.options.interrupts ? this.candidate(id, cpu) : null),
      activate: (id) => this.activate(id, cpu),
      deactivate: (id) => this.deactivate(id, cpu),
    };
  }

  deactivate(id: number, cpu: number): void {
    if (id < this.options.interrupts) this.clear("active", id, this.mask(id, cpu));
  }

  protected override driveLines(): void {
    this.options.changed();
  }

  private mask(id: number, cpu: number): number {
    return id < GIC_PRIVATE ? 1 << cpu : this.allCpus;
  }

  private set(bits: Bits, id: number, mask: number): void {
    this.state[bits][id] = (this.state[bits][id] ?? 0) | mask;
  }

  private clear(bits: Bits, id: number, mask: number): void {
    this.state[bits][id] = (this.state[bits][id] ?? 0) & ~mask;
  }

  private setLevel(id: number, mask: number, level: boolean): void {
    const { state } = this;
    const old = state.level[id] ?? 0;
    const now = level ? old | mask : old & ~mask;
    if (now === old) return;
    state.level[id] = now;
    if (level && state.isEdge[id] === true)
      this.set("pending", id, id < GIC_PRIVATE ? mask : this.targetsOf(id));
    this.options.changed();
  }

  private isPending(id: number, mask: number): boolean {
    const { pending, level, isEdge } = this.state;
    if (((pending[id] ?? 0) & mask) !== 0) return true;
    return isEdge[id] !== true && ((level[id] ?? 0) & mask) !== 0;
  }

  private targetsOf(id: number): number {
    return this.options.cpus === 1 ? 1 : (this.state.targets[id] ?? 0);
  }

  private priorityOf(id: number, cpu: number): number {
    const { priority, privatePriority } = this.state;
    return (id < GIC_PRIVATE ? privatePriority[cpu]?.[id] : priority[id]) ?? 0;
  }

  private candidate(id: number, cpu: number): Candidate {
    const isGroup1 = ((this.state.group[id] ?? 0) & this.mask(id, cpu)) !== 0;
    return { id, priority: this.priorityOf(id, cpu), group: isGroup1 ? 1 : 0 };
  }

  private best(cpu: number): Candidate | null {
    const { enabled, active } = this.state;
    const own = 1 << cpu;
    let found = -1;
    let least = 0x100;
    for (let id = 0; id < this.options.interrupts; id += 1) {
      const mask = id < GIC_PRIVATE ? own : this.allCpus;
      if (((enabled[id] ?? 0) & ~(active[id] ?? 0) & mask) === 0) continue;
      if (!this.isPending(id, mask)) continue;
      if (id >= GIC_PRIVATE && (this.targetsOf(id) & own) === 0) continue;
      const priority = this.priorityOf(id, cpu);
      if (priority >= least) continue;
      found = id;
      least = priority;
    }
    return found < 0 ? null : this.candidate(found, cpu);
  }

  private activate(id: number, cpu: number): number {
    this.set("active", id, this.mask(id, cpu));
    if (id >= GIC_SGIS) {
      this.clear("pending", id, this.mask(id, cpu));
      return id;
    }
    const senders = this.sendersOf(cpu, id);
    const sender = senders === 0 ? 0 : 31 - Math.clz32(senders & -senders);
    this.storeSenders(cpu, id, senders & ~(1 << sender));
    return id | (sender << 10);
  }

  private sendersOf(cpu: number, id: number): number {
    return this.state.senders[cpu]?.[id] ?? 0;
  }

  private storeSenders(cpu: number, id: number, senders: number): void {
    const own = this.state.senders[cpu];
    if (own !== undefined) own[id] = senders;
    if (senders === 0) this.clear("pending", id, 1 << cpu);
    else this.set("pending", id, 1 << cpu);
  }

  /** Word registers with one bit an interrupt: groups, and pairs of registers that set and clear. */
  private bitRegisters(): RegisterModel {
    const has = (bits: Bits): Read => this.readBits((id, mask) => ((this.state[bits][id] ?? 0) & mask) !== 0);
    const pending = this.readBits((id, mask) => this.isPending(id, mask));
    const pair = (read: Read, write: Write): RegisterHandlers => ({ read, write, narrowStores: "extend" });
    return {
      igroupr: {
        read: has("group"),
        write: this.writeBits(0, (id, mask, isSet) => {
          if (isSet) this.set("group", id, mask);
          else this.clear("group", id, mask);
        }),
      },
      isenabler: pair(
        has("enabled"),
        this.writeOnes(GIC_SGIS, (id, mask) => this.set("enabled", id, mask)),
      ),
      icenabler: pair(
        has("enabled"),
        this.writeOnes(GIC_SGIS, (id, mask) => this.clear("enabled", id, mask)),
      ),
      ispendr: pair(
        pending,
        this.writeOnes(GIC_SGIS, (id, mask) =>
          this.set("pending", id, id < GIC_PRIVATE ? mask : this.targetsOf(id)),
        ),
      ),
      icpendr: pair(
        pending,
        this.writeOnes(GIC_SGIS, (id) => this.clear("pending", id, this.allCpus)),
      ),
      isactiver: pair(
        has("active"),
        this.writeOnes(0, (id, mask) => this.set("active", id, mask)),
      ),
      icactiver: pair(
        has("active"),
        this.writeOnes(0, (id, mask) => this.clear("active", id, mask)),
      ),
    };
  }

  private readBits(test: (id: number, mask: number) => boolean): Read {
    return (word) => {
      let value = 0;
      for (let bit = 0; bit < 32; bit += 1) {
        const id = 32 * word + bit;
        if (test(id, this.mask(id, this.cpu()))) value |= 1 << bit;
      }
      return BigInt(value >>> 0);
    };
  }

  private writeBits(from: number, visit: (id: number, mask: number, isSet: boolean) => void): Write {
    return (value, word) => {
      for (let bit = 0; bit < 32; bit += 1) {
        const id = 32 * word + bit;
        if (id >= from) visit(id, this.mask(id, this.cpu()), ((Number(value) >>> bit) & 1) === 1);
      }
      this.options.changed();
    };
  }

  private writeOnes(from: number, visit: (id: number, mask: number) => void): Write {
    return this.writeBits(from, (id, mask, isSet) => {
      if (isSet) visit(id, mask);
    });
  }

  private otherRegisters(): RegisterModel {
    return {
      ctlr: {
        read: () => BigInt(this.state.ctlr),
        write: (value) => {
          this.state.ctlr = Number(value) & (CTLR.enableGrp0 | CTLR.enableGrp1);
          this.options.changed();
        },
      },
      ipriorityr: {
        read: (id) => BigInt(this.priorityOf(id, this.cpu())),
        write: (value, id) => {
          const owner = id < GIC_PRIVATE ? this.state.privatePriority[this.cpu()] : this.state.priority;
          if (owner !== undefined) owner[id] = Number(value);
          this.options.changed();
        },
      },
      itargetsr: {
        read: (id) => BigInt(this.loadTargets(id)),
        write: (value, id) => this.storeTargets(id, Number(value) & this.allCpus),
      },
      icfgr: {
        read: (word) => this.loadConfiguration(word),
        write: (value, word) => this.storeConfiguration(Number(value), word),
      },
      sgir: { write: (value) => this.sendSoftwareInterrupt(Number(value)), narrowStores: "extend" },
    };
  }

  private senderRegisters(): RegisterModel {
    const read: Read = (id) => BigInt(this.sendersOf(this.cpu(), id));
    const write =
      (merge: (old: number, value: number) => number): Write =>
      (value, id) => {
        this.storeSenders(this.cpu(), id, merge(this.sendersOf(this.cpu(), id), Number(value)));
        this.options.changed();
      };
    return {
      cpendsgir: { read, write: write((old, value) => old & ~value) },
      spendsgir: { read, write: write((old, value) => old | value) },
    };
  }

  private loadTargets(id: number): number {
    if (this.options.cpus === 1) return 0;
    return id < GIC_PRIVATE ? 1 << this.cpu() : (this.state.targets[id] ?? 0);
  }

  private storeTargets(id: number, mask: number): void {
    if (this.options.cpus === 1 || id < GIC_PRIVATE) return;
    this.state.targets[id] = mask;
    if ((this.state.pending[id] ?? 0) !== 0) this.state.pending[id] = mask;
    this.options.changed();
  }

  private loadConfiguration(word: number): bigint {
    let value = 0;
    for (let at = 0; at < 16; at += 1) if (this.state.isEdge[16 * word + at] === true) value |= 2 << (2 * at);
    return BigInt(value >>> 0);
  }

  /** Software interrupts are edge-triggered for good. */
  private storeConfiguration(value: number, word: number): void {
    for (let at = 0; at < 16; at += 1) {
      const id = 16 * word + at;
      if (id >= GIC_SGIS) this.state.isEdge[id] = ((value >>> (2 * at)) & 2) !== 0;
    }
    this.options.changed();
  }

  private sendSoftwareInterrupt(value: number): void {
    const own = 1 << this.cpu();
    const filters = [(value >>> 16) & this.allCpus, this.allCpus & ~own, own, this.allCpus];
    const targets = filters[(value >>> 24) & 3] ?? 0;
    const id = value & 0xf;
    for (let cpu = 0; cpu < this.options.cpus; cpu += 1) {
      if ((targets & (1 << cpu)) !== 0) this.storeSenders(cpu, id, this.sendersOf(cpu, id) | own);
    }
    this.options.changed();
  }

  private cpu(): number {
    return this.options.accessingCpu();
  }
}

function initialState({ interrupts, cpus, initialInterfaces }: DistributorOptions): Gicv2State {
  const every = <T>(value: T): T[] => Array.from({ length: interrupts }, () => value);
  const byCpu = (length: number): number[][] =>
    Array.from({ length: cpus }, () => Array.from({ length }, () => 0));
  return {
    ctlr: 0,
    enabled: every(0).map((_, id) => (id < GIC_SGIS ? (1 << cpus) - 1 : 0)),
    pending: every(0),
    active: every(0),
    level: every(0),
    group: every(0),
    targets: every(0),
    isEdge: every(false).map((_, id) => id < GIC_SGIS),
    priority: every(0),
    privatePriority: byCpu(GIC_PRIVATE),
    senders: byCpu(GIC_SGIS),
    ...initialInterfaces(),
  };
}
