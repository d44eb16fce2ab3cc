// The state that effects work on (spec/isa/effect-eval.ts), bound to a hart, its memory and its machine.
// Relies on core/hart.ts, core/memory.ts and a binding. Guarantees: faults come back as traps and changed nothing.
//
// A store-conditional succeeds if the reservation is for the same bytes and memory still holds what was seen.

import { readCsrFields, writeCsrFields } from "../../spec/isa/csr-fields.ts";
import type { AccessRequest, EffectMachine, Trap } from "../../spec/isa/effect-eval.ts";
import type { CsrField, Isa } from "../../spec/isa/schema.ts";
import type { Hart } from "../core/hart.ts";
import { isFault, type AccessKind, type Memory, type MemoryFault } from "../core/memory.ts";
import type { IsaBinding, SystemPort } from "./binding.ts";
import type { InstructionGuard } from "./system.ts";

/** Raised by whoever wants the executor to stop after the instruction that it executes now. */
export interface Attention {
  raised: boolean;
}

/** A hart that can execute: its registers, its view of memory, what the machine answers for it, and how it executes. */
export interface HartContext {
  readonly hart: Hart;
  readonly memory: Memory;
  /** What accesses with the rights of a user program go to (`IsaBinding.accessesAsUser`); else the same. */
  readonly userMemory: Memory;
  readonly port: SystemPort;
  readonly binding: IsaBinding;
  readonly attention: Attention;
  /** See HartMode. */
  readonly guard: InstructionGuard | null;
}

/** A hart that executes a user program. */
export function userContext(parts: {
  readonly hart: Hart;
  readonly memory: Memory;
  readonly binding: IsaBinding;
}): HartContext {
  const { userPort: port } = parts.binding;
  return { ...parts, userMemory: parts.memory, port, attention: { raised: false }, guard: null };
}

/** A trap of an access, with what reports need: its width, and the fault (null: only the alignment was wrong). */
export interface AccessTrap extends Trap {
  readonly fault: MemoryFault | null;
  readonly bytes: number;
}

/** The trap that `fault` means on this ISA. */
export function faultTrap(binding: IsaBinding, fault: MemoryFault, bytes: number): AccessTrap {
  const { traps } = binding;
  const { reason } = fault;
  const kind = reason === "misaligned" || reason === "bus" || reason === "watched" ? reason : "fault";
  const cause = traps[kind][fault.access];
  return { kind: "trap", cause, value: fault.address, fault, bytes };
}

const fieldsByIsa = new WeakMap<Isa, ReadonlyMap<number, readonly CsrField[]>>();

// The registers that are made of register files.
function csrFields(isa: Isa): ReadonlyMap<number, readonly CsrField[]> {
  const known = fieldsByIsa.get(isa);
  if (known !== undefined) return known;
  const fields = isa.csrs.flatMap((csr) =>
    csr.fields === undefined ? [] : [[csr.number, csr.fields] as const],
  );
  const made = new Map(fields);
  fieldsByIsa.set(isa, made);
  return made;
}

/** Makes the machine that `evaluateEffect` drives. */
export function effectMachine(context: HartContext): EffectMachine {
  const { hart, memory, userMemory, port, binding } = context;
  const fields = csrFields(binding.isa);
  const misaligned = (address: bigint, access: AccessRequest, kind: AccessKind): AccessTrap | null => {
    const { aligned, bytes } = access;
    if (!aligned || address % BigInt(bytes) === 0n) return null;
    return { kind: "trap", cause: binding.traps.misaligned[kind], value: address, fault: null, bytes };
  };
  const seenBy = (access: AccessRequest): Memory => (access.asUser ? userMemory : memory);
  const load: EffectMachine["load"] = (address, access) => {
    const value = misaligned(address, access, "load") ?? seenBy(access).load(address, access.bytes);
    return isFault(value) ? faultTrap(binding, value, access.bytes) : value;
  };
  const store: EffectMachine["store"] = (address, value, access) => {
    const result = misaligned(address, access, "store") ?? seenBy(access).store(address, value, access.bytes);
    return isFault(result) ? faultTrap(binding, result, access.bytes) : result;
  };
  return {
    readReg: (file, index) => hart.read(file, index),
    writeReg: (file, index, value) => {
      hart.write(file, index, value);
    },
    load,
    store,
    atomic: (address, update, access) => {
      const wrong = misaligned(address, access, "store");
      if (wrong !== null) return wrong;
      const old = asStore(memory.load(address, access.bytes));
      if (isFault(old)) return faultTrap(binding, old, access.bytes);
      const fault = memory.store(address, update(old), access.bytes);
      return fault === null ? old : faultTrap(binding, fault, access.bytes);
    },
    reserve: (address, access) => {
      const value = load(address, access);
      if (typeof value === "bigint") hart.reserve(address, value, access.bytes);
      return value;
    },
    conditional: (address, value, access) => conditional(context, { address, value, access, misaligned }),
    readCsr: (number, view) => {
      const parts = fields.get(number);
      return parts === undefined
        ? port.readCsr(number, hart, view)
        : readCsrFields(parts, (file) => hart.read(file, 0));
    },
    writeCsr: (number, value) => {
      const parts = fields.get(number);
      if (parts === undefined) return port.writeCsr(number, value, hart);
      writeCsrFields(parts, value, (file, part) => {
        hart.write(file, 0, part);
      });
      return null;
    },
    helper: (name, args) => port.helper(name, args, hart, memory),
  };
}

interface ConditionalStore {
  readonly address: bigint;
  readonly value: bigint;
  readonly access: AccessRequest;
  readonly misaligned: (address: bigint, access: AccessRequest, kind: AccessKind) => AccessTrap | null;
}

function conditional(context: HartContext, what: ConditionalStore): boolean | Trap {
  const { hart, memory, binding } = context;
  const { address, value, access } = what;
  const wrong = what.misaligned(address, access, "store");
  if (wrong !== null) return wrong;
  const now = asStore(memory.load(address, access.bytes));
  if (isFault(now)) return faultTrap(binding, now, access.bytes);
  const holds = hart.reservationHolds(address, now, access.bytes);
  if (holds) {
    const fault = memory.store(address, value, access.bytes);
    if (fault !== null) return faultTrap(binding, fault, access.bytes);
  }
  hart.dropReservation();
  return holds;
}

// Atomic operations fault as stores even if their read is what fails; but what watches reads hears of a read.
function asStore(result: bigint | MemoryFault): bigint | MemoryFault {
  return isFault(result) && result.reason !== "watched" ? { ...result, access: "store" } : result;
}
