// GICv3: distributor, redistributors, and CPU interfaces behind system registers, over one state.
//
// Relies on its other files and gic-list-registers.ts. The distributor owns the state; redistributors save nothing of
// their own. There is one security state, affinity routing is always on, and there are no LPIs (GICD_TYPER says so). Who
// may access a system register, and whether a guest meets the virtual interface, decides runtime/isa/arm64.

import { GIC_PRIVATE, GIC_SGIS, type GicShape } from "../../spec/devices/gicv2.ts";
import {
  gicv3Distributor,
  gicv3Fields,
  gicv3Redistributor,
  gicv3SystemRegisters,
} from "../../spec/devices/gicv3.ts";
import { fieldMasks } from "../../spec/devices/schema.ts";
import type { InterruptLine } from "../core/interrupt-line.ts";
import { VirtualInterrupts } from "./gic-list-registers.ts";
import type { GicCpuLines } from "./gicv2.ts";
import type { Candidate, InterruptBank } from "./gicv2-cpu-interface.ts";
import {
  Gicv3CpuInterface,
  Gicv3VirtualCpuInterface,
  initialIcc,
  type IccState,
  type SystemRegisterModel,
} from "./gicv3-cpu-interface.ts";
import { hypervisorRegisters, initialVirtualIcc, type VirtualIccState } from "./gicv3-hypervisor.ts";
import {
  emptySet,
  groupOf,
  mostUrgent,
  setLine,
  setRegisters,
  type InterruptSet,
} from "./gicv3-interrupts.ts";
import { RegisterDevice, type DeviceOptions } from "./register-table.ts";

const CTLR = fieldMasks(gicv3Fields.gicdCtlr);
const WAKER = fieldMasks(gicv3Fields.waker);
/** Affinity of a CPU as IROUTER has it: levels 0 to 2 in 24 bits, level 3 above bit 32. */
const ROUTE_MASK = 0xff_80ff_ffffn;
const ROUTE_ANY = 1n << 31n;
const REGISTERS = new Map(gicv3SystemRegisters.map((register) => [register.number, register]));

/** ICC_SRE: system registers are on for good, and at every level. */
const SRE = { el1: 7n, el2: 0xfn } as const;

export interface Gicv3Options extends DeviceOptions, Pick<GicShape, "interrupts"> {
  /** By CPU. */
  readonly cpus: readonly { readonly lines: GicCpuLines; readonly affinity: bigint }[];
  /** The private interrupt that a virtual interface in need of maintenance raises. */
  readonly maintenanceInterrupt: number;
}

/** Which of a CPU's two interfaces an access to ICC_* meets. */
export type InterfaceView = "physical" | "virtual";

interface Cpu {
  readonly physical: Gicv3CpuInterface;
  readonly virtual: Gicv3VirtualCpuInterface;
  readonly virtualInterrupts: VirtualInterrupts;
  /** By view. */
  readonly registers: Readonly<Record<InterfaceView, SystemRegisterModel>>;
  readonly maintenance: InterruptLine;
}

interface Gicv3State {
  groups: number;
  readonly shared: InterruptSet;
  /** Where each shared interrupt goes. */
  readonly routes: bigint[];
  readonly private: InterruptSet[];
  readonly waker: number[];
  readonly icc: IccState[];
  readonly virtual: VirtualIccState[];
}

export class Gicv3 {
  readonly distributor: Gicv3Distributor;
  /** By CPU, each in a window of its own. */
  readonly redistributors: readonly Gicv3Redistributor[];
  private readonly cpus: readonly Cpu[];
  private readonly options: Gicv3Options;

  constructor(options: Gicv3Options) {
    this.options = options;
    this.cpus = [];
    const changed = (): void => this.update();
    this.distributor = new Gicv3Distributor(options, changed);
    this.cpus = options.cpus.map((_, cpu) => this.makeCpu(cpu));
    this.redistributors = options.cpus.map(
      (_, cpu) =>
        new Gicv3Redistributor(options, cpu, { changed, current: () => this.distributor.current() }),
    );
  }

  /** The line of a shared interrupt, 32 and up. */
  input(interrupt: number): InterruptLine {
    if (interrupt < GIC_PRIVATE || interrupt >= this.options.interrupts) {
      throw new Error(`${this.options.name} has no shared interrupt ${interrupt}`);
    }
    return setLine(
      () => this.distributor.current().shared,
      interrupt - GIC_PRIVATE,
      () => this.update(),
    );
  }

