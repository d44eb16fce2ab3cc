// Arm64 for fuzzing whole boards: start-up code and handlers, system registers, descriptors.
// Relies on spec/isa/arm64. Handlers keep a count of traps in tpidr_el1 and tpidr_el2: they skip what trapped, and now and
// then go on somewhere else, at another level, or from the start.

import { arm64 } from "../../../spec/isa/arm64/arm64.ts";
import { systemRegisters } from "../../../spec/isa/arm64/privileged.ts";
import { HCR, MASK, SCTLR } from "../../../spec/isa/arm64/privileged-state.ts";
import { DESCRIPTOR, translationControls } from "../../../spec/isa/arm64/privileged-translation.ts";
import { gicv3SystemRegisters } from "../../../spec/devices/gicv3.ts";
import type { Random } from "../../support/random-program/prng.ts";
import type { BootParts, Chosen, FuzzIsa, FuzzRegister, ModeChange } from "./fuzz-isa.ts";
import * as layout from "./layout.ts";

const [SCRATCH, SECOND] = [14, 15] as const;
/** Where `boot` finds the first count. */
const COUNT = 3;
const HALF = 0xffffn;

const bit = (position: number): bigint => 1n << BigInt(position);

function numberOf(name: string): number {
  const number = arm64.csrs.find((c) => c.name === name)?.number ?? arm64.unnamedCsrs.parse(name);
  if (number === null) throw new Error(`Arm64 has no ${name}`);
  return number;
}

type Sensible = NonNullable<FuzzRegister["sensible"]>;

/** A choice of bits. */
const someOf =
  (always: bigint, ...maybe: readonly number[]): Sensible =>
  (random) =>
    maybe.filter(() => random.chance(50)).reduce((all, position) => all | bit(position), always);

const codeAddress: Sensible = (random, around) => layout.codeAddress(random, around, 4);
const root: Sensible = (random, { memory }) =>
  (memory + BigInt(layout.TABLES_AT)) | (BigInt(random.below(3)) << 48n);
const { el1Lower, el1Upper, el2, stage2 } = translationControls;
/** 39 bits of address, granules of 4 KiB (their code differs in the upper half), 40 bits of output. */
const SMALL = 25n;
const UPPER_PAGES = 2n;
const OUTPUT = 2n;
const START_LEVEL_ONE = bit(6);
const control: Sensible = (random) =>
  (SMALL << BigInt(el1Lower.size)) |
  (SMALL << BigInt(el1Upper.size)) |
  (UPPER_PAGES << BigInt(el1Upper.granule)) |
  (OUTPUT << BigInt(el1Lower.outputSize)) |
  someOf(0n, el1Lower.ignoreTop, 36)(random, nowhere);
const nowhere: layout.Surroundings = { memory: 0n, codeBytes: 0, devices: [] };
const stage =
  (output: number, more: bigint): Sensible =>
  () =>
    SMALL | (OUTPUT << BigInt(output)) | more;
const SCTLR_RESERVED = 0x30c5_0830n;
const sctlr = someOf(SCTLR_RESERVED, SCTLR.mmu, SCTLR.mmu, SCTLR.align, SCTLR.stackCheck, SCTLR.userMasks, SCTLR.waitEl0, SCTLR.userCaches); // prettier-ignore
const hcr = someOf(bit(31), HCR.stage2, HCR.fiq, HCR.irq, HCR.virtualIrq, HCR.virtualFiq, HCR.waits, HCR.monitorCalls, HCR.general); // prettier-ignore

/** Saved states of each level: M, and masks. */
const LEVEL_MODES = [0n, 4n, 5n, 8n, 9n] as const;
const saved =
  (modes: readonly bigint[]): Sensible =>
  (random) =>
    random.pick(modes) | (random.chance(40) ? MASK.all : 0n) | (BigInt(random.below(16)) << 28n);

