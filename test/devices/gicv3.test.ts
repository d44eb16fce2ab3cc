// GICv3: the redistributor's own interrupts, routing, groups, preemption, software interrupts, ends in two steps.

import { expect, test } from "vitest";
import { gicv3SystemRegisters } from "../../spec/devices/gicv3.ts";
import type { BusDevice } from "../../runtime/core/bus.ts";
import { Gicv3, type InterfaceView } from "../../runtime/devices/gicv3.ts";
import { Bench, load32, store32 } from "./support/bench.ts";

const GICD = { ctlr: 0, typer: 4, igroupr: 0x80, isenabler: 0x100, irouter: 0x6000 };
const SGI_FRAME = 0x10000;
const SPURIOUS = 1023n;

class Stand {
  readonly bench = new Bench();
  readonly gic: Gicv3;

  constructor() {
    this.gic = new Gicv3({
      name: "gic",
      interrupts: 288,
      cpus: [0, 1].map((cpu) => ({
        lines: {
          irq: this.bench.line(`irq${cpu}`),
          fiq: this.bench.line(`fiq${cpu}`),
          virtualIrq: this.bench.line(`virq${cpu}`),
          virtualFiq: this.bench.line(`vfiq${cpu}`),
        },
        affinity: BigInt(cpu),
      })),
      maintenanceInterrupt: 25,
    });
    store32(this.gic.distributor, GICD.ctlr, 3);
    for (const cpu of [0, 1]) {
      this.write(cpu, "icc_pmr_el1", 0xf8n);
      this.write(cpu, "icc_igrpen0_el1", 1n);
      this.write(cpu, "icc_igrpen1_el1", 1n);
    }
  }

  read(cpu: number, name: string, view: InterfaceView = "physical"): bigint {
    return this.gic.readSystemRegister(cpu, numberOf(name), view) ?? -1n;
  }

  write(cpu: number, name: string, value: bigint, view: InterfaceView = "physical"): void {
    expect(this.gic.writeSystemRegister(cpu, numberOf(name), value, view)).toBe(true);
  }

  /** Enables a shared interrupt of group 1 for one CPU. */
  enable(interrupt: number, priority: number, cpu = 0): void {
    const { distributor } = this.gic;
    const word = 4 * (interrupt >> 5);
    distributor.store(0x400 + interrupt, BigInt(priority), 1);
    distributor.store(GICD.irouter + 8 * interrupt, BigInt(cpu), 8);
    store32(distributor, GICD.igroupr + word, 0xffffffff);
    store32(distributor, GICD.isenabler + word, 1 << (interrupt & 31));
  }
}

function numberOf(name: string): number {
  const found = gicv3SystemRegisters.find((register) => register.name === name);
  if (found === undefined) throw new Error(name);
  return found.number;
}

test("a shared interrupt goes where its route says, until its line falls", () => {
  const at = new Stand();
  at.enable(40, 0x80, 1);
  at.gic.input(40).set(true);
  expect(at.bench.levels).toMatchObject({ irq0: false, irq1: true, fiq1: false });
  expect([at.read(1, "icc_iar0_el1"), at.read(1, "icc_hppir1_el1"), at.read(1, "icc_iar1_el1")]).toEqual([
    SPURIOUS,
    40n,
    40n,
  ]);
  expect([at.read(1, "icc_rpr_el1"), at.bench.levels["irq1"]]).toEqual([0x80n, false]);
  at.write(1, "icc_eoir1_el1", 40n);
  expect([at.read(1, "icc_rpr_el1"), at.bench.levels["irq1"]]).toEqual([0xffn, true]);
  at.gic.input(40).set(false);
  expect(at.bench.levels["irq1"]).toBe(false);
});

test("a private interrupt of group 0 is a fast interrupt of its CPU", () => {
  const at = new Stand();
  store32(at.gic.redistributors[1] ?? at.gic.distributor, SGI_FRAME + 0x100, 1 << 27);
  at.gic.privateInput(27, 0).set(true);
  at.gic.privateInput(27, 1).set(true);
  expect(at.bench.levels).toMatchObject({ irq0: false, fiq0: false, irq1: false, fiq1: true });
  expect(at.read(1, "icc_iar0_el1")).toBe(27n);
});

test("only a more urgent group priority preempts", () => {
  const at = new Stand();
  at.enable(40, 0x80);
  at.enable(41, 0x70);
  at.write(0, "icc_bpr1_el1", 6n);
  at.gic.input(40).set(true);
  expect(at.read(0, "icc_iar1_el1")).toBe(40n);
  at.gic.input(41).set(true);
  expect(at.read(0, "icc_iar1_el1")).toBe(41n);
  at.write(0, "icc_eoir1_el1", 41n);
  expect(at.read(0, "icc_rpr_el1")).toBe(0x80n);
});

test("software interrupts reach the CPUs of a list, or all others", () => {
  const at = new Stand();
  for (const redistributor of at.gic.redistributors) {
    store32(redistributor, SGI_FRAME + 0x80, 0xffff);
    store32(redistributor, SGI_FRAME + 0x100, 0xffff);
  }
  at.write(0, "icc_sgi1r_el1", (5n << 24n) | 3n);
  expect([at.read(0, "icc_iar1_el1"), at.read(1, "icc_iar1_el1")]).toEqual([5n, 5n]);
  at.write(0, "icc_eoir1_el1", 5n);
  at.write(1, "icc_eoir1_el1", 5n);
  at.write(0, "icc_sgi1r_el1", (6n << 24n) | (1n << 40n));
  expect([at.read(0, "icc_iar1_el1"), at.read(1, "icc_iar1_el1")]).toEqual([SPURIOUS, 6n]);
});

