// Which members of static libraries a program needs: those that define a name that objects of the program mention and
// nobody else defines, and so on for what they mention. All libraries are searched until nothing more is found, so their
// order does not matter but where two define the same name: the first one wins. Relies on read-object.ts.

import type { Checked, Diagnostic } from "../../source/diagnostic.ts";
import { readObject } from "../elf/read-object.ts";
import type { ObjectFile, ObjectMachine, ObjectSymbol } from "../object-file.ts";
import type { Archive } from "./read-archive.ts";

/** The members that `objects` need, in the order of finding them. */
export function pullMembers(
  objects: readonly ObjectFile[],
  archives: readonly Archive[],
  machine: ObjectMachine,
): Checked<readonly ObjectFile[]> {
  const { value: definers, diagnostics } = definitions(archives, machine);
  const defined = new Set(objects.flatMap((o) => o.symbols.filter(defines).map((s) => s.name)));
  const pulled: ObjectFile[] = [];
  const todo = [...objects];
  for (let object = todo.pop(); object !== undefined; object = todo.pop()) {
    for (const { name, place, binding } of object.symbols) {
      // A weak name is content with nothing.
      if (place.kind !== "undefined" || binding !== "global" || defined.has(name)) continue;
      const member = definers.get(name);
      if (member === undefined) continue;
      for (const symbol of member.symbols) if (defines(symbol)) defined.add(symbol.name);
      pulled.push(member);
      todo.push(member);
    }
  }
  return { value: pulled, diagnostics };
}

function defines({ place, binding }: ObjectSymbol): boolean {
  return place.kind !== "undefined" && binding !== "local";
}

// The member that defines each name. Members that are no ELF files (notes of other tools) are passed over.
function definitions(
  archives: readonly Archive[],
  machine: ObjectMachine,
): Checked<ReadonlyMap<string, ObjectFile>> {
  const definers = new Map<string, ObjectFile>();
  const diagnostics: Diagnostic[] = [];
  for (const { bytes, name } of archives.flatMap((archive) => archive.members)) {
    if (bytes[0] !== 0x7f || bytes[1] !== 0x45) continue;
    const read = readObject(bytes, name, machine);
    diagnostics.push(...read.diagnostics);
    for (const symbol of read.value.symbols) {
      if (defines(symbol) && !definers.has(symbol.name)) definers.set(symbol.name, read.value);
    }
  }
  return { value: definers, diagnostics };
}
