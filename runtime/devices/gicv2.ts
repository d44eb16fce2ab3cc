// GICv2: four windows over one state, and the lines between distributor, CPU interfaces and CPUs.
//
// Relies on the files of its parts. The distributor owns the state; the other windows save nothing of their own.

import {
  gicv2CpuInterface,
  gicv2Hypervisor,
  gicv2VirtualCpuInterface,
  type GicShape,
} from "../../spec/devices/gicv2.ts";
import type { DeviceSpec } from "../../spec/devices/schema.ts";
import type { InterruptLine } from "../core/interrupt-line.ts";
import { CpuInterface, initialCpuInterface, isGroupEnabled, PHYSICAL_SHAPE, VIRTUAL_SHAPE } from "./gicv2-cpu-interface.ts"; // prettier-ignore
import { Gicv2Distributor } from "./gicv2-distributor.ts";
import { VirtualInterrupts } from "./gic-list-registers.ts";
import { hypervisorModel, initialVirtualCpu, type HypervisorView } from "./gicv2-hypervisor.ts";
import { RegisterDevice, type DeviceOptions, type RegisterModel } from "./register-table.ts";

/** What a GIC drives at one CPU. */
export interface GicCpuLines {
  readonly irq: InterruptLine;
  readonly fiq: InterruptLine;
  readonly virtualIrq: InterruptLine;
  readonly virtualFiq: InterruptLine;
}

export interface Gicv2Options extends DeviceOptions, Pick<GicShape, "interrupts"> {
  /** By CPU. */
  readonly lines: readonly GicCpuLines[];
  /** The CPU whose access is being answered. */
  readonly accessingCpu: () => number;
  /** The private interrupt that a virtual interface in need of maintenance raises. */
  readonly maintenanceInterrupt: number;
}

interface Cpu {
  readonly lines: GicCpuLines;
  readonly physical: CpuInterface;
  readonly virtual: CpuInterface;
  readonly virtualInterrupts: VirtualInterrupts;
  readonly maintenance: InterruptLine;
}

export class Gicv2 {
  readonly distributor: Gicv2Distributor;
  readonly cpuInterface: SharedWindow;
  readonly hypervisor: SharedWindow;
  readonly virtualCpuInterface: SharedWindow;
  private readonly cpus: readonly Cpu[];

  constructor(options: Gicv2Options) {
    const { name, lines, interrupts, accessingCpu } = options;
    const changed = (): void => this.update();
    this.cpus = [];
    this.distributor = new Gicv2Distributor({
      ...options,
      interrupts,
      cpus: lines.length,
      initialInterfaces: () => ({
        interfaces: lines.map(() => initialCpuInterface(PHYSICAL_SHAPE)),
        virtual: lines.map(() => initialVirtualCpu()),
      }),
      changed,
    });
    this.cpus = lines.map((own, index) => this.makeCpu(own, index, options.maintenanceInterrupt));
    const cpu = (): Cpu => {
      const found = this.cpus[accessingCpu()];
      if (found === undefined) throw new Error(`${name} has no CPU ${accessingCpu()}`);
      return found;
    };
    const window = (spec: DeviceSpec, suffix: string, model: RegisterModel): SharedWindow =>
      new SharedWindow({ ...options, name: `${name} ${suffix}` }, spec, model);
    const physical = CpuInterface.model(() => cpu().physical, changed);
    const virtual = CpuInterface.model(() => cpu().virtual, changed);
    const view = (): HypervisorView => ({
      state: this.virtualState(accessingCpu()),
      interrupts: cpu().virtualInterrupts,
      cpuInterface: cpu().virtual,
    });
    this.cpuInterface = window(gicv2CpuInterface, "cpu interface", physical);
    this.virtualCpuInterface = window(gicv2VirtualCpuInterface, "virtual cpu interface", virtual);
    this.hypervisor = window(gicv2Hypervisor, "hypervisor", hypervisorModel(view, changed));
  }

  /** The line of a shared interrupt, 32 and up. */
  input(interrupt: number): InterruptLine {
    return this.distributor.input(interrupt, null);
  }

  /** The line of `cpu`'s private interrupt, 16 to 31. */
  privateInput(interrupt: number, cpu: number): InterruptLine {
    return this.distributor.input(interrupt, cpu);
  }

  private makeCpu(lines: GicCpuLines, index: number, maintenanceInterrupt: number): Cpu {
    const { distributor } = this;
    const interfaceState = () => required(distributor.shared.interfaces[index]);
    const virtual = () => this.virtualState(index);
    const virtualInterrupts = new VirtualInterrupts(virtual, {
      isEnabled: (group) => isGroupEnabled(virtual().interface, group),
      skipsDisabledGroups: false,
      deactivatePhysical: (id) => distributor.deactivate(id, index),
    });
    return {
      lines,
      physical: new CpuInterface(interfaceState, distributor.bank(index), PHYSICAL_SHAPE),
      virtual: new CpuInterface(() => virtual().interface, virtualInterrupts, VIRTUAL_SHAPE),
      virtualInterrupts,
      maintenance: distributor.input(maintenanceInterrupt, index),
    };
  }

  private virtualState(cpu: number) {
    return required(this.distributor.shared.virtual[cpu]);
  }

  private update(): void {
    for (const { lines, physical, virtual, virtualInterrupts, maintenance } of this.cpus) {
      const guest = virtual.signals();
      lines.virtualIrq.set(guest.irq);
      lines.virtualFiq.set(guest.fiq);
      maintenance.set(virtualInterrupts.needsMaintenance());
      const own = physical.signals();
      lines.irq.set(own.irq);
      lines.fiq.set(own.fiq);
    }
  }
}

/** A window whose registers are part of another device's state. */
export class SharedWindow extends RegisterDevice<object> {
  constructor(device: DeviceOptions, spec: DeviceSpec, model: RegisterModel) {
    super({ device, spec, initialState: () => ({}), narrowStores: "extend" });
    this.define(model);
  }
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("a CPU that the GIC does not have");
  return value;
}
