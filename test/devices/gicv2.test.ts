// GICv2: private and shared interrupts, priorities and preemption, software interrupts, ends in two steps, the virtual
// interface.

import { expect, test } from "vitest";
import type { BusDevice } from "../../runtime/core/bus.ts";
import { Gicv2 } from "../../runtime/devices/gicv2.ts";
import { Bench, load32, store32 } from "./support/bench.ts";

const GICD = { ctlr: 0, isenabler: 0x100, ispendr: 0x200, isactiver: 0x300, icfgr: 0xc00, sgir: 0xf00 };
const GICC = { ctlr: 0, pmr: 4, bpr: 8, iar: 0xc, eoir: 0x10, rpr: 0x14, hppir: 0x18, dir: 0x1000 };
const GICH = { hcr: 0, vtr: 4, misr: 0x10, eisr: 0x20, elrsr: 0x30, lr: 0x100 };
const SPURIOUS = 1023;

class Stand {
  readonly bench = new Bench();
  readonly gic: Gicv2;
  cpu = 0;

  constructor() {
    this.gic = new Gicv2({
      name: "gic",
      interrupts: 288,
      accessingCpu: () => this.cpu,
      maintenanceInterrupt: 25,
      lines: [0, 1].map((cpu) => ({
        irq: this.bench.line(`irq${cpu}`),
        fiq: this.bench.line(`fiq${cpu}`),
        virtualIrq: this.bench.line(`virtualIrq${cpu}`),
        virtualFiq: this.bench.line(`virtualFiq${cpu}`),
      })),
    });
    store32(this.distributor, GICD.ctlr, 3);
    for (this.cpu of [1, 0]) {
      store32(this.gic.cpuInterface, GICC.ctlr, 3);
      store32(this.gic.cpuInterface, GICC.pmr, 0xff);
    }
  }

  get distributor(): BusDevice {
    return this.gic.distributor;
  }

  /** Enables a shared interrupt for `cpus`. */
  enable(interrupt: number, priority: number, cpus = 1): void {
    this.distributor.store(0x400 + interrupt, BigInt(priority), 1);
    this.distributor.store(0x800 + interrupt, BigInt(cpus), 1);
    store32(this.distributor, GICD.isenabler + 4 * (interrupt >> 5), 1 << (interrupt & 31));
  }

  load(register: keyof typeof GICC): number {
    return load32(this.gic.cpuInterface, GICC[register]);
  }

  store(register: keyof typeof GICC, value: number): void {
    store32(this.gic.cpuInterface, GICC[register], value);
  }
}

test("a level-sensitive interrupt is signalled to its targets until its line falls", () => {
  const at = new Stand();
  at.enable(40, 0x80, 2);
  at.gic.input(40).set(true);
  expect([at.bench.levels["irq0"], at.bench.levels["irq1"]]).toEqual([false, true]);
  expect(at.load("iar")).toBe(SPURIOUS);
  at.cpu = 1;
  expect([at.load("hppir"), at.load("iar"), at.load("rpr")]).toEqual([40, 40, 0x80]);
  expect(at.bench.levels["irq1"]).toBe(false);
  at.store("eoir", 40);
  expect([at.bench.levels["irq1"], at.load("rpr")]).toEqual([true, 0xff]);
  at.gic.input(40).set(false);
  expect([at.bench.levels["irq1"], at.load("iar")]).toEqual([false, SPURIOUS]);
});

test("an edge-triggered interrupt stays pending after its line fell, once", () => {
  const at = new Stand();
  at.enable(33, 0x80);
  store32(at.distributor, GICD.icfgr + 8, 2 << 2);
  at.gic.input(33).set(true);
  at.gic.input(33).set(false);
  expect(at.load("iar")).toBe(33);
  at.store("eoir", 33);
  expect(at.load("iar")).toBe(SPURIOUS);
});

