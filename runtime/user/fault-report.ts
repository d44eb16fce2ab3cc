// Turns a guest fault into a report for people: what failed and why, in which function and source line.
// Relies on program-symbols.ts, the disassembler and the machine's state, which it only reads. No output happens here.

import {
  AREA_SYMBOLS,
  FUNCTION_PREFIXES,
  TRAP_PREFIXES,
  TRAP_REASONS,
  type TrapReasonName,
} from "../../spec/abi/program-symbols.ts";
import type { Region } from "../core/address-space.ts";
import { EXECUTE, READ, WRITE } from "../core/address-space.ts";
import type { SourcePlace } from "../debug/line-table.ts";
import { createDisassembler } from "../isa/disassembler.ts";
import type { AccessTrap } from "../isa/effect-machine.ts";
import { hexAddress, problem, type Problem } from "../problem.ts";
import { programSymbols, type ProgramSymbols } from "./program-symbols.ts";
import type { GuestFault, UserMachine } from "./user-machine.ts";

/** One line of the way to the fault, innermost first. */
export interface ReportFrame {
  readonly address: bigint;
  /** `name` or `name+0x10`; null for an address outside all functions. */
  readonly function: string | null;
  readonly place: SourcePlace | null;
}

export interface FaultReport {
  readonly problem: Problem;
  /** The instruction that failed; null if it could not be fetched. */
  readonly instruction: string | null;
  /** The failing instruction, then callers as far as they are known. */
  readonly frames: readonly ReportFrame[];
  readonly notes: readonly string[];
}

// What it means that a compiled Pancake program stopped at one of these labels.
const TRAP_CODES = {
  stackExhausted: "R0106",
  uncaughtException: "R0107",
  unreachable: "R0111",
} as const satisfies Readonly<Record<TrapReasonName, string>>;

const NEAR_STACK = 1n << 20n;
const SHOWN_REGIONS = 3;

/** Explains `fault` on `machine`, whose state must still be that of the fault. */
export function reportFault(fault: GuestFault, machine: UserMachine): FaultReport {
  const symbols = programSymbols(machine.elf);
  return {
    problem: classify(fault, machine, symbols),
    instruction: instructionText(fault, machine, symbols),
    frames: framesOf(fault, machine, symbols),
    notes: notesOf(fault, machine, symbols),
  };
}

/** The report as text, in the layout of the compiler's diagnostics; without a newline at the end. */
export function renderFaultReport(report: FaultReport): string {
  const { code, message, help } = report.problem;
  const lines = [`error[${code}]: ${message}`];
  report.frames.forEach((frame, i) => {
    const place = frame.place === null ? "" : ` at ${placeText(frame.place)}`;
    const where = `${frame.function ?? "unknown code"} (${hexAddress(frame.address)})${place}`;
    lines.push(i === 0 ? `  --> ${where}` : `      called from ${where}`);
  });
  if (report.instruction !== null) lines.push(`   = instruction: ${report.instruction}`);
  for (const note of report.notes) lines.push(`   = note: ${note}`);
  if (help !== null) lines.push(`   = help: ${help}`);
  return lines.join("\n");
}

/** All registers by name, each once, four in a line: for those who ask for them. */
export function renderRegisters(machine: UserMachine): string {
  const { hart, binding } = machine;
  const texts = [`pc ${word(hart.pc, 64)}`];
  const shown = new Set<string>();
  for (const { file, width, first, names, special } of binding.isa.classes) {
    if (first !== 0 || width !== hart.places.get(file)?.file.width) continue;
    names.forEach((name, i) => {
      const entry = `${file}${String(i)}`;
      if (special?.index === i || shown.has(entry)) return;
      shown.add(entry);
      texts.push(`${name} ${word(hart.read(file, i), width)}`);
    });
  }
  const rows: string[] = [];
  for (let i = 0; i < texts.length; i += 4) {
    rows.push(texts.slice(i, i + 4).map((t) => t.padStart(21)).join("  ")); // prettier-ignore
  }
  return rows.join("\n");
}

function word(value: bigint, width: number): string {
  return value.toString(16).padStart(Math.ceil(width / 4), "0");
}

function placeText(place: SourcePlace): string {
  const column = place.column === 0 ? "" : `:${String(place.column)}`;
  return `${place.file}:${String(place.line)}${column}`;
}

function classify(fault: GuestFault, machine: UserMachine, symbols: ProgramSymbols): Problem {
  const reason = trapReasonAt(fault.pc, symbols);
  if (reason !== null) return problem(TRAP_CODES[reason]);
  const { trap } = fault;
  if (isAccessTrap(trap)) return accessProblem(trap, machine);
  const { stack, traps } = machine.binding;
  if (trap.cause === traps.breakpoint) return problem("R0105");
  if (trap.cause === stack?.trap) {
    return problem("R0114", { address: hexAddress(trap.value), alignment: stack.alignment });
  }
  return problem("R0104", { bits: fault.word === null ? "?" : hexAddress(BigInt(fault.word)) });
}

function trapReasonAt(pc: bigint, symbols: ProgramSymbols): TrapReasonName | null {
  const name = symbols.functionAt(pc)?.symbol.name;
  return TRAP_REASONS.find((reason) => TRAP_PREFIXES.some((prefix) => name === prefix + reason)) ?? null;
}