test("EOImode: EOIR drops the priority, DIR deactivates", () => {
  const at = new Stand();
  at.write(0, "icc_ctlr_el1", 2n);
  at.enable(40, 0x80);
  at.gic.input(40).set(true);
  expect(at.read(0, "icc_iar1_el1")).toBe(40n);
  at.write(0, "icc_eoir1_el1", 40n);
  expect([at.read(0, "icc_rpr_el1"), at.read(0, "icc_iar1_el1")]).toEqual([0xffn, SPURIOUS]);
  at.write(0, "icc_dir_el1", 40n);
  expect(at.read(0, "icc_iar1_el1")).toBe(40n);
});

/** A list register: pending, group 1, priority 0x80, with hardware behind it. */
function listed(virtualId: bigint, physicalId: bigint): bigint {
  return (1n << 62n) | (1n << 61n) | (1n << 60n) | (0x80n << 48n) | (physicalId << 32n) | virtualId;
}

test("a guest completes what its hypervisor listed, and with it the interrupt behind", () => {
  const at = new Stand();
  at.enable(40, 0x80);
  at.gic.input(40).set(true);
  at.write(0, "icc_ctlr_el1", 2n);
  expect(at.read(0, "icc_iar1_el1")).toBe(40n);
  at.write(0, "icc_eoir1_el1", 40n);
  at.write(0, "ich_hcr_el2", 1n);
  at.write(0, "ich_lr2_el2", listed(7n, 40n));
  expect(at.bench.levels).toMatchObject({ virq0: false, vfiq0: false });
  at.write(0, "icc_igrpen1_el1", 1n, "virtual");
  at.write(0, "icc_pmr_el1", 0xf8n, "virtual");
  expect([at.bench.levels["virq0"], at.bench.levels["virq1"]]).toEqual([true, false]);
  expect([at.read(0, "ich_vmcr_el2"), at.read(0, "ich_elrsr_el2")]).toEqual([0xf84c_000an, 0b1011n]);

  expect(at.read(0, "icc_iar1_el1", "virtual")).toBe(7n);
  expect([at.read(0, "icc_rpr_el1", "virtual"), at.read(0, "icc_rpr_el1")]).toEqual([0x80n, 0xffn]);
  expect([at.read(0, "ich_ap1r0_el2"), at.bench.levels["irq0"]]).toEqual([1n << 16n, false]);
  at.write(0, "icc_eoir1_el1", 7n, "virtual");
  expect([at.read(0, "ich_elrsr_el2"), at.bench.levels["irq0"]]).toEqual([0b1111n, true]);
});

test("a virtual interface in need of maintenance raises its CPU's interrupt 25", () => {
  const at = new Stand();
  store32(at.gic.redistributors[0] ?? at.gic.distributor, SGI_FRAME + 0x100, 1 << 25);
  at.write(0, "ich_lr0_el2", 1n << 41n);
  expect(at.bench.levels["fiq0"]).toBe(false);
  at.write(0, "ich_hcr_el2", 1n);
  expect([at.read(0, "ich_misr_el2"), at.read(0, "ich_eisr_el2")]).toEqual([1n, 1n]);
  expect([at.bench.levels["fiq0"], at.read(0, "icc_iar0_el1")]).toEqual([true, 25n]);
});

test("what is not in a list register is counted", () => {
  const at = new Stand();
  at.write(0, "ich_hcr_el2", 0b101n);
  at.write(0, "ich_ap1r0_el2", 1n << 5n);
  at.write(0, "icc_eoir1_el1", 33n, "virtual");
  expect([at.read(0, "ich_hcr_el2") >> 27n, at.read(0, "ich_ap1r0_el2")]).toEqual([1n, 0n]);
  expect(at.read(0, "ich_misr_el2")).toBe(4n);
});

test("says what it has: no LPIs, and which redistributor is the last", () => {
  const { gic } = new Stand();
  expect((load32(gic.distributor, GICD.typer) >> 17) & 1).toBe(0);
  expect(gic.redistributors.map((redistributor) => redistributor.load(8, 8))).toEqual([
    0n,
    (1n << 32n) | 0x110n,
  ]);
  expect(gic.readSystemRegister(0, 0, "physical")).toBeNull();
});

test("registers take the low bits of any value of 64 bits; SGIs have no range selector", () => {
  const stand = new Stand();
  const all = (1n << 64n) - 1n;
  stand.write(0, "icc_ctlr_el1", all);
  stand.write(0, "icc_pmr_el1", all);
  expect(stand.read(0, "icc_ctlr_el1") & 3n).toBe(3n);
  expect(stand.read(0, "icc_pmr_el1")).toBe(0xf8n);
  const frame: BusDevice = stand.gic.redistributors[0] ?? stand.gic.distributor;
  store32(frame, SGI_FRAME + GICD.igroupr, 0xffff_ffff);
  stand.write(0, "icc_sgi1r_el1", (1n << 44n) | (5n << 24n) | 1n);
  store32(frame, SGI_FRAME + GICD.isenabler, 1 << 5);
  expect(stand.read(0, "icc_iar1_el1")).toBe(5n);
});
