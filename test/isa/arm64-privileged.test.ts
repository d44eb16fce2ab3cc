// The tables of Arm64's privileged state: names exist, values fit, rules are about something.

import { expect, test } from "vitest";
import { systemFiles } from "../../runtime/isa/arm64/processor-state.ts";
import { behaviours } from "../../runtime/isa/arm64/register-behaviours.ts";
import { gicv3SystemRegisters } from "../../spec/devices/gicv3.ts";
import { arm64 } from "../../spec/isa/arm64/arm64.ts";
import { unnamedCsrs } from "../../spec/isa/arm64/csrs.ts";
import { isMeant, trapRules } from "../../spec/isa/arm64/privileged-traps.ts";
import { systemRegisters } from "../../spec/isa/arm64/privileged.ts";
import { operationName } from "../../spec/isa/arm64/system-operations.ts";

const names = systemRegisters.map(({ name }) => name);

function operations(): string[] {
  const all: string[] = [];
  for (let bits = 0; bits < 1 << 14; bits += 1) {
    const name = operationName(bits >> 11, (bits >> 7) & 15, (bits >> 3) & 15, bits & 7);
    if (name !== null) all.push(name);
  }
  return all;
}

test("every register has a number, and none is described twice", () => {
  const known = new Set(arm64.csrs.map(({ name }) => name));
  const unknown = names.filter((name) => !known.has(name) && unnamedCsrs.parse(name) === null);
  expect(unknown).toEqual([]);
  expect(new Set(names).size).toBe(names.length);
});

test("registers that are fixed cannot be written, or ignore it; numbers agree with the lowest level", () => {
  for (const { name, read, write, writable } of systemRegisters) {
    if (write === null) expect(writable, name).toBe(0n);
    expect(read ?? write, name).not.toBeNull();
    const number = arm64.csrs.find((csr) => csr.name === name)?.number ?? unnamedCsrs.parse(name) ?? 0;
    // op1 says for which level a register is meant.
    const op1 = (number >> 11) & 7;
    const lowest = Math.min(read ?? 2, write ?? 2);
    if (op1 === 4) expect(lowest, name).toBe(2);
    if (op1 < 3) expect(lowest, name).toBe(1);
    if (op1 === 3) expect(lowest, name).toBe(0);
  }
});

test("register files have names of their own", () => {
  const files = systemFiles.map(({ name }) => name);
  expect(new Set(files).size).toBe(files.length);
});

test("behaviours belong to registers", () => {
  expect(Object.keys(behaviours).filter((name) => !names.includes(name))).toEqual([]);
});

test("rules for traps are about registers and operations that are there, controlled by registers", () => {
  const gic = gicv3SystemRegisters.map(({ name }) => name);
  const all = [...names, ...gic, ...operations(), "id_reserved"];
  for (const { what, control } of trapRules) {
    const idle = what.filter((pattern) => !all.some((name) => isMeant(name, pattern)));
    expect(idle).toEqual([]);
    expect([...names, ...gic]).toContain(control);
  }
});
