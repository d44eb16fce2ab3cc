// Who reaches which of a GICv3's system registers: levels, directions, a hypervisor's traps and virtual registers.

import { describe, expect, test } from "vitest";
import { csrNumber } from "../../runtime/isa/binding.ts";
import { GicRegisters } from "../../runtime/isa/arm64/gic-registers.ts";
import { arm64System } from "../../runtime/isa/arm64/system.ts";
import { ProcessorState } from "../../runtime/isa/arm64/processor-state.ts";
import type { DeviceRegisters } from "../../runtime/isa/system.ts";
import { arm64 } from "../../spec/isa/arm64/arm64.ts";
import { PlainBoard } from "./support/plain-board.ts";

const RAM = { start: 0x4000_0000n, bytes: 1 << 16 };
const FMO = 1n << 3n;
const IMO = 1n << 4n;

/** Accesses from a level, with these values of HCR_EL2 and ICH_HCR_EL2. */
function from(level: 0 | 1 | 2, hypervisor = 0n, control = 0n) {
  const { system } = new PlainBoard(arm64System({ hasEl2: true }), RAM, "reference");
  const state = new ProcessorState(system.hart, true);
  state.set("el", BigInt(level));
  state.set("hcr_el2", hypervisor);
  const seen: string[] = [];
  const device: DeviceRegisters = {
    read: (number, { view }) => {
      if (number === csrNumber(arm64, "ich_hcr_el2")) return control;
      seen.push(view);
      return 42n;
    },
    write: (_number, _value, { view }) => seen.push(view) > 0,
  };
  const registers = new GicRegisters(state, system, device);
  const told = (result: unknown): unknown =>
    typeof result === "object" && result !== null ? "trap" : result;
  return {
    read: (name: string): unknown => told(registers.read(csrNumber(arm64, name))) ?? "undefined",
    write: (name: string): unknown => told(registers.write(csrNumber(arm64, name), 0n)) ?? "undefined",
    seen,
  };
}

describe("system registers of a GICv3", () => {
  test("exist from EL1 on, those of the hypervisor from EL2 on, in the directions that they have", () => {
    expect(from(0).read("icc_pmr_el1")).toBe("undefined");
    expect([from(1).read("icc_pmr_el1"), from(1).read("ich_vmcr_el2")]).toEqual([42n, "undefined"]);
    expect([from(2).read("ich_vmcr_el2"), from(2).write("icc_sre_el2")]).toEqual([42n, "done"]);
    expect([from(1).write("icc_iar1_el1"), from(1).read("icc_eoir1_el1")]).toEqual([
      "undefined",
      "undefined",
    ]);
  });

  test("are virtual at EL1 by group", () => {
    const names = ["icc_iar0_el1", "icc_iar1_el1", "icc_pmr_el1", "icc_sre_el1"];
    const views = (level: 1 | 2, hypervisor: bigint): readonly string[] => {
      const at = from(level, hypervisor);
      for (const name of names) at.read(name);
      return at.seen;
    };
    expect(views(1, 0n)).toEqual(["physical", "physical", "physical", "physical"]);
    expect(views(1, FMO)).toEqual(["virtual", "physical", "virtual", "physical"]);
    expect(views(1, IMO)).toEqual(["physical", "virtual", "virtual", "physical"]);
    expect(views(2, FMO | IMO)).toEqual(["physical", "physical", "physical", "physical"]);
  });

  test.each([
    ["TC", 10n, "icc_ctlr_el1", "icc_igrpen1_el1"],
    ["TALL0", 11n, "icc_bpr0_el1", "icc_bpr1_el1"],
    ["TALL1", 12n, "icc_bpr1_el1", "icc_bpr0_el1"],
    ["TDIR", 14n, "icc_dir_el1", "icc_pmr_el1"],
  ])("ICH_HCR_EL2.%s traps what it is about, and from EL1 only", (_, bit, trapped, other) => {
    expect(from(1, 0n, 1n << bit).write(trapped)).toBe("trap");
    expect(from(1, 0n, 1n << bit).write(other)).toBe("done");
    expect(from(2, 0n, 1n << bit).write(trapped)).toBe("done");
  });

  test("send no software interrupt for a guest", () => {
    expect(from(1).write("icc_sgi1r_el1")).toBe("done");
    expect([from(1, IMO).write("icc_sgi1r_el1"), from(1, FMO).write("icc_sgi1r_el1")]).toEqual([
      "trap",
      "trap",
    ]);
    expect(from(2, IMO).write("icc_sgi1r_el1")).toBe("done");
  });
});
