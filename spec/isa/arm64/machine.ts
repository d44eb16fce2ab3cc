// What Arm64 effects may ask of the machine: exceptions with their classes (ESR_ELx.EC, Arm DDI 0487 D17.2.37) and
// helpers. Relies on nothing. Events that RISC-V has too carry the same names.

import type { HelperSpec, TrapCause } from "../schema.ts";

// prettier-ignore
export const traps: readonly TrapCause[] = [
  { name: "illegalInstruction",    code: 0x00, doc: "no such instruction, or not at this exception level; also udf" },
  { name: "waitTrapped",           code: 0x01, doc: "wfi or wfe that a higher level traps" },
  { name: "floatingPointAccess",   code: 0x07, doc: "floating point or vectors while they are switched off" },
  { name: "illegalState",          code: 0x0e, doc: "any instruction after an illegal return" },
  { name: "environmentCall",       code: 0x15, doc: "svc; the value is its immediate" },
  { name: "hypervisorCall",        code: 0x16, doc: "hvc; the value is its immediate" },
  { name: "monitorCall",           code: 0x17, doc: "smc; the value is its immediate" },
  { name: "systemRegister",        code: 0x18, doc: "mrs, msr or a system instruction that a higher level traps" },
  { name: "instructionAccess",     code: 0x20, doc: "fetch from memory that does not answer or may not be executed" },
  { name: "instructionPageFault",  code: 0x20, doc: "fetch without a valid translation" },
  { name: "instructionMisaligned", code: 0x22, doc: "jump to an address that is not a multiple of 4" },
  { name: "loadAccess",            code: 0x24, doc: "load from memory that does not answer or may not be read" },
  { name: "storeAccess",           code: 0x24, doc: "store to memory that does not answer or may not be written" },
  { name: "loadMisaligned",        code: 0x24, doc: "load from an address that it does not accept" },
  { name: "storeMisaligned",       code: 0x24, doc: "store or atomic access to an address that it does not accept" },
  { name: "loadPageFault",         code: 0x24, doc: "load without a valid translation" },
  { name: "storePageFault",        code: 0x24, doc: "store or atomic access without a valid translation" },
  { name: "stackMisaligned",       code: 0x26, doc: "access by a stack pointer that is not a multiple of 16; the value is it" },
  { name: "hardwareBreakpoint",    code: 0x30, doc: "instruction that a breakpoint register is about" },
  { name: "softwareStep",          code: 0x32, doc: "the instruction that a debugger let a lower level step is done" },
  { name: "watchpoint",            code: 0x34, doc: "access that a watchpoint register is about" },
  { name: "breakpoint",            code: 0x3c, doc: "brk; the value is its immediate" },
  { name: "halt",                  code: 0x3c, doc: "hlt; the value is its immediate (semihosting, else undefined)" },
];

// prettier-ignore
export const helpers: readonly HelperSpec[] = [
  { name: "hint", params: [7], result: null, traps: false,
    doc: "hint by number; those that a machine does not know do nothing (yield 1)" },
  { name: "waitForInterrupt", params: [], result: null, traps: true,
    doc: "may wait until an interrupt is pending" },
  { name: "waitForEvent", params: [], result: null, traps: true,
    doc: "wfe: waits until the event register is set, and clears it" },
  { name: "sendEvent", params: [1], result: null, traps: false,
    doc: "sets the event register of this hart (0, sevl) or of all (1, sev)" },
  { name: "fence", params: [1, 4], result: null, traps: false,
    doc: "barrier: 0 dsb or 1 dmb, and which accesses of whom (the option of dmb and dsb)" },
  { name: "fenceInstruction", params: [4], result: null, traps: false,
    doc: "isb: this hart's later fetches see its earlier changes" },
  { name: "prefetch", params: [64, 5], result: null, traps: false,
    doc: "prfm: the address and what it will be used for" },
  { name: "clearReservation", params: [4], result: null, traps: false,
    doc: "clrex: drops this hart's reservation" },
  { name: "setState", params: [6, 4], result: null, traps: true,
    doc: "msr of an immediate: op1:op2 of the PSTATE field, and its value" },
  { name: "systemOperation", params: [3, 4, 4, 3, 64], result: null, traps: true,
    doc: "sys: op1, CRn, CRm, op2 (system-operations.ts has their names) and the register's value" },
  { name: "systemOperationWithResult", params: [3, 4, 4, 3], result: 64, traps: true,
    doc: "sysl: op1, CRn, CRm, op2" },
  { name: "returnFromException", params: [], result: 64, traps: true,
    doc: "eret: restores PSTATE from SPSR; the value is ELR" },
];
