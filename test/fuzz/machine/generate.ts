// Random programs for a whole board: everything that software may do to it, right or wrong.
//
// Relies on the tables of spec/isa, through facts.ts, and on what a FuzzIsa adds. The same seed gives the same program. A
// program is a list of steps, each a few instructions that belong together; the last one goes back to the first.

import type { DeviceSpec } from "../../../spec/devices/schema.ts";
import { encodeInstruction, inRange, operandRange, withFollowing } from "../../../spec/isa/encoding.ts";
import { immediateCodes } from "../../../spec/isa/immediate-codes.ts";
import { instructionUse } from "../../../spec/isa/isa.ts";
import type { Instruction, Operand } from "../../../spec/isa/schema.ts";
import type { Machine } from "../../../runtime/boards/machine.ts";
import { boards } from "../../boards/support.ts";
import { newRandom, type Random } from "../../support/random-program/prng.ts";
import { instructionKinds } from "./facts.ts";
import type { BoardShape, Chosen, FuzzIsa, FuzzRegister } from "./fuzz-isa.ts";
import { hostileDriver, type GuestAccess } from "./hostile-drivers.ts";
import * as layout from "./layout.ts";
import { fuzzBoard, fuzzIsas, type FuzzIsaName, type FuzzProgram, type Word } from "./program.ts";

const NEVER = 1e9;
/** How soon the fast executor interprets and translates: by seed, so that short programs meet all of it. */
const engines = [
  { hotArrivals: 8, interpretAfter: NEVER },
  { hotArrivals: NEVER, interpretAfter: 0 },
  { hotArrivals: 40, interpretAfter: 0 },
  { hotArrivals: 100, interpretAfter: 100 },
];
const patientEngines = [{ hotArrivals: NEVER, interpretAfter: 0 }, {}];
const NS_PER_INSTRUCTION = 10n;
const RETRIES = 30;
const WIDTHS = [1, 2, 4, 8] as const;
/** Percent of operands that hold an address although the instruction does not ask for one, and the other way round. */
const STRAY_PERCENT = 6;

/** The program of `seed`. */
export function randomProgram(isa: FuzzIsaName, seed: number): FuzzProgram {
  const random = newRandom(seed);
  const fuzz = fuzzIsas[isa];
  const shape = fuzz.shape(random);
  const length = random.pick([20, 60, 60, 150]);
  const instructions = random.pick([2000, 4000, 8000, 20_000]) * (shape.harts === 1 ? 1 : 2);
  const program = {
    isa,
    seed,
    shape,
    untilNs: BigInt(instructions) * NS_PER_INSTRUCTION,
    engine: random.pick(engines),
  };
  const around = {
    memory: boards[isa].memory.address,
    codeBytes: length * 16,
    devices: devicesOf(fuzzBoard({ ...program, steps: [] }, "reference").machine),
  };
  const generator = new Generator(fuzz, random, around);
  const kind = random.weighted(kinds);
  const steps =
    kind === "anything" ? Array.from({ length }, () => generator.step()) : generator.driver(kind, shape);
  // Much code that leaves regions all the time would be translated again and again.
  const engine = kind === "anything" ? program.engine : random.pick(patientEngines);
  return { ...program, engine, steps: [...steps, generator.backBy(steps.flat())] };
}

/** Everything mixed, or only accesses: of all devices, or of drivers that break the rules of virtio. */
const kinds = [
  [7, "anything"],
  [1, "devices"],
  [2, "virtio"],
] as const;
/** A driver's accesses are some ten instructions each. */
const DEVICE_ACCESSES = 300;
const DRIVER_ACTIONS = 100;
const DRIVER_ACCESSES = 500;
const PLUGGED_SLOTS = 4;

/** The devices of a board and where their registers are. */
export function devicesOf(machine: Machine): layout.DevicePlace[] {
  return machine.bus.devices().map(({ start, device }) => {
    const { spec } = device as { readonly spec?: DeviceSpec };
    const registers = spec?.registers.flatMap(({ offset, count, stride }) =>
      Array.from({ length: count }, (_, index) => offset + index * stride),
    );
    return { name: device.name, start, bytes: device.bytes, registers: registers ?? [] };
  });
}

