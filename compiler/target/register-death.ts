// Is a register overwritten before it is read? What folding of addresses asks about the lines that follow.
// Relies on spec/isa for what instructions read and write, and on the convention at calls.

import type * as lab from "../lang/lab/ast.ts";
import { forEachMachineRegister } from "../lang/stack/register-use.ts";
import type { Convention } from "./convention.ts";

/** A place in the code with what is known of functions. */
export interface CodePlace {
  readonly section: lab.Section;
  readonly paramWords: (callee: string) => number;
}

/** True if the code from line `from` of the section on certainly overwrites the register before it reads it. */
export function isDeadFrom(
  { section, paramWords }: CodePlace,
  from: number,
  register: number,
  convention: Convention,
): boolean {
  const { lines, resultWords } = section;
  for (let i = from; i < lines.length; i += 1) {
    const line = lines[i];
    switch (line?.kind) {
      case "address":
        if (line.dest === register) return true;
        break;
      case "foreignCall":
        return isFree(register, convention.foreignWords, convention);
      case "call":
      case "tailCall":
        return isFree(register, convention.words.slice(0, paramWords(line.callee)), convention);
      case "return":
        return isFree(register, convention.words.slice(0, resultWords), convention);
      case "machine": {
        const use = registerUse(line, register, convention);
        if (use !== "none") return use === "written";
        break;
      }
      case "trap":
        return true;
      case "label":
      case "jump":
      case "branch":
      case undefined:
        return false;
    }
  }
  return false;
}

// At a border: neither among the words that count, nor the return address, nor callee-saved.
function isFree(register: number, words: readonly number[], convention: Convention): boolean {
  if (register === convention.link) return false;
  return convention.callerSaved.includes(register) && !words.includes(register);
}

/** How a machine line uses a register; one that is both read and written counts as read. */
export function registerUse(
  line: Extract<lab.Line, { kind: "machine" }>,
  register: number,
  convention: Convention,
): "none" | "read" | "written" {
  let [isRead, isWritten] = [false, false];
  forEachMachineRegister(line, convention, {
    read: (r) => (isRead ||= r === register),
    write: (r) => (isWritten ||= r === register),
  });
  if (isRead) return "read";
  return isWritten ? "written" : "none";
}