  /** The line of `cpu`'s private interrupt, 16 to 31. */
  privateInput(interrupt: number, cpu: number): InterruptLine {
    if (interrupt < GIC_SGIS || interrupt >= GIC_PRIVATE) {
      throw new Error(`${this.options.name} has no private interrupt ${interrupt}`);
    }
    return setLine(
      () => at(this.distributor.current().private, cpu),
      interrupt,
      () => this.update(),
    );
  }

  /** What `cpu` reads from the system register of this number; null: it is not one of the GIC's that can be read. */
  readSystemRegister(cpu: number, number: number, view: InterfaceView): bigint | null {
    const register = REGISTERS.get(number);
    if (register === undefined || register.access === "wo") return null;
    const value = at(this.cpus, cpu).registers[view][register.name]?.read?.() ?? 0n;
    this.update();
    return value;
  }

  /** False: it is not one of the GIC's that can be written. */
  writeSystemRegister(cpu: number, number: number, value: bigint, view: InterfaceView): boolean {
    const register = REGISTERS.get(number);
    if (register === undefined || register.access === "ro") return false;
    at(this.cpus, cpu).registers[view][register.name]?.write?.(value);
    this.update();
    return true;
  }

  private makeCpu(cpu: number): Cpu {
    const bank = this.bank(cpu);
    const state = () => this.distributor.current();
    const physical = new Gicv3CpuInterface(() => at(state().icc, cpu), bank);
    const current = (): VirtualIccState => at(state().virtual, cpu);
    const virtualInterrupts = new VirtualInterrupts(current, {
      isEnabled: (group) => current().icc.isEnabled[group],
      skipsDisabledGroups: true,
      deactivatePhysical: (id) => bank.deactivate(id, false),
    });
    const virtual = new Gicv3VirtualCpuInterface(() => current().icc, virtualInterrupts);
    const shared: SystemRegisterModel = {
      icc_sre_el1: { read: () => SRE.el1 },
      icc_sre_el2: { read: () => SRE.el2 },
      icc_sgi0r_el1: { write: (value) => this.sendSoftwareInterrupt(cpu, value, 0) },
      icc_sgi1r_el1: { write: (value) => this.sendSoftwareInterrupt(cpu, value, 1) },
      icc_asgi1r_el1: { write: (value) => this.sendSoftwareInterrupt(cpu, value, 0) },
      ...hypervisorRegisters({ current, interrupts: virtualInterrupts, cpuInterface: virtual }),
    };
    return {
      physical,
      virtual,
      virtualInterrupts,
      registers: {
        physical: { ...shared, ...physical.registers },
        virtual: { ...shared, ...virtual.registers },
      },
      maintenance: this.privateInput(this.options.maintenanceInterrupt, cpu),
    };
  }

  private update(): void {
    for (const [index, { physical, virtual, virtualInterrupts, maintenance }] of this.cpus.entries()) {
      const { lines } = at(this.options.cpus, index);
      const guest = virtual.signals();
      lines.virtualIrq.set(guest.irq);
      lines.virtualFiq.set(guest.fiq);
      maintenance.set(virtualInterrupts.needsMaintenance());
      const own = physical.signals();
      lines.irq.set(own.irq);
      lines.fiq.set(own.fiq);
    }
  }

  /** What `cpu`'s interface chooses from: its own interrupts and those that are routed to it. */
  private bank(cpu: number): InterruptBank {
    const place = (id: number): { readonly set: InterruptSet; readonly index: number } => {
      const { shared, private: own } = this.distributor.current();
      return id < GIC_PRIVATE ? { set: at(own, cpu), index: id } : { set: shared, index: id - GIC_PRIVATE };
    };
    const candidate = (id: number): Candidate => {
      const { set, index } = place(id);
      return { id, priority: set.priority[index] ?? 0, group: groupOf(set, index) };
    };
    const forwards = (group: 0 | 1): boolean =>
      (this.distributor.current().groups & (group === 0 ? CTLR.enableGrp0 : CTLR.enableGrp1)) !== 0;
    return {
      forwards,
      find: (id) => (id < this.options.interrupts ? candidate(id) : null),
      best: () => {
        const { shared, private: own } = this.distributor.current();
        const mine = mostUrgent(at(own, cpu), (id) => forwards(groupOf(at(own, cpu), id)));
        const routed = mostUrgent(
          shared,
          (index) => forwards(groupOf(shared, index)) && this.isRoutedTo(index, cpu),
        );
        const [first, second] = [mine, routed].map((index, i) =>
          index < 0 ? null : candidate(index + i * GIC_PRIVATE),
        );
        if (!first || !second) return first ?? second ?? null;
        return second.priority < first.priority ? second : first;
      },
      activate: (id) => {
        const { set, index } = place(id);
        set.isActive[index] = true;
        set.isPending[index] = false;
        return id;
      },
      deactivate: (id) => {
        if (id >= this.options.interrupts) return;
        const { set, index } = place(id);
        set.isActive[index] = false;
      },
    };
  }

