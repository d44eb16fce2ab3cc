// Virtual to physical addresses: walks of the tables that satp names, then physical memory protection.
//
// Relies on privileged-state.ts and protection.ts. Source: privileged manual 1.12, 4.3.2 (the algorithm), 4.4 to 4.6.
// Accessed and dirty flags are set by the walk, as on QEMU, which also makes the order of checks visible.

import {
  PRIVILEGE,
  STATUS,
  TABLE,
  TABLE_ENTRY,
  TABLE_LEVELS,
  TRANSLATION,
} from "../../../spec/isa/riscv64/status.ts";
import { fieldMask, readField } from "../../core/bit-field.ts";
import {
  isFault,
  type AccessKind,
  type FaultReason,
  type Memory,
  type MemoryFault,
} from "../../core/memory.ts";
import { EXECUTE, PERMISSION, READ, WRITE } from "../../core/paged-memory.ts";
import { PAGE_BYTES, PAGE_SHIFT } from "../../core/ram.ts";
import type { Translation, Translator } from "../../core/translation.ts";
import type { PrivilegedState } from "./privileged-state.ts";
import type { Protection } from "./protection.ts";

const PAGE_BITS = BigInt(PAGE_SHIFT);
const PAGE_MASK = BigInt(PAGE_BYTES) - 1n;
const LEVEL_BITS = BigInt(TABLE.levelBits);

const E = TABLE_ENTRY;
const VALID = fieldMask(E.V);
const READABLE = fieldMask(E.R);
const WRITABLE = fieldMask(E.W);
const EXECUTABLE = fieldMask(E.X);
const USER = fieldMask(E.U);
const ACCESSED = fieldMask(E.A);
const DIRTY = fieldMask(E.D);
const RESERVED = fieldMask(E.reserved);

/** What an access is, and who makes it. */
interface Request {
  readonly address: bigint;
  readonly access: AccessKind;
  readonly privilege: bigint;
}

/** A leaf entry that was found, and where. */
interface Leaf {
  readonly entry: bigint;
  readonly entryAddress: bigint;
  /** 0 for a page of 4 KiB. */
  readonly level: number;
}

export class TableTranslator implements Translator {
  private readonly state: PrivilegedState;
  private readonly protection: Protection;
  private readonly physical: Memory;

  constructor(state: PrivilegedState, protection: Protection, physical: Memory) {
    this.state = state;
    this.protection = protection;
    this.physical = physical;
  }

  translate(address: bigint, access: AccessKind, bytes: number): Translation | MemoryFault {
    const { state } = this;
    const privilege = access === "fetch" ? state.privilege : state.dataPrivilege();
    const request = { address, access, privilege };
    const satp = state.get("satp");
    const levels = TABLE_LEVELS[String(readField(satp, TRANSLATION.mode))];
    const found: Translation | MemoryFault =
      privilege === PRIVILEGE.machine || levels === undefined
        ? { physical: address, permissions: READ | WRITE | EXECUTE }
        : this.walk(request, satp, levels);
    if (isFault(found)) return found;
    const allowed = this.protection.check(found.physical, bytes, access, privilege);
    if (!allowed.access) return fault(request, "bus");
    const permissions = found.permissions & allowed.page & this.rightsOf(access);
    return { ...found, physical: found.physical & ~PAGE_MASK, permissions };
  }

  // While data has another privilege than fetches (MPRV), what holds for one does not for the other.
  private rightsOf(access: AccessKind): number {
    const { state } = this;
    if (state.privilege === state.dataPrivilege()) return READ | WRITE | EXECUTE;
    return access === "fetch" ? EXECUTE : READ | WRITE;
  }

