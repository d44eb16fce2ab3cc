// Accesses to RISC-V's CSRs against QEMU: every number that there is and random ones, from every privilege, by all six
// instructions, with random values.

import { expect, test } from "vitest";
import { absentRegisters, privilegedRegisters } from "../../../spec/isa/riscv64/privileged.ts";
import { riscv64 } from "../../../spec/isa/riscv64/riscv64.ts";
import { Random, wordOf } from "../../isa/samples.ts";
import {
  comparableMask,
  compareStates,
  Riscv64Pair,
  type PrivilegedSetup,
  type Sample,
} from "./riscv64-pair.ts";
import { anyPrivilege, anyRegisters, anyStatus, CODE, pick } from "./riscv64-random.ts";

const ROUNDS = Number(process.env["SYSTEM_ORACLE_ROUNDS"] ?? 4);
const SOURCE = 5;
const RESULT = 6;
const ops = ["csrrw", "csrrs", "csrrc", "csrrwi", "csrrsi", "csrrci"] as const;

/** Those that both machines have, and numbers that neither has. */
const numbers = riscv64.csrs.map(({ name, number }) => ({ name, number }));

function valueFor(name: string, random: Random): bigint {
  if (/^[ms]status$/.test(name)) return anyStatus(random);
  if (/^[ms]epc$/.test(name)) return random.value64() & ~1n;
  // QEMU takes writes of the hypervisor's and reserved interrupts.
  if (/^[ms]i[ep]$|^mideleg$/.test(name)) return random.value64() & 0xaaan;
  // A locked entry stays for good.
  if (name.startsWith("pmpcfg")) return random.value64() & ~0x8080_8080_8080_8080n;
  if (name === "tselect") return BigInt(random.below(4));
  if (name === "tdata1") return randomTrigger(random);
  return random.value64();
}

// Of one of the types that there are, or one that is not; it watches nothing.
function randomTrigger(random: Random): bigint {
  const type = pick(random, [2n, 2n, 6n, 6n, 3n, 15n]);
  return (random.value64() & ~(0xfn << 60n) & ~7n) | (type << 60n);
}

// A counter that counts something does so in QEMU by its host's time.
function stopped(name: string): PrivilegedSetup["registers"] {
  const number = /hpmcounter(\d+)$/.exec(name)?.[1];
  if (number === undefined || name in absentRegisters) return [];
  return [
    [`mhpmevent${number}`, 0n],
    [`mhpmcounter${number}`, 0n],
  ];
}

// Both triggers are of a type that there is, whatever was written before.
function triggers(random: Random): PrivilegedSetup["registers"] {
  const each = (i: bigint): PrivilegedSetup["registers"] => [
    ["tselect", i],
    ["tdata1", (pick(random, [2n, 6n]) << 60n) | (random.value64() & 0x58n)],
    ["tdata2", random.value64()],
  ];
  return [...each(0n), ...each(1n), ["tselect", BigInt(random.below(2))]];
}

function sample(csr: { readonly name: string; readonly number: number }, random: Random): Sample {
  const op = pick(random, ops);
  const isImmediate = op.endsWith("i");
  const source = isImmediate ? random.below(32) : pick(random, [0, SOURCE]);
  const result = pick(random, [0, RESULT, RESULT]);
  const privilege = anyPrivilege(random);
  const operands = { csr: csr.number, rd: result, ...(isImmediate ? { zimm: source } : { rs1: source }) };
  const word = wordOf(riscv64, riscv64.instruction(op), operands);
  let value = valueFor(csr.name, random);
  // csrrs must not set UXL to 3, nor csrrc clear what leaves MPP reserved.
  if (/^[ms]status$/.test(csr.name) && !op.startsWith("csrrw")) value &= ~0x3_0000_1800n;
  const setup = {
    privilege,
    pc: CODE,
    x: { [SOURCE]: value },
    registers: [...anyRegisters(random), ...triggers(random), ...stopped(csr.name)],
    memory: [[CODE, BigInt(word)]] as const,
  };
  // What stimecmp does without STCE, and STIP after STCE changes, is QEMU's own.
  const timers = ["stimecmp", "menvcfg"].includes(csr.name) ? ["mip", "sip"] : [];
  return {
    text: `${op} x${String(result)}, ${csr.name}, ${String(source)} (${value.toString(16)}) in ${String(privilege)}`,
    setup,
    watched: { memory: [], x: { [RESULT]: comparableMask(csr.name) }, except: timers },
  };
}

test("accesses to registers", async () => {
  const pair = await Riscv64Pair.start(false);
  let next = 0;
  const make = (random: Random): Sample => {
    const csr = numbers[next % numbers.length] ?? pick(random, numbers);
    next += 1;
    return sample(csr, random);
  };
  const wrong = await compareStates(pair, ROUNDS * numbers.length, new Random(20261128), make);
  expect(wrong).toEqual([]);
  expect(numbers.length).toBeGreaterThan(privilegedRegisters.length);
});
