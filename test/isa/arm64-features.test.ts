// What Arm64 programs are told about the processor, by the kernel's bits and by identification registers, is so.

import { describe, expect, test } from "vitest";
import { Hart } from "../../runtime/core/hart.ts";
import { Ram } from "../../runtime/core/ram.ts";
import { arm64Binding } from "../../runtime/isa/arm64/user.ts";
import { csrNumber } from "../../runtime/isa/binding.ts";
import { LINUX_ARM64 } from "../../spec/abi/linux-user.ts";
import { arm64 } from "../../spec/isa/arm64/arm64.ts";
import { features } from "../../spec/isa/arm64/features.ts";

function identification(register: string): bigint {
  const hart = new Hart(new Ram(1 << 20), arm64.files);
  const value = arm64Binding.userPort.readCsr(csrNumber(arm64, register), hart, "shown");
  if (typeof value !== "bigint") throw new Error(`${register} cannot be read`);
  return value;
}

describe.each(Object.entries(features))("%s", (_, feature) => {
  test("has its instructions in the tables", () => {
    const known = new Set(arm64.instructions.map(({ name }) => name));
    expect(feature.instructions.filter((name) => !known.has(name))).toEqual([]);
  });

  test("is announced both ways", () => {
    const { register, low, value } = feature.field;
    expect((LINUX_ARM64.hardwareCapabilities >> BigInt(feature.hwcapBit)) & 1n).toBe(1n);
    expect((identification(register) >> BigInt(low)) & 15n).toBe(value);
  });
});

test("groups of instructions beyond the base are announced", () => {
  const has = (group: string): boolean => arm64.groups.some(({ name }) => name === group);
  expect([has("Crc"), has("Atomics")]).toEqual([true, true]);
  // crc32 and atomics as Linux numbers them, beside fp, asimd and cpuid.
  expect(LINUX_ARM64.hardwareCapabilities).toBe(0x983n);
  expect(identification("id_aa64isar0_el1")).toBe(0x21_0000n);
  expect(identification("id_aa64pfr0_el1")).toBe(0x11n);
});
