// RV64 as the machine needs it: decoder, trap names, and CSRs and helpers as user mode sees them.
// Relies on spec/isa/riscv64. Source: unprivileged manual, chapters 7 (counters) and 6 (fence.i).

import { riscv64 } from "../../../spec/isa/riscv64/riscv64.ts";
import type { Trap } from "../../../spec/isa/effect-eval.ts";
import { elapsedNs } from "../../core/clock.ts";
import type { Hart } from "../../core/hart.ts";
import { csrNumber, rememberingDecoder, type IsaBinding, type SystemPort } from "../binding.ts";
import { NS_PER_TIME_TICK } from "./time.ts";

const undefinedInstruction = "illegalInstruction";
const illegal: Trap = { kind: "trap", cause: undefinedInstruction, value: 0n };

// User-readable counters; everything else is privileged, or belongs to extensions that user mode does not have yet.
const counters: ReadonlyMap<number, (hart: Hart) => bigint> = new Map([
  [csrNumber(riscv64, "cycle"), (hart: Hart) => hart.retired],
  [csrNumber(riscv64, "instret"), (hart: Hart) => hart.retired],
  [csrNumber(riscv64, "time"), (hart: Hart) => elapsedNs(hart.retired) / NS_PER_TIME_TICK],
]);

// Fences order nothing here: one hart, in order, and executors notice changed code by themselves.
const idleHelpers: ReadonlySet<string> = new Set(["fence", "fenceInstruction"]);

const userPort: SystemPort = {
  readCsr: (number, hart) => counters.get(number)?.(hart) ?? illegal,
  writeCsr: () => illegal,
  helper: (name) => (idleHelpers.has(name) ? null : illegal),
  idleHelpers,
};

/** RISC-V for the user-mode machine. */
export const riscv64Binding: IsaBinding = {
  isa: riscv64,
  decoder: rememberingDecoder(riscv64),
  traps: {
    fault: { load: "loadPageFault", store: "storePageFault", fetch: "instructionPageFault" },
    bus: { load: "loadAccess", store: "storeAccess", fetch: "instructionAccess" },
    misaligned: { load: "loadMisaligned", store: "storeMisaligned", fetch: "instructionMisaligned" },
    watched: { load: "breakpoint", store: "breakpoint", fetch: "breakpoint" },
    undefinedInstruction,
    systemCall: "environmentCall",
    breakpoint: "breakpoint",
  },
  stack: null,
  alignsAccesses: false,
  accessesAsUser: null,
  inline: null,
  instructionAlignment: 2,
  systemCallBytes: 4,
  userPort,
};