  private walk(request: Request, satp: bigint, levels: number): Translation | MemoryFault {
    const { address } = request;
    const width = TABLE.levelBits * levels + PAGE_SHIFT;
    if (BigInt.asUintN(64, BigInt.asIntN(width, address)) !== address) return fault(request, "translation");
    const leaf = this.findLeaf(request, readField(satp, TRANSLATION.root) << PAGE_BITS, levels);
    if (isFault(leaf)) return leaf;
    const permissions = this.leafPermissions(leaf, request.privilege);
    const offsetMask = (1n << (PAGE_BITS + LEVEL_BITS * BigInt(leaf.level))) - 1n;
    const base = readField(leaf.entry, E.number) << PAGE_BITS;
    if ((permissions & PERMISSION[request.access]) === 0 || (base & offsetMask) !== 0n) {
      return fault(request, "translation");
    }
    const marked = this.mark(leaf, request);
    if (isFault(marked)) return marked;
    // A page that is not dirty yet needs another walk for its first store.
    const lasting = (marked & DIRTY) === 0n ? permissions & ~WRITE : permissions;
    const pages = Number((offsetMask + 1n) >> PAGE_BITS);
    return { physical: base | (address & offsetMask), permissions: lasting, pages };
  }

  private findLeaf(request: Request, root: bigint, levels: number): Leaf | MemoryFault {
    let table = root;
    for (let level = levels - 1; level >= 0; level -= 1) {
      const shift = PAGE_BITS + LEVEL_BITS * BigInt(level);
      const index = BigInt.asUintN(TABLE.levelBits, request.address >> shift);
      const entryAddress = table + index * BigInt(TABLE.entryBytes);
      const entry = this.readEntry(entryAddress, request);
      if (isFault(entry)) return entry;
      if ((entry & VALID) === 0n || (entry & RESERVED) !== 0n) return fault(request, "translation");
      if ((entry & (READABLE | WRITABLE | EXECUTABLE)) !== 0n) return { entry, entryAddress, level };
      // Flags that only a leaf has are reserved in an entry that leads on.
      if ((entry & (USER | ACCESSED | DIRTY)) !== 0n) return fault(request, "translation");
      table = readField(entry, E.number) << PAGE_BITS;
    }
    return fault(request, "translation");
  }

  // Everything that the entry, the privilege and the status allow; nothing for a reserved combination.
  private leafPermissions({ entry }: Leaf, privilege: bigint): number {
    const { state } = this;
    if ((entry & (READABLE | WRITABLE)) === WRITABLE) return 0;
    const isSupervisor = privilege === PRIVILEGE.supervisor;
    const isOwn = ((entry & USER) === 0n) === isSupervisor;
    // The supervisor may read and write users' pages if SUM says so; it never executes them.
    if (!isOwn && !(isSupervisor && state.status(STATUS.SUM) === 1n)) return 0;
    const mayExecute = (entry & EXECUTABLE) !== 0n;
    const mayRead = (entry & READABLE) !== 0n || (mayExecute && state.status(STATUS.MXR) === 1n);
    const mayWrite = (entry & WRITABLE) !== 0n;
    return (mayRead ? READ : 0) | (mayWrite ? WRITE : 0) | (mayExecute && isOwn ? EXECUTE : 0);
  }

  // Sets the flags in the table; the entry as it is then.
  private mark({ entry, entryAddress }: Leaf, request: Request): bigint | MemoryFault {
    const marked = entry | ACCESSED | (request.access === "store" ? DIRTY : 0n);
    if (marked === entry) return entry;
    const isAllowed = this.protection.check(
      entryAddress,
      TABLE.entryBytes,
      "store",
      PRIVILEGE.supervisor,
    ).access;
    const refused = isAllowed ? this.physical.store(entryAddress, marked, TABLE.entryBytes) : "protected";
    return refused === null ? marked : fault(request, "bus");
  }

  // Tables are read with the rights of the supervisor. A table that is not there is an access fault of the access.
  private readEntry(entryAddress: bigint, request: Request): bigint | MemoryFault {
    const { protection, physical } = this;
    const { access } = protection.check(entryAddress, TABLE.entryBytes, "load", PRIVILEGE.supervisor);
    const entry = access ? physical.load(entryAddress, TABLE.entryBytes) : null;
    return typeof entry === "bigint" ? entry : fault(request, "bus");
  }
}

function fault({ access, address }: Request, reason: FaultReason): MemoryFault {
  return { kind: "fault", access, address, reason };
}
