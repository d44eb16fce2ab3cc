// What RV64 effects may ask of the machine: exceptions (privileged manual 3.1.15, table 14) and helpers.
// Relies on nothing.

import type { HelperSpec, TrapCause } from "../schema.ts";

// prettier-ignore
export const traps: readonly TrapCause[] = [
  { name: "instructionMisaligned", code: 0,  doc: "jump to an address that is not a multiple of 2" },
  { name: "instructionAccess",     code: 1,  doc: "fetch from memory that does not answer or may not be executed" },
  { name: "illegalInstruction",    code: 2,  doc: "no such instruction, or not in this mode; the value is its bits" },
  { name: "breakpoint",            code: 3,  doc: "ebreak; the value is its address" },
  { name: "loadMisaligned",        code: 4,  doc: "load (or lr) from an address that it does not accept" },
  { name: "loadAccess",            code: 5,  doc: "load from memory that does not answer or may not be read" },
  { name: "storeMisaligned",       code: 6,  doc: "store, sc or amo to an address that it does not accept" },
  { name: "storeAccess",           code: 7,  doc: "store to memory that does not answer or may not be written" },
  { name: "environmentCall",       code: 8,  doc: "ecall from user mode; other modes add their number (9 S, 11 M)" },
  { name: "instructionPageFault",  code: 12, doc: "fetch without a valid translation" },
  { name: "loadPageFault",         code: 13, doc: "load without a valid translation" },
  { name: "storePageFault",        code: 15, doc: "store or amo without a valid translation" },
];

// prettier-ignore
export const helpers: readonly HelperSpec[] = [
  { name: "fence", params: [4, 4, 4], result: null, traps: false,
    doc: "orders accesses of the second set (iorw) before those of the third; first: fm, 8 is total store order" },
  { name: "fenceInstruction", params: [], result: null, traps: false,
    doc: "this hart's later fetches see its earlier stores" },
  { name: "waitForInterrupt", params: [], result: null, traps: true,
    doc: "may wait until an interrupt is pending; illegal where TW or the mode forbids it" },
  { name: "fenceTranslation", params: [64, 64, 1, 1], result: null, traps: true,
    doc: "drops cached translations: (address, address space, only that address, only that space)" },
  { name: "returnFromMachine", params: [], result: 64, traps: true,
    doc: "mret: restores privilege and interrupt enable from mstatus; the value is mepc" },
  { name: "returnFromSupervisor", params: [], result: 64, traps: true,
    doc: "sret: restores privilege and interrupt enable from mstatus; the value is sepc" },
];