  /** An interrupt for any CPU goes to the first one. */
  private isRoutedTo(index: number, cpu: number): boolean {
    const route = this.distributor.current().routes[index] ?? 0n;
    return (route & ROUTE_ANY) !== 0n ? cpu === 0 : route === at(this.options.cpus, cpu).affinity;
  }

  /** Affinity levels 3, 2 and 1 name a cluster, and a mask those of its first 16 CPUs that are meant. */
  private sendSoftwareInterrupt(sender: number, value: bigint, group: 0 | 1): void {
    const id = Number((value >> 24n) & 0xfn);
    const part = (low: bigint, bits: bigint): bigint => (value >> low) & ((1n << bits) - 1n);
    const isForAllOthers = part(40n, 1n) === 1n;
    const cluster = (part(48n, 8n) << 32n) | (part(32n, 8n) << 16n) | (part(16n, 8n) << 8n);
    for (const [cpu, { affinity }] of this.options.cpus.entries()) {
      const inCluster = affinity & 0xffn;
      const isNamed =
        (affinity & ~0xffn) === cluster && inCluster < 16n && ((value >> inCluster) & 1n) === 1n;
      if (isForAllOthers ? cpu === sender : !isNamed) continue;
      const set = at(this.distributor.current().private, cpu);
      // A software interrupt arrives only as one of its own group.
      if (set.isGroup1[id] === (group === 1)) set.isPending[id] = true;
    }
  }
}

export class Gicv3Distributor extends RegisterDevice<Gicv3State> {
  /** Called after whatever may change the outputs. */
  readonly changed: () => void;

  constructor(options: Gicv3Options, changed: () => void) {
    const sharedCount = options.interrupts - GIC_PRIVATE;
    super({
      device: options,
      spec: gicv3Distributor(options),
      initialState: () => ({
        groups: 0,
        shared: emptySet(sharedCount, 0),
        routes: Array.from({ length: sharedCount }, () => 0n),
        private: options.cpus.map(() => emptySet(GIC_PRIVATE, GIC_SGIS)),
        waker: options.cpus.map(() => WAKER.processorSleep | WAKER.childrenAsleep),
        icc: options.cpus.map(() => initialIcc()),
        virtual: options.cpus.map(() => initialVirtualIcc()),
      }),
    });
    this.changed = changed;
    this.define({
      ctlr: {
        read: () => BigInt(this.state.groups | CTLR.are | CTLR.ds),
        write: (value) => {
          this.state.groups = Number(value) & (CTLR.enableGrp0 | CTLR.enableGrp1);
          changed();
        },
      },
      irouter: {
        read: (index) => this.state.routes[index] ?? 0n,
        write: (value, index) => {
          this.state.routes[index] = value & ROUTE_MASK;
          changed();
        },
      },
      ...setRegisters(() => this.state.shared, 0, changed),
    });
  }

  /** The state of all parts. */
  current(): Gicv3State {
    return this.state;
  }

  protected override driveLines(): void {
    this.changed();
  }
}

/** One CPU's redistributor. */
export class Gicv3Redistributor extends RegisterDevice<object> {
  constructor(
    options: Gicv3Options,
    cpu: number,
    { changed, current }: Pick<Gicv3Distributor, "changed" | "current">,
  ) {
    super({
      device: { ...options, name: `${options.name} redistributor${cpu}` },
      spec: gicv3Redistributor(),
      initialState: () => ({}),
    });
    const { affinity } = at(options.cpus, cpu);
    // Affinity levels 3 to 0 in one word.
    const packed = (affinity & 0xff_ffffn) | (((affinity >> 32n) & 0xffn) << 24n);
    const isLast = cpu === options.cpus.length - 1;
    this.define({
      typer: { read: () => (packed << 32n) | (BigInt(cpu) << 8n) | (isLast ? 1n << 4n : 0n) },
      waker: {
        read: () => BigInt(current().waker[cpu] ?? 0),
        write: (value) => {
          // The children sleep and wake with the processor.
          const isAsleep = (Number(value) & WAKER.processorSleep) !== 0;
          current().waker[cpu] = isAsleep ? WAKER.processorSleep | WAKER.childrenAsleep : 0;
        },
      },
      ...setRegisters(() => at(current().private, cpu), GIC_SGIS, changed),
    });
  }
}

function at<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined) throw new Error(`there is no CPU ${index}`);
  return item;
}