const sensible: Readonly<Record<string, Sensible>> = {
  elr_el1: codeAddress,
  elr_el2: codeAddress,
  spsr_el1: saved(LEVEL_MODES.slice(0, 3)),
  spsr_el2: saved(LEVEL_MODES),
  ttbr0_el1: root,
  ttbr1_el1: root,
  ttbr0_el2: root,
  vttbr_el2: (_, { memory }) => memory + BigInt(layout.SECOND_ROOT_AT),
  tcr_el1: control,
  tcr_el2: stage(el2.outputSize, 0n),
  vtcr_el2: stage(stage2.outputSize, START_LEVEL_ONE),
  sctlr_el1: sctlr,
  sctlr_el2: sctlr,
  hcr_el2: hcr,
  cpacr_el1: (random) => BigInt(random.below(4)) << 20n,
  cptr_el2: (random) => (random.chance(60) ? 0x33ffn : 0x37ffn),
  daif: (random) => BigInt(random.below(16)) << 6n,
  sp_el0: (random, around) => layout.anyAddress(random, around) & ~15n,
  sp_el1: (random, around) => layout.anyAddress(random, around) & ~15n,
  mair_el1: () => 0xff44_0400n,
  mair_el2: () => 0xff44_0400n,
};
const left: ReadonlySet<string> = new Set(["vbar_el1", "vbar_el2"]);
const vital: ReadonlySet<string> = new Set([...left, "sctlr_el1", "sctlr_el2", "tcr_el1", "tcr_el2", "vtcr_el2", "ttbr0_el1", "ttbr1_el1", "ttbr0_el2", "vttbr_el2", "hcr_el2"]); // prettier-ignore

const registers: readonly FuzzRegister[] = [
  ...systemRegisters.map(({ name }) => ({ name, number: numberOf(name) })),
  ...gicv3SystemRegisters.map(({ name, number }) => ({ name, number })),
].map(({ name, number }) => ({
  name,
  number,
  isVital: vital.has(name),
  sensible: sensible[name] ?? null,
}));

const modeChanges: readonly ModeChange[] = [
  ...(["el1", "el2"] as const).map((level) => ({
    registers: (random: Random, around: layout.Surroundings) =>
      [`elr_${level}`, `spsr_${level}`].map(
        (name) => [name, sensible[name]?.(random, around) ?? 0n] as const,
      ),
    instruction: ["eret", {}] as const,
  })),
  ...["svc", "hvc", "smc", "brk"].map((name) => ({
    registers: () => [],
    instruction: [name, { imm: 1 }] as const,
  })),
];

function halves(value: bigint): readonly { readonly shift: number; readonly imm: number }[] {
  const all = [0, 16, 32, 48].map((shift) => ({ shift, imm: Number((value >> BigInt(shift)) & HALF) }));
  return all.filter(({ shift, imm }) => shift === 0 || imm !== 0);
}

const STACK = 31;

function constant(xd: number, value: bigint): readonly Chosen[] {
  if (xd === STACK) return [...constant(SCRATCH, value), ["add:imm", { spd: STACK, spn: SCRATCH, imm: 0 }]];
  return halves(value).map(({ shift, imm }, i) => [i === 0 ? "movz" : "movk", { xd, imm, shift }]);
}

function constantText(register: string, value: bigint): string {
  const lines = halves(value).map(
    ({ shift, imm }, i) => `${i === 0 ? "movz" : "movk"} ${register}, #${String(imm)}, lsl #${String(shift)}`,
  );
  return lines.join("\n  ");
}

const stores = { 1: "strb", 2: "strh", 4: "str:w", 8: "str" } as const;
const loads = { 1: "ldrb", 2: "ldrh", 4: "ldr:w", 8: "ldr" } as const;
const isWide = (bytes: number): boolean => bytes === 8;

/** What SPSR's M is by two bits of the count. */
const NEXT_MODES = { el1: 0x5540n, el2: 0x9950n } as const;

