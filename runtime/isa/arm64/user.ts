// Arm64 as the machine needs it: decoder, trap names, and system registers and helpers as user mode sees them.
//
// Relies on spec/isa/arm64. Sources: Arm DDI 0487, D17.2 (registers) and D11 (generic timer); Linux 6.1,
// Documentation/arm64/cpu-feature-registers.rst for the identification registers that the kernel emulates.

import { arm64 } from "../../../spec/isa/arm64/arm64.ts";
import { featureFields } from "../../../spec/isa/arm64/features.ts";
import type { Trap } from "../../../spec/isa/effect-eval.ts";
import { elapsedNs } from "../../core/clock.ts";
import type { Hart } from "../../core/hart.ts";
import { csrNumber, rememberingDecoder, type IsaBinding, type SystemPort } from "../binding.ts";

const undefinedInstruction = "illegalInstruction";
const illegal: Trap = { kind: "trap", cause: undefinedInstruction, value: 0n };

/** The generic timer counts at 62.5 MHz, as on QEMU's virt board. */
const TIMER_HZ = 62_500_000n;
const NS_PER_TIMER_TICK = 1_000_000_000n / TIMER_HZ;

// Lines of 64 bytes in both caches, and a processor that Linux and libraries know by no special treatment.
const CACHE_TYPE = 0x8444_c004n;
// `dc zva` is prohibited: programs that ask then store zeroes themselves.
const ZERO_BLOCK_PROHIBITED = 0x10n;
const MAIN_ID = 0x411f_d070n;
const AFFINITY_ID = 0x8000_0000n;

// Both exception levels below the kernel run 64-bit code only.
const ONLY_64_BIT = 0x11n;

const fixed = (value: bigint) => (): bigint => value;

const readable: ReadonlyMap<number, (hart: Hart) => bigint> = new Map([
  [csrNumber(arm64, "cntvct_el0"), (hart: Hart) => elapsedNs(hart.retired) / NS_PER_TIMER_TICK],
  [csrNumber(arm64, "cntfrq_el0"), fixed(TIMER_HZ)],
  [csrNumber(arm64, "ctr_el0"), fixed(CACHE_TYPE)],
  [csrNumber(arm64, "dczid_el0"), fixed(ZERO_BLOCK_PROHIBITED)],
  [csrNumber(arm64, "midr_el1"), fixed(MAIN_ID)],
  [csrNumber(arm64, "mpidr_el1"), fixed(AFFINITY_ID)],
  [csrNumber(arm64, "tpidrro_el0"), fixed(0n)],
  [csrNumber(arm64, "id_aa64pfr0_el1"), fixed(ONLY_64_BIT | featureFields("id_aa64pfr0_el1"))],
  [csrNumber(arm64, "id_aa64isar0_el1"), fixed(featureFields("id_aa64isar0_el1"))],
]);

// op0 3, op1 0, CRn 0, CRm 0 to 7: Linux answers reads of these, with zero where it has nothing to tell.
const FIRST_ID = 0b11_000_0000_0000_000;
const LAST_ID = 0b11_000_0000_0111_111;

// Barriers and hints order nothing here: one hart, in order, and executors notice changed code by themselves.
const idleHelpers: ReadonlySet<string> = new Set([
  "hint", "fence", "fenceInstruction", "waitForInterrupt", "waitForEvent", "sendEvent", "prefetch",
]); // prettier-ignore

// Cache maintenance that user mode may ask for (op1 3, CRn 7): CRm of operations on the address in the register.
const USER_OPERATIONS = { op1: 3n, crn: 7n, op2: 1n } as const;
const cleaning: ReadonlySet<bigint> = new Set([5n, 10n, 11n, 12n, 14n]);

function isCleaning(args: readonly bigint[]): boolean {
  const [op1, crn, crm = 0n, op2] = args;
  const { op1: user, crn: cache, op2: byAddress } = USER_OPERATIONS;
  return op1 === user && crn === cache && op2 === byAddress && cleaning.has(crm);
}

const userPort: SystemPort = {
  readCsr: (number, hart) => {
    const read = readable.get(number);
    if (read !== undefined) return read(hart);
    return number >= FIRST_ID && number <= LAST_ID ? 0n : illegal;
  },
  writeCsr: () => illegal,
  helper: (name, args, hart) => {
    if (name === "clearReservation") {
      hart.dropReservation();
      return null;
    }
    return idleHelpers.has(name) || (name === "systemOperation" && isCleaning(args)) ? null : illegal;
  },
  idleHelpers,
};

/** Arm64 for the user-mode machine. */
export const arm64Binding: IsaBinding = {
  isa: arm64,
  decoder: rememberingDecoder(arm64),
  traps: {
    fault: { load: "loadPageFault", store: "storePageFault", fetch: "instructionPageFault" },
    bus: { load: "loadAccess", store: "storeAccess", fetch: "instructionAccess" },
    misaligned: { load: "loadMisaligned", store: "storeMisaligned", fetch: "instructionMisaligned" },
    watched: { load: "watchpoint", store: "watchpoint", fetch: "hardwareBreakpoint" },
    undefinedInstruction,
    systemCall: "environmentCall",
    breakpoint: "breakpoint",
  },
  stack: { classes: ["xsp"], register: 31, alignment: 16, trap: "stackMisaligned" },
  alignsAccesses: false,
  accessesAsUser: null,
  inline: null,
  instructionAlignment: 4,
  systemCallBytes: 4,
  userPort,
};