class Generator {
  private readonly fuzz: FuzzIsa;
  private readonly random: Random;
  private readonly around: layout.Surroundings;
  private readonly groups: ReadonlyMap<string, readonly Instruction[]>;
  private readonly system: readonly Instruction[];

  constructor(fuzz: FuzzIsa, random: Random, around: layout.Surroundings) {
    this.fuzz = fuzz;
    this.random = random;
    this.around = around;
    const groups = new Map<string, Instruction[]>();
    for (const i of instructionKinds(fuzz.isa).arithmetic)
      groups.set(i.group, [...(groups.get(i.group) ?? []), i]);
    this.groups = groups;
    // Waiting has a step of its own, with something to wait for.
    const waits = new Set(fuzz.waits.map(([name]) => name));
    this.system = instructionKinds(fuzz.isa).system.filter(({ name }) => !waits.has(name));
  }

  step(): readonly Word[] {
    const kinds = instructionKinds(this.fuzz.isa);
    const { random } = this;
    const chosen = random.weighted<() => readonly (Chosen | Word)[]>([
      [
        25,
        () => [
          this.any(
            random.pick(random.chance(50) ? kinds.arithmetic : random.pick([...this.groups.values()])),
          ),
        ],
      ],
      [22, () => [this.any(random.pick(kinds.accesses))]],
      [8, () => [...this.aim(), this.any(random.pick(kinds.atomics))]],
      [4, () => this.reservation()],
      [8, () => [this.any(random.pick(kinds.jumps))]],
      [4, () => [this.any(random.pick(this.system))]],
      [10, () => this.aim()],
      [10, () => this.writeRegister()],
      [4, () => [this.fuzz.readRegister(this.anyRegister(), random.pick(this.fuzz.registers).number)]],
      [5, () => this.editTable()],
      [2, () => this.switchTranslation()],
      [2, () => [random.pick(this.fuzz.translationFences)]],
      [4, () => this.changeMode()],
      [6, () => this.armTimer()],
      [1, () => [...(random.chance(80) ? this.armTimer() : []), random.pick(this.fuzz.waits)]],
      [6, () => this.accessDevice()],
      [4, () => this.changeCode()],
      [2, () => this.jumpAnywhere()],
      [1, () => [this.anyWord()]],
    ])();
    return chosen.map((one) => ("bits" in one ? one : this.encoded(one)));
  }

  /** Accesses to devices and nothing else. */
  driver(kind: "devices" | "virtio", { isLegacyVirtio }: BoardShape): readonly (readonly Word[])[] {
    const { random, around } = this;
    if (kind === "devices")
      return Array.from({ length: DEVICE_ACCESSES }, () =>
        this.accessDevice().map((one) => this.encoded(one)),
      );
    const slots = around.devices.filter(({ name }) => /^virtio[0-9]$/.test(name)).slice(0, PLUGGED_SLOTS);
    const { start } = random.pick(slots);
    const place = {
      window: start,
      memory: around.memory + BigInt(layout.QUEUES_AT),
      isLegacy: isLegacyVirtio,
      elsewhere: () => layout.anyAddress(random, around),
    };
    const actions = hostileDriver(random, place, DRIVER_ACTIONS);
    const accesses = actions.flat().slice(0, DRIVER_ACCESSES);
    return accesses.map((access) => this.access(access).map((one) => this.encoded(one)));
  }

  private access({ address, bytes, value }: GuestAccess): readonly Chosen[] {
    const { fuzz } = this;
    const { register, before } = this.pointTo(address);
    const [scratch] = fuzz.scratch;
    if (value === null) return [...before, fuzz.load(this.anyRegister(), register, bytes)];
    return [...before, ...fuzz.constant(scratch, value), fuzz.store(scratch, register, bytes)];
  }

  /** A jump over `words`, backwards. */
  backBy(words: readonly Word[]): readonly Word[] {
    const bytes = words.reduce((sum, word) => sum + word.bytes, 0);
    return [this.encoded(this.fuzz.jumpBy(-bytes))];
  }

  private anyRegister(): number {
    const { pointers, handlerRegisters } = this.fuzz;
    for (let tries = 0; tries < RETRIES; tries += 1) {
      const register = 1 + this.random.below(30);
      if (!pointers.includes(register) && !handlerRegisters.includes(register)) return register;
    }
    return this.fuzz.scratch[0];
  }