// From the count in x16: a place in x17, and a level that may be entered from here.
function elsewhere(level: "el1" | "el2", code: bigint, codeBytes: number): string {
  const mask = 2 ** Math.floor(Math.log2(codeBytes)) - 4;
  return `
${level}_elsewhere:
  mrs x16, tpidr_${level}
  ${constantText("x17", 0x9e37_79b1n)}
  mul x17, x17, x16
  lsr x17, x17, #11
  ${constantText("x16", BigInt(mask))}
  and x16, x17, x16
  tbz x17, #20, 1f
  add x16, x16, #512, lsl #12
1:
  mov x18, x16
  ${constantText("x16", code)}
  tbz x17, #21, 2f
  ${constantText("x16", layout.WINDOW)}
2:
  add x17, x18, x16
  msr elr_${level}, x17
  mrs x16, tpidr_${level}
  lsr x16, x16, #3
  and x16, x16, #3
  lsl x16, x16, #2
  ${constantText("x17", NEXT_MODES[level])}
  lsr x17, x17, x16
  and x17, x17, #15
  msr spsr_${level}, x17
  eret`;
}

function handlers(level: "el1" | "el2"): string {
  return `
${level}_trap:
  mrs x16, tpidr_${level}
  add x16, x16, #1
  msr tpidr_${level}, x16
  mrs x17, esr_${level}
  lsr x17, x17, #27
  cmp x17, #16
  b.eq ${level}_elsewhere
  tst x16, #31
  b.eq ${level}_start
  tst x16, #7
  b.eq ${level}_elsewhere
  mrs x17, elr_${level}
  add x17, x17, #4
  msr elr_${level}, x17
  eret
${level}_interrupt:
  ${level === "el2" ? `${constantText("x17", bit(31))}\n  msr hcr_el2, x17` : ""}
  msr cntv_ctl_el0, xzr
  msr cntp_ctl_el0, xzr
  mrs x17, spsr_${level}
  orr x17, x17, #0x3c0
  msr spsr_${level}, x17
  eret
  .balign 2048
${level}_vectors:
${[0, 1, 2, 3].map(() => [0, 1, 2, 3].map((kind) => `  .balign 128\n  b ${level}_${kind === 0 || kind === 3 ? "trap" : "interrupt"}`).join("\n")).join("\n")}`;
}

/** Stores that let the controller pass interrupts of the first 64 numbers on to the first core. */
function controllerWords({ shape, addressOf }: BootParts): readonly (readonly [bigint, bigint])[] {
  const distributor = addressOf("gic-distributor");
  const ALL = 0xffff_ffffn;
  if (shape.gicVersion === 2) {
    const cpu = addressOf("gic-cpu");
    const targets = Array.from(
      { length: 8 },
      (_, i) => [distributor + 0x820n + BigInt(4 * i), 0x0101_0101n] as const,
    );
    return [...targets, [distributor + 0x100n, ALL], [distributor + 0x104n, ALL], [distributor, 3n], [cpu + 4n, 0xffn], [cpu, 3n]]; // prettier-ignore
  }
  const redistributor = addressOf("gic-redistributor");
  const own = Array.from({ length: shape.harts }, (_, i) => redistributor + BigInt(i) * 0x2_0000n).flatMap(
    (at) =>
      [
        [at + 0x14n, 0n],
        [at + 0x1_0080n, ALL],
        [at + 0x1_0100n, ALL],
      ] as const,
  );
  return [[distributor, 0x37n], [distributor + 0x84n, ALL], [distributor + 0x104n, ALL], ...own];
}

function controllerText(parts: BootParts): string {
  const store = ([at, value]: readonly [bigint, bigint]): string =>
    `${constantText("x16", at)}\n  ${constantText("x17", value)}\n  str w17, [x16]`;
  const words = controllerWords(parts).map(store);
  const registers =
    parts.shape.gicVersion === 2
      ? []
      : ([
          ["icc_pmr_el1", 0xffn],
          ["icc_igrpen1_el1", 1n],
        ] as const);
  return [
    ...words,
    ...registers.map(([name, value]) => `${constantText("x16", value)}\n  msr ${name}, x16`),
  ].join("\n  ");
}

