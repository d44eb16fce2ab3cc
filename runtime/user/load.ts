// Puts a checked ELF program and its first stack into an empty address space, as Linux does for a static executable.
//
// Relies on elf-check.ts (no problems found), spec/abi. Source: System V gABI chapter 5, Linux fs/binfmt_elf.c for the
// order of the initial stack. Guarantees: the stack pointer is 16-byte aligned and points at argc.

import { AUXV, type LinuxArchitecture } from "../../spec/abi/linux-user.ts";
import { PF, PROGRAM_HEADER, recordBytes } from "../../spec/abi/elf.ts";
import { EXECUTE, pageRange, READ, WRITE, type AddressSpace, type Region } from "../core/address-space.ts";
import { PAGE_BYTES } from "../core/ram.ts";
import type { Hart } from "../core/hart.ts";
import { problem, type Problem } from "../problem.ts";
import { mapCeiling, STACK_TOP, stackStart } from "./address-layout.ts";
import { loadable } from "./elf-check.ts";
import type { ElfFile, Segment } from "../images/elf-file.ts";
import { randomBytes, type KernelState } from "./kernel-state.ts";

const RANDOM_BYTES = 16;
const CLOCK_TICKS = 100n;

export interface LoadOptions {
  /** argv, the program's name first. */
  readonly args: readonly string[];
  /** `NAME=value` texts. */
  readonly environment: readonly string[];
  readonly stackBytes: bigint;
}

/** What a program is loaded into. */
export interface LoadTarget {
  readonly hart: Hart;
  readonly memory: AddressSpace;
  readonly kernel: KernelState;
  readonly architecture: LinuxArchitecture;
}

/** Maps segments, heap and stack, and sets pc and stack pointer. Null, or R0011 if memory does not suffice. */
export function loadProgram(elf: ElfFile, target: LoadTarget, options: LoadOptions): Problem | null {
  const { hart, memory, kernel, architecture } = target;
  if (!mapSegments(elf, memory)) return problem("R0011", { limit: memory.ram.limitBytes });
  const top = loadable(elf).reduce((max, s) => (end(s) > max ? end(s) : max), 0n);
  kernel.breakStart = pageRange(top, BigInt(PAGE_BYTES)).end;
  kernel.breakEnd = kernel.breakStart;
  const start = stackStart(options.stackBytes);
  memory.map({ start, end: STACK_TOP, permissions: READ | WRITE, name: "stack" });
  kernel.mapCeiling = mapCeiling(options.stackBytes);
  const stackPointer = buildStack(elf, target, options);
  if (stackPointer === null) return problem("R0011", { limit: memory.ram.limitBytes });
  hart.pc = elf.header.entry;
  hart.write(architecture.registers.file, architecture.registers.stackPointer, stackPointer);
  return null;
}

function end(segment: Segment): bigint {
  return segment.address + segment.memoryBytes;
}

// Segments may share a page (a linker that packs); the page then gets the permissions of both.
function mapSegments(elf: ElfFile, memory: AddressSpace): boolean {
  for (const segment of loadable(elf)) {
    const range = pageRange(segment.address, segment.memoryBytes);
    const permissions = permissionsOf(Number(segment.flags));
    for (let at = range.start; at < range.end;) {
      const existing = memory.regionAt(at);
      const next = existing === null ? nextStart(memory, at, range.end) : minimum(existing.end, range.end);
      if (existing === null)
        memory.map({ start: at, end: next, permissions, name: segmentName(permissions) });
      else memory.protect(at, next, existing.permissions | permissions);
      at = next;
    }
    const from = Number(segment.offset);
    const bytes = elf.bytes.subarray(from, from + Number(segment.fileBytes));
    if (memory.fill(segment.address, bytes) !== null) return false;
  }
  return true;
}

function nextStart(memory: AddressSpace, at: bigint, limit: bigint): bigint {
  const after: Region | undefined = memory.regions().find((r) => r.start >= at);
  return after === undefined ? limit : minimum(after.start, limit);
}

function minimum(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function permissionsOf(flags: number): number {
  return (flags & PF.R ? READ : 0) | (flags & PF.W ? WRITE : 0) | (flags & PF.X ? EXECUTE : 0);
}

function segmentName(permissions: number): string {
  if ((permissions & EXECUTE) !== 0) return "code";
  return (permissions & WRITE) === 0 ? "constants" : "data";
}

// From high to low: texts, random bytes, padding; then (at the stack pointer) argc, argv, 0, envp, 0, auxv.
function buildStack(elf: ElfFile, target: LoadTarget, options: LoadOptions): bigint | null {
  const { memory, architecture, kernel } = target;
  let at = STACK_TOP;
  let stored = true;
  const push = (bytes: Uint8Array): bigint => {
    at -= BigInt(bytes.length);
    stored = memory.writeBlock(at, bytes) === null && stored;
    return at;
  };
  const pushText = (text: string): bigint => push(new TextEncoder().encode(`${text}\0`));
  const platform = pushText(architecture.machine);
  const argv = options.args.map(pushText);
  const envp = options.environment.map(pushText);
  const random = push(randomBytes(kernel, RANDOM_BYTES));
  const auxiliary = auxiliaryVector(elf, architecture, { platform, random, name: argv[0] ?? platform });
  const words = [BigInt(argv.length), ...argv, 0n, ...envp, 0n, ...auxiliary];
  const stackPointer = (at - BigInt(8 * words.length)) & ~15n;
  const block = new BigUint64Array(words);
  stored = memory.writeBlock(stackPointer, new Uint8Array(block.buffer)) === null && stored;
  return stored ? stackPointer : null;
}

interface StackPlaces {
  readonly platform: bigint;
  readonly random: bigint;
  readonly name: bigint;
}

function auxiliaryVector(elf: ElfFile, architecture: LinuxArchitecture, places: StackPlaces): bigint[] {
  const pairs: [number, bigint][] = [
    [AUXV.PAGESZ, BigInt(PAGE_BYTES)],
    [AUXV.HWCAP, architecture.hardwareCapabilities],
    [AUXV.CLKTCK, CLOCK_TICKS],
    [AUXV.PHDR, programHeaderAddress(elf)],
    [AUXV.PHENT, BigInt(recordBytes(PROGRAM_HEADER))],
    [AUXV.PHNUM, BigInt(elf.segments.length)],
    [AUXV.BASE, 0n],
    [AUXV.FLAGS, 0n],
    [AUXV.ENTRY, elf.header.entry],
    [AUXV.UID, USER_ID],
    [AUXV.EUID, USER_ID],
    [AUXV.GID, USER_ID],
    [AUXV.EGID, USER_ID],
    [AUXV.SECURE, 0n],
    [AUXV.RANDOM, places.random],
    [AUXV.EXECFN, places.name],
    [AUXV.PLATFORM, places.platform],
    [AUXV.NULL, 0n],
  ];
  return pairs.flatMap(([key, value]) => [BigInt(key), value]);
}

/** User and group that guests run as. */
export const USER_ID = 1000n;

// Where the program header table is in memory: in the segment that holds its file offset; 0 if none does.
function programHeaderAddress(elf: ElfFile): bigint {
  const { programOffset } = elf.header;
  const holder = loadable(elf).find(
    (s) => s.offset <= programOffset && programOffset < s.offset + s.fileBytes,
  );
  return holder === undefined ? 0n : holder.address + programOffset - holder.offset;
}