test("only a more urgent group priority preempts", () => {
  const at = new Stand();
  at.enable(40, 0x40);
  at.enable(41, 0x30);
  at.enable(42, 0x10);
  at.store("bpr", 5);
  at.gic.input(40).set(true);
  expect(at.load("iar")).toBe(40);
  at.gic.input(41).set(true);
  // Binary point 5: priorities 0x30 and 0x10 are one group, 0x40 another.
  expect(at.bench.levels["irq0"]).toBe(true);
  expect(at.load("iar")).toBe(41);
  at.gic.input(42).set(true);
  expect([at.bench.levels["irq0"], at.load("hppir"), at.load("rpr")]).toEqual([false, 42, 0]);
});

test("software interrupts carry their sender and are pending once a sender", () => {
  const at = new Stand();
  at.cpu = 0;
  store32(at.distributor, GICD.sgir, (2 << 16) | 5);
  at.cpu = 1;
  store32(at.distributor, GICD.sgir, (2 << 24) | 5);
  expect(at.load("iar")).toBe(5);
  at.store("eoir", 5);
  expect(at.load("iar")).toBe(5 | (1 << 10));
  at.store("eoir", 5 | (1 << 10));
  expect(at.load("iar")).toBe(SPURIOUS);
  at.cpu = 0;
  expect(at.load("iar")).toBe(SPURIOUS);
});

test("EOImode: EOIR drops the priority, DIR deactivates", () => {
  const at = new Stand();
  at.store("ctlr", 0x203);
  at.enable(40, 0x80);
  at.gic.input(40).set(true);
  expect(at.load("iar")).toBe(40);
  at.store("eoir", 40);
  expect([at.load("rpr"), at.load("iar")]).toEqual([0xff, SPURIOUS]);
  at.store("dir", 40);
  expect(at.load("iar")).toBe(40);
});

test("group 1 needs AckCtl; group 0 is a fast interrupt if FIQEn says so", () => {
  const at = new Stand();
  at.enable(40, 0x80);
  at.gic.input(40).set(true);
  at.store("ctlr", 0xb);
  expect([at.bench.levels["irq0"], at.bench.levels["fiq0"]]).toEqual([false, true]);
  store32(at.distributor, 0x80 + 4, 1 << 8);
  expect([at.bench.levels["irq0"], at.bench.levels["fiq0"], at.load("iar")]).toEqual([true, false, 1022]);
  at.store("ctlr", 7);
  expect(at.load("iar")).toBe(40);
});

test("a list register reaches the guest, and its end the physical interrupt and the hypervisor", () => {
  const at = new Stand();
  const { hypervisor, virtualCpuInterface } = at.gic;
  at.store("ctlr", 0x203);
  at.enable(40, 0x80);
  at.gic.input(40).set(true);
  at.load("iar");
  at.store("eoir", 40);
  store32(hypervisor, GICH.hcr, 1);
  store32(virtualCpuInterface, GICC.ctlr, 1);
  store32(virtualCpuInterface, GICC.pmr, 0xff);
  expect(load32(hypervisor, GICH.vtr)).toBe(0x9000_0003);
  // Hardware interrupt 40 as virtual 50; virtual 9 asks for maintenance at its end.
  store32(hypervisor, GICH.lr, 0x80000000 | (1 << 28) | (4 << 23) | (40 << 10) | 50);
  store32(hypervisor, GICH.lr + 4, (1 << 28) | (8 << 23) | (1 << 19) | 9);
  expect(at.bench.levels["virtualIrq0"]).toBe(true);
  expect(load32(virtualCpuInterface, GICC.iar)).toBe(50);
  expect(at.bench.levels["virtualIrq0"]).toBe(false);
  store32(virtualCpuInterface, GICC.eoir, 50);
  expect(load32(at.distributor, GICD.isactiver + 4)).toBe(0);
  expect(load32(virtualCpuInterface, GICC.iar)).toBe(9);
  store32(virtualCpuInterface, GICC.eoir, 9);
  expect([
    load32(hypervisor, GICH.misr),
    load32(hypervisor, GICH.eisr),
    load32(hypervisor, GICH.elrsr),
  ]).toEqual([1, 2, 0xd]);
  expect(load32(at.distributor, GICD.ispendr) >>> 25).toBe(1);
});
