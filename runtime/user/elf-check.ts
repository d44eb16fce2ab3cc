// Judges an ELF file before it is loaded: is this a static program that the user-mode machine can run?
// Relies on elf-file.ts. Guarantees: after no problem, segments lie inside the file, do not overlap, end below the stack, and the
// entry point is in an executable one, at a place where an instruction can be.

import { ET, PF, PT } from "../../spec/abi/elf.ts";
import { hexAddress, problem, type Problem } from "../problem.ts";
import { mapCeiling } from "./address-layout.ts";
import { textAt, type ElfFile, type Segment } from "../images/elf-file.ts";

const typeNames: Readonly<Record<number, string>> = {
  0: "a file without a type",
  [ET.REL]: "a relocatable object file",
  [ET.DYN]: "a shared object",
  [ET.CORE]: "a core dump",
};

/** What a program must fit to: the size of its stack, and where instructions of its target can be. */
export interface ProgramNeeds {
  readonly stackBytes: bigint;
  readonly instructionAlignment: number;
}

/** The problems of `elf`, made for one of our targets, as a program; empty if it can be loaded. */
export function checkProgram(elf: ElfFile, { stackBytes, instructionAlignment }: ProgramNeeds): Problem[] {
  const entry = checkEntry(elf, instructionAlignment);
  return [...checkKind(elf), ...checkSegments(elf, mapCeiling(stackBytes)), ...entry].slice(0, 8);
}

/** Loadable segments, in file order. */
export function loadable(elf: ElfFile): Segment[] {
  return elf.segments.filter((s) => Number(s.type) === PT.LOAD && s.memoryBytes > 0n);
}

function checkKind(elf: ElfFile): Problem[] {
  const interpreter = elf.segments.find((s) => Number(s.type) === PT.INTERP);
  if (interpreter !== undefined) {
    return [problem("R0006", { loader: textAt(elf.bytes, Number(interpreter.offset)) })];
  }
  const type = Number(elf.header.type);
  if (type === ET.EXEC) return [];
  if (type === ET.DYN && elf.header.entry !== 0n) return [problem("R0012")];
  return [problem("R0005", { found: typeNames[type] ?? `type ${String(type)}` })];
}

function checkSegments(elf: ElfFile, ceiling: bigint): Problem[] {
  if (loadable(elf).length === 0) {
    return Number(elf.header.type) === ET.EXEC ? [problem("R0009")] : [];
  }
  const problems: Problem[] = [];
  elf.segments.forEach((segment, index) => {
    if (Number(segment.type) !== PT.LOAD) return;
    const wrong = segmentProblem(segment, ceiling);
    if (wrong !== null) problems.push(problem("R0010", { index, problem: wrong }));
    else if (segment.fileBytes > 0n && segment.offset + segment.fileBytes > BigInt(elf.bytes.length)) {
      const needed = String(segment.offset + segment.fileBytes);
      problems.push(problem("R0002", { part: `segment ${String(index)}`, needed, found: elf.bytes.length }));
    }
  });
  return [...problems, ...checkOverlap(elf)];
}

function segmentProblem(segment: Segment, ceiling: bigint): string | null {
  if (segment.fileBytes > segment.memoryBytes) return "holds more bytes in the file than in memory";
  const end = segment.address + segment.memoryBytes;
  if (end <= ceiling) return null;
  return `ends at ${hexAddress(end)}, and the stack needs what lies above ${hexAddress(ceiling)}`;
}

function checkOverlap(elf: ElfFile): Problem[] {
  const sorted = elf.segments
    .map((segment, index) => ({ segment, index }))
    .filter(({ segment }) => Number(segment.type) === PT.LOAD && segment.memoryBytes > 0n)
    .sort((a, b) => (a.segment.address < b.segment.address ? -1 : 1));
  const problems: Problem[] = [];
  sorted.forEach((first, i) => {
    const second = sorted[i + 1];
    if (second === undefined || first.segment.address + first.segment.memoryBytes <= second.segment.address)
      return;
    const address = hexAddress(second.segment.address);
    problems.push(problem("R0007", { first: first.index, second: second.index, address }));
  });
  return problems;
}

function checkEntry(elf: ElfFile, alignment: number): Problem[] {
  if (Number(elf.header.type) !== ET.EXEC || loadable(elf).length === 0) return [];
  const { entry } = elf.header;
  const inText = loadable(elf).some(
    (s) => (Number(s.flags) & PF.X) !== 0 && entry >= s.address && entry < s.address + s.memoryBytes,
  );
  if (!inText) return [problem("R0008", { entry: hexAddress(entry) })];
  if (entry % BigInt(alignment) === 0n) return [];
  return [problem("R0016", { entry: hexAddress(entry), alignment })];
}