function boot(parts: BootParts): string {
  const { shape, code, codeBytes, random } = parts;
  const memory = code - BigInt(layout.CODE_AT);
  const around = { memory, codeBytes, devices: [] };
  const isTranslated = random.chance(70);
  const translation = ["mair_el1", "ttbr0_el1", "ttbr1_el1", "tcr_el1"]
    .map((name) => `${constantText("x16", sensible[name]?.(random, around) ?? 0n)}\n  msr ${name}, x16`)
    .join("\n  ");
  const started = SCTLR_RESERVED | (isTranslated ? bit(SCTLR.mmu) : 0n);
  const el2Part = `
  msr tpidr_el2, x3
el2_start:
  adr x16, el2_vectors
  msr vbar_el2, x16
  adr x16, el1_vectors
  msr vbar_el1, x16
  ${constantText("x16", bit(31) | (random.chance(30) ? bit(HCR.irq) | bit(HCR.fiq) : 0n))}
  msr hcr_el2, x16
  ${constantText("x16", 0x33ffn)}
  msr cptr_el2, x16
  ${constantText("x16", SCTLR_RESERVED)}
  msr sctlr_el2, x16
  ${translation}
  ${constantText("x16", started)}
  msr sctlr_el1, x16
  ${constantText("x16", 3n)}
  msr cnthctl_el2, x16
  ${constantText("x16", 0x3ffn)}
  msr cntkctl_el1, x16
  ${constantText("x16", 3n << 20n)}
  msr cpacr_el1, x16
  ${elsewhere("el2", code, codeBytes)}
  ${handlers("el2")}`;
  return `
  .globl _start
_start:
  ${controllerText(parts)}
  msr tpidr_el1, x3
  ${shape.hasHypervisor ? el2Part : ""}
el1_start:
  adr x16, el1_vectors
  msr vbar_el1, x16
  ${translation}
  ${constantText("x16", started)}
  msr sctlr_el1, x16
  ${constantText("x16", 3n << 20n)}
  msr cpacr_el1, x16
  ${constantText("x16", 0x3ffn)}
  msr cntkctl_el1, x16
  ${elsewhere("el1", code, codeBytes)}
  ${handlers("el1")}
`;
}

const D = DESCRIPTOR;
/** All accesses (bits 7 to 6), ordinary memory (5 to 2). */
const SECOND_STAGE_OPEN = 0xfcn;