  private pointTo(address: bigint): { readonly register: number; readonly before: readonly Chosen[] } {
    const register = this.random.pick(this.fuzz.pointers);
    return { register, before: this.fuzz.constant(register, BigInt.asUintN(64, address)) };
  }

  private aim(): readonly Chosen[] {
    return this.pointTo(layout.anyAddress(this.random, this.around)).before;
  }

  private writeRegister(): readonly Chosen[] {
    const { random, fuzz } = this;
    const register = random.pick(fuzz.registers);
    if (register.isVital || random.chance(50)) return this.writeSensibly(register);
    if (random.chance(60)) return fuzz.flipRegister(register.number, 1n << BigInt(random.below(64)));
    return this.write(register.number, random.word());
  }

  private writeSensibly({ number, sensible }: FuzzRegister): readonly Chosen[] {
    const value = sensible?.(this.random, this.around);
    return value === undefined ? [] : this.write(number, value);
  }

  private write(number: number, value: bigint): readonly Chosen[] {
    const [scratch] = this.fuzz.scratch;
    return [
      ...this.fuzz.constant(scratch, BigInt.asUintN(64, value)),
      this.fuzz.writeRegister(number, scratch),
    ];
  }

  private register(name: string): FuzzRegister {
    const register = this.fuzz.registers.find((r) => r.name === name);
    if (register === undefined) throw new Error(`no register ${name}`);
    return register;
  }

  private named(name: string): number {
    return this.register(name).number;
  }

  private changeMode(): readonly Chosen[] {
    const { registers, instruction } = this.random.pick(this.fuzz.modeChanges);
    const before = registers(this.random, this.around).flatMap(([name, value]) =>
      this.write(this.named(name), value),
    );
    return [...before, instruction];
  }

  private switchTranslation(): readonly Chosen[] {
    const { fuzz, random } = this;
    const wanted = random.pick(fuzz.translationSwitches);
    return wanted.flatMap((name) => this.writeSensibly(this.register(name)));
  }

  private armTimer(): readonly Chosen[] {
    const { fuzz, random } = this;
    const { now, compare, then } = random.pick(fuzz.timers);
    const [scratch, second] = fuzz.scratch;
    return [
      ...fuzz.constant(scratch, BigInt(random.below(random.chance(80) ? 200 : 20_000))),
      fuzz.readRegister(second, this.named(now)),
      fuzz.add(scratch, second),
      fuzz.writeRegister(this.named(compare), scratch),
      ...then.flatMap(([name, value]) => this.write(this.named(name), value)),
    ];
  }

  private reservation(): readonly Chosen[] {
    const { random, fuzz } = this;
    const { register, before } = this.pointTo(layout.anyAddress(random, this.around) & ~15n);
    const between = random.chance(50) ? [] : [fuzz.store(random.below(28), register, random.pick(WIDTHS))];
    return [...before, ...fuzz.reservation(register, between)];
  }

  private editTable(): readonly Chosen[] {
    const { random, fuzz, around } = this;
    const { TABLES_AT, PAGE, LEAF_TABLES, ENTRIES } = layout;
    const leaf = 2 + random.below(LEAF_TABLES);
    const level = random.weighted<"page" | "block">([
      [9, "page"],
      [1, "block"],
    ]);
    const at = level === "page" ? leaf * PAGE + 8 * random.below(random.chance(80) ? layout.REPEATED_PAGES : ENTRIES) : PAGE + 8 * random.below(8); // prettier-ignore
    const page = layout.memoryOffset(random, around.codeBytes);
    const physical = around.memory + BigInt(level === "page" ? page - (page % PAGE) : 0);
    const { register, before } = this.pointTo(around.memory + BigInt(TABLES_AT + at));
    const [scratch] = fuzz.scratch;
    return [
      ...before,
      ...fuzz.constant(scratch, fuzz.tableEntry(random, physical, level)),
      fuzz.store(scratch, register, 8),
      ...(random.chance(60) ? [random.pick(fuzz.translationFences)] : []),
    ];
  }