function isAccessTrap(trap: GuestFault["trap"]): trap is AccessTrap {
  return "fault" in trap;
}

function accessProblem(trap: AccessTrap, machine: UserMachine): Problem {
  const bytes = trap.bytes === 1 ? "1 byte" : `${String(trap.bytes)} bytes`;
  const address = hexAddress(trap.value);
  const { fault } = trap;
  if (fault === null) return problem("R0110", { address, bytes });
  if (fault.access !== "fetch" && isBelowStack(fault.address, machine)) return problem("R0106");
  const why = whyFaulted(fault, machine);
  if (fault.access === "fetch") return problem("R0103", { address, why });
  return problem(fault.access === "load" ? "R0101" : "R0102", { address, why, bytes });
}

function isBelowStack(address: bigint, machine: UserMachine): boolean {
  const stack = machine.memory.regions().find((r) => r.name === "stack");
  return stack !== undefined && address < stack.start && address >= stack.start - NEAR_STACK;
}

function whyFaulted(fault: NonNullable<AccessTrap["fault"]>, machine: UserMachine): string {
  if (fault.reason === "exhausted") return "the machine has no more memory to give";
  if (fault.reason === "misaligned") {
    return `instructions are at multiples of ${String(machine.binding.instructionAlignment)}`;
  }
  const region = machine.memory.regionAt(fault.address);
  if (region === null)
    return fault.address < 4096n ? "nothing is mapped there (a null pointer?)" : "nothing is mapped there";
  return `${region.name} there is ${permissionText(region)}`;
}

function permissionText(region: Region): string {
  const { permissions } = region;
  if (permissions === 0) return "not accessible";
  if ((permissions & EXECUTE) !== 0) return (permissions & WRITE) === 0 ? "not writable" : "executable";
  return (permissions & WRITE) === 0 && (permissions & READ) !== 0
    ? "read-only and not executable"
    : "not executable";
}

// Pancake's own areas if the program has them, else the regions nearest to the address.
function notesOf(fault: GuestFault, machine: UserMachine, symbols: ProgramSymbols): string[] {
  const { trap } = fault;
  if (!isAccessTrap(trap) || trap.fault?.reason !== "unmapped") return [];
  const areas = AREA_SYMBOLS.flatMap(({ start, end, name }) => {
    const [from, to] = [symbols.addressOf(start), symbols.addressOf(end)];
    return from === null || to === null ? [] : [{ start: from, end: to, name }];
  });
  const known = areas.length > 0 ? areas : nearestRegions(trap.fault.address, machine);
  return known.map((r) => `${r.name} is ${hexAddress(r.start)}..${hexAddress(r.end)}`);
}

function nearestRegions(address: bigint, machine: UserMachine): Region[] {
  const distance = (r: Region): bigint => (address < r.start ? r.start - address : address - r.end);
  const nearest = [...machine.memory.regions()].sort((a, b) => (distance(a) < distance(b) ? -1 : 1));
  return nearest.slice(0, SHOWN_REGIONS).sort((a, b) => (a.start < b.start ? -1 : 1));
}

function instructionText(fault: GuestFault, machine: UserMachine, symbols: ProgramSymbols): string | null {
  if (fault.word === null || trapReasonAt(fault.pc, symbols) !== null) return null;
  const symbolAt = (address: bigint): string => {
    const place = symbols.functionAt(address);
    return place === null ? hexAddress(address) : nameWithOffset(place.symbol.name, place.offset);
  };
  const disassembler = createDisassembler(machine.binding.isa, { symbolAt });
  return disassembler.line(fault.word, fault.pc).text;
}

function nameWithOffset(name: string, offset: bigint): string {
  const prefix = FUNCTION_PREFIXES.find((p) => name.startsWith(p)) ?? "";
  const shown = name.slice(prefix.length);
  return offset === 0n ? shown : `${shown}+0x${offset.toString(16)}`;
}

// The failing instruction and its caller, as the link register names it (before the function's first own call, or after
// its last, that is the caller; otherwise it points into the function itself and says nothing). At a trap label, which
// says little by itself, the place that went there stands first. Deeper frames need frame information.
function framesOf(fault: GuestFault, machine: UserMachine, symbols: ProgramSymbols): ReportFrame[] {
  const { hart } = machine;
  const { file, link, scratch } = machine.architecture.calls;
  const isTrap = trapReasonAt(fault.pc, symbols) !== null;
  const here = isTrap ? afterCall(hart.read(file, scratch), symbols) : frameAt(fault.pc, fault.pc, symbols);
  const caller = afterCall(hart.read(file, link), symbols);
  return caller.function === null || sameFunction(here, caller) ? [here] : [here, caller];
}

// A return address stands for the call before it: it may already belong to the next line.
function afterCall(address: bigint, symbols: ProgramSymbols): ReportFrame {
  return frameAt(address, address - 1n, symbols);
}

function sameFunction(a: ReportFrame, b: ReportFrame): boolean {
  return a.function?.split("+")[0] === b.function?.split("+")[0];
}

// `lookup` lies inside the instruction that the frame is about.
function frameAt(address: bigint, lookup: bigint, symbols: ProgramSymbols): ReportFrame {
  const found = symbols.functionAt(lookup);
  return {
    address,
    function: found === null ? null : nameWithOffset(found.symbol.name, address - found.symbol.address),
    place: symbols.placeAt(lookup),
  };
}