export const arm64Fuzz: FuzzIsa = {
  isa: arm64,
  shape: (random) => {
    const hasHypervisor = random.chance(50);
    return {
      harts: random.pick([1, 1, 1, 2, 4]),
      hasHypervisor,
      gicVersion: random.chance(50) ? 2 : 3,
      privilege: hasHypervisor ? "EL2" : "EL1",
      hasFirmware: random.chance(50),
      isLegacyVirtio: random.chance(40),
    };
  },
  generalClasses: new Set(["x", "w", "xsp", "wsp"]),
  base: new Set(["spn"]),
  pointers: [19, 20, 21, 22, 23, 31],
  scratch: [SCRATCH, SECOND],
  handlerRegisters: [16, 17, 18],
  registers,
  modeChanges,
  timers: [
    ...(["cntp", "cntv"] as const).map((name) => ({
      now: name === "cntp" ? "cntpct_el0" : "cntvct_el0",
      compare: `${name}_cval_el0`,
      then: [
        [`${name}_ctl_el0`, 1n],
        ["daif", 0n],
      ] as const,
    })),
    { now: "cntpct_el0", compare: "cnthp_cval_el2", then: [["cnthp_ctl_el2", 1n]] },
  ],
  translationSwitches: [
    ["mair_el1", "ttbr0_el1", "ttbr1_el1", "tcr_el1", "sctlr_el1"],
    ["vttbr_el2", "vtcr_el2", "hcr_el2"],
    ["mair_el2", "ttbr0_el2", "tcr_el2", "sctlr_el2"],
  ],
  translationFences: [
    // tlbi vmalle1is, vmalle1, vae1 x19, aside1 x20, alle2, vae2 x19, alle1, ipas2e1 x20
    ["sys", { op1: 0, crn: 8, crm: 3, op2: 0, xt: 31 }],
    ["sys", { op1: 0, crn: 8, crm: 7, op2: 0, xt: 31 }],
    ["sys", { op1: 0, crn: 8, crm: 7, op2: 1, xt: 19 }],
    ["sys", { op1: 0, crn: 8, crm: 7, op2: 2, xt: 20 }],
    ["sys", { op1: 4, crn: 8, crm: 7, op2: 0, xt: 31 }],
    ["sys", { op1: 4, crn: 8, crm: 7, op2: 1, xt: 19 }],
    ["sys", { op1: 4, crn: 8, crm: 7, op2: 4, xt: 31 }],
    ["sys", { op1: 4, crn: 8, crm: 4, op2: 1, xt: 20 }],
  ],
  // ic ivau
  codeFences: (address) => [
    ["sys", { op1: 3, crn: 7, crm: 5, op2: 1, xt: address }],
    ["isb", { isb: 15 }],
  ],
  waits: [
    ["wfi", {}],
    ["wfe", {}],
  ],
  nop: ["nop", {}],
  constant,
  add: (xd, xm) => ["add", { xd, xn: xd, xm, amount: 0 }],
  readRegister: (xt, csr) => ["mrs", { xt, csr }],
  writeRegister: (csr, xt) => ["msr", { csr, xt }],
  flipRegister: (csr, bits) => [
    ...constant(SCRATCH, bits),
    ["mrs", { xt: SECOND, csr }],
    ["eor", { xd: SCRATCH, xn: SCRATCH, xm: SECOND, amount: 0 }],
    ["msr", { csr, xt: SCRATCH }],
  ],
  store: (from, spn, bytes) => [stores[bytes], { [isWide(bytes) ? "xt" : "wt"]: from, spn, imm: 0 }],
  load: (to, spn, bytes) => [loads[bytes], { [isWide(bytes) ? "xt" : "wt"]: to, spn, imm: 0 }],
  reservation: (spn, between) => [
    ["ldxr", { xt: SCRATCH, spn }],
    ...between,
    ["stxr", { ws: SECOND, xt: SCRATCH, spn }],
  ],
  jump: (xn) => ["blr", { xn }],
  jumpBy: (target) => ["b", { target }],
  tableEntry: (random, physical, kind) => {
    if (kind === "table") return physical | bit(D.valid) | bit(D.table);
    const rights = BigInt(random.below(4)) << BigInt(D.accessRights);
    const never = [D.privilegedNeverExecutes, D.neverExecutes].filter(() => random.chance(20));
    const some = never.reduce((all, position) => all | bit(position), physical | rights);
    const accessed = random.chance(90) ? bit(D.accessed) : 0n;
    const attribute = BigInt(random.below(2)) << BigInt(D.attributeIndex);
    const page = kind === "page" ? bit(D.table) : 0n;
    return some | accessed | attribute | page | (random.chance(92) ? bit(D.valid) : 0n);
  },
  secondStageEntry: (physical) => physical | bit(D.accessed) | bit(D.valid) | SECOND_STAGE_OPEN,
  identityEntry: (physical) => physical | bit(D.accessed) | bit(D.valid) | (3n << BigInt(D.attributeIndex)),
  boot,
  startRegisters: (_, _hart, random) => new Map([[COUNT, BigInt(8 * (3 + 4 * random.below(32)))]]),
};