  private accessDevice(): readonly Chosen[] {
    const { random } = this;
    const address = layout.deviceAddress(random, this.around.devices);
    const bytes = random.weighted<1 | 2 | 4 | 8>([
      [1, 1],
      [1, 2],
      [6, 4],
      [1, 8],
    ]);
    return this.access({ address, bytes, value: random.chance(40) ? null : random.word() });
  }

  // Stores an instruction over one of the program's own.
  private changeCode(): readonly Chosen[] {
    const { random, fuzz, around } = this;
    const word = this.anyWord();
    const at = around.memory + BigInt(layout.CODE_AT + 4 * random.below(around.codeBytes / 4));
    const { register, before } = this.pointTo(at);
    const [scratch] = fuzz.scratch;
    return [
      ...before,
      ...fuzz.constant(scratch, BigInt(word.bits)),
      fuzz.store(scratch, register, word.bytes),
      ...(random.chance(50) ? fuzz.codeFences(register) : []),
    ];
  }

  private jumpAnywhere(): readonly Chosen[] {
    const { random, around } = this;
    const inCode = layout.codeAddress(random, around, 4);
    const { register, before } = this.pointTo(random.chance(80) ? inCode : layout.anyAddress(random, around));
    return [...before, this.fuzz.jump(register === 31 ? this.anyRegister() : register)];
  }

  private anyWord(): Word {
    const { random, fuzz } = this;
    if (random.chance(10)) return { bits: Number(random.word() & 0xffff_ffffn), bytes: 4 };
    return this.any(random.pick(fuzz.isa.instructions));
  }

  // The instruction with random operands.
  private any(instruction: Instruction): Word {
    const { isa } = this.fuzz;
    const { written } = instructionUse(isa, instruction);
    for (let tries = 0; tries < RETRIES; tries += 1) {
      const values = Object.fromEntries(
        instruction.operands.map((operand) => [operand.name, this.operand(instruction, operand, written)]),
      );
      const result = encodeInstruction(isa, instruction, withFollowing(isa, instruction, values));
      if (result.ok) return { bits: result.word >>> 0, bytes: instruction.encoding.bits === 16 ? 2 : 4 };
    }
    return this.encoded(this.fuzz.nop);
  }

  private operand(instruction: Instruction, operand: Operand, written: ReadonlySet<string>): number {
    const { random, fuzz } = this;
    const { kind, name } = operand;
    const range = operandRange(fuzz.isa, instruction, operand);
    const isStray = random.chance(STRAY_PERCENT);
    if (kind.kind === "register" && fuzz.generalClasses.has(kind.class) && !isStray) {
      const isBase = fuzz.base.has(name);
      const value = isBase
        ? random.pick(fuzz.pointers)
        : written.has(name)
          ? this.anyRegister()
          : random.below(32);
      if (inRange(range, value)) return value;
    }
    if (kind.kind === "csr" && !isStray) return random.pick(fuzz.registers).number;
    if (kind.kind === "target" && !isStray) return this.nearby(range.step);
    return this.inRange(range);
  }

  // Mostly forwards: two jumps back to each other are the end of most programs.
  private nearby(step: number): number {
    const { random } = this;
    const distance = random.chance(93) ? 1 + random.below(20) : -random.below(12);
    return distance * Math.max(step, random.chance(90) ? 4 : 2);
  }

  private inRange(range: ReturnType<typeof operandRange>): number {
    const { random } = this;
    const steps = Math.floor((range.max - range.min) / range.step);
    const isNear = random.chance(40) && range.min <= 0;
    for (let tries = 0; tries < 1000; tries += 1) {
      const at = isNear && tries < 10 ? random.below(Math.min(steps, 16) + 1) * range.step : range.min + range.step * random.below(steps + 1); // prettier-ignore
      const isCode = range.code === null || immediateCodes[range.code].decode(at) !== null;
      if (isCode && at <= range.max && !range.excluded.includes(at)) return at;
    }
    return range.min;
  }

  private encoded([name, values]: Chosen): Word {
    const { isa } = this.fuzz;
    const instruction = isa.instruction(name);
    const result = encodeInstruction(isa, instruction, withFollowing(isa, instruction, values));
    if (!result.ok) throw new Error(`${name}: ${result.operand} cannot be ${String(result.value)}`);
    return { bits: result.word >>> 0, bytes: instruction.encoding.bits === 16 ? 2 : 4 };
  }
}
