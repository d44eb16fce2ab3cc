// What the instructions of WordLang read and write: the one place that knows, for every pass and analysis.
//
// Generic instructions say it themselves; for `machine` instructions the roles of spec/isa decide. An operand that is
// both read and written is `tied` and names two values (check.ts, W9): a `value` operand is a use or a definition.

import { operandRole } from "../../../spec/isa/isa.ts";
import type { Isa, OperandRole } from "../../../spec/isa/schema.ts";
import { bug } from "../../source/bug.ts";
import type { Edge, Instr, MachineOperand, Terminator, Value } from "./ast.ts";

/** Roles of a machine instruction's operands, in spec/isa's order. */
export type Roles = (ins: string) => readonly OperandRole[];

/** The roles of programs without machine instructions. */
export const noRoles: Roles = (ins) => bug(`machine instruction \`${ins}\` in a program without an isa`);

const rolesByIsa = new WeakMap<Isa, Roles>();

/** Looks roles up in `isa`; null: the program has no machine instructions yet. Remembers its answers. */
export function rolesOf(isa: Isa | null): Roles {
  if (isa === null) return noRoles;
  const known = rolesByIsa.get(isa);
  if (known !== undefined) return known;
  const table = new Map<string, readonly OperandRole[]>();
  const roles: Roles = (ins) => {
    const found = table.get(ins);
    if (found !== undefined) return found;
    const instruction = isa.instruction(ins);
    const list = instruction.operands.map((operand) => operandRole(isa, instruction, operand.name));
    table.set(ins, list);
    return list;
  };
  rolesByIsa.set(isa, roles);
  return roles;
}

/** Calls `visit` for every value that the instruction reads, in operand order; a value read twice comes twice. */
export function forEachUse(instr: Instr, roles: Roles, visit: (value: Value) => void): void {
  switch (instr.kind) {
    case "const":
    case "address":
    case "getGlobal":
      return;
    case "op":
    case "compare":
      visit(instr.left);
      visit(instr.right);
      return;
    case "addCarry":
      visit(instr.left);
      visit(instr.right);
      visit(instr.carryIn);
      return;
    case "load":
    case "sharedLoad":
      visit(instr.address);
      return;
    case "store":
    case "sharedStore":
      visit(instr.address);
      visit(instr.value);
      return;
    case "setGlobal":
      visit(instr.value);
      return;
    case "call":
    case "foreignCall":
      instr.args.forEach(visit);
      return;
    case "machine":
      forEachMachineValue(instr.operands, roles(instr.ins), (value, role) => {
        if (role !== "def") visit(value);
      });
  }
}

/** Calls `visit` for every value that the instruction defines. */
export function forEachDef(instr: Instr, roles: Roles, visit: (value: Value) => void): void {
  switch (instr.kind) {
    case "const":
    case "op":
    case "compare":
    case "address":
    case "load":
    case "getGlobal":
    case "sharedLoad":
      visit(instr.dest);
      return;
    case "addCarry":
      visit(instr.sum);
      visit(instr.carry);
      return;
    case "call":
      instr.dests.forEach(visit);
      return;
    case "store":
    case "setGlobal":
    case "sharedStore":
    case "foreignCall":
      return;
    case "machine":
      forEachMachineValue(instr.operands, roles(instr.ins), (value, role) => {
        if (role === "def") visit(value);
      });
  }
}

function forEachMachineValue(
  operands: readonly MachineOperand[],
  roles: readonly OperandRole[],
  visit: (value: Value, role: OperandRole) => void,
): void {
  for (let i = 0; i < operands.length; i++) {
    const operand = operands[i];
    if (operand?.kind === "value") visit(operand.value, roles[i] ?? "use");
    if (operand?.kind !== "tied") continue;
    visit(operand.from, "use");
    visit(operand.value, "def");
  }
}

/**
 * True if only the results of the instruction matter: no store, no event, no call. A local load is pure in this sense
 * (a wrong address is the program's mistake); machine accesses are not told apart and count as impure.
 */
export function isPure(instr: Instr): boolean {
  switch (instr.kind) {
    case "const":
    case "op":
    case "compare":
    case "addCarry":
    case "address":
    case "load":
    case "getGlobal":
      return true;
    case "store":
    case "setGlobal":
    case "sharedLoad":
    case "sharedStore":
    case "call":
    case "foreignCall":
      return false;
    case "machine":
      return instr.memory === null;
  }
}

/** Calls `visit` for every value that the terminator reads; arguments of its edges come last. */
export function forEachEndUse(end: Terminator, visit: (value: Value) => void): void {
  forEachOwnEndUse(end, visit);
  for (const edge of edgesOf(end)) edge.args.forEach(visit);
}

/** The same without the arguments of the edges. */
export function forEachOwnEndUse(end: Terminator, visit: (value: Value) => void): void {
  switch (end.kind) {
    case "jump":
    case "trap":
      return;
    case "branch":
      visit(end.left);
      visit(end.right);
      return;
    case "machineBranch":
      for (const operand of end.operands) if (operand.kind === "value") visit(operand.value);
      return;
    case "return":
      end.values.forEach(visit);
      return;
    case "tailCall":
      end.args.forEach(visit);
  }
}

/** The jumps of a terminator, taken one first. Both may name the same block. */
export function edgesOf(end: Terminator): readonly Edge[] {
  switch (end.kind) {
    case "jump":
      return [end.to];
    case "branch":
    case "machineBranch":
      return [end.then, end.else];
    case "return":
    case "tailCall":
    case "trap":
      return [];
  }
}

/** The terminator with every edge replaced by `change(edge)`. */
export function mapEdges(end: Terminator, change: (edge: Edge) => Edge): Terminator {
  switch (end.kind) {
    case "jump":
      return { ...end, to: change(end.to) };
    case "branch":
    case "machineBranch":
      return { ...end, then: change(end.then), else: change(end.else) };
    case "return":
    case "tailCall":
    case "trap":
      return end;
  }
}

/** The instruction with every value that it reads replaced by `change(value)`; definitions stay. */
export function mapUses(instr: Instr, roles: Roles, change: (value: Value) => Value): Instr {
  switch (instr.kind) {
    case "const":
    case "address":
    case "getGlobal":
      return instr;
    case "op":
    case "compare":
      return { ...instr, left: change(instr.left), right: change(instr.right) };
    case "addCarry": {
      const { left, right, carryIn } = instr;
      return { ...instr, left: change(left), right: change(right), carryIn: change(carryIn) };
    }
    case "load":
    case "sharedLoad":
      return { ...instr, address: change(instr.address) };
    case "store":
    case "sharedStore":
      return { ...instr, address: change(instr.address), value: change(instr.value) };
    case "setGlobal":
      return { ...instr, value: change(instr.value) };
    case "call":
    case "foreignCall":
      return { ...instr, args: instr.args.map(change) };
    case "machine": {
      const own = roles(instr.ins);
      const operands = instr.operands.map((o, i) => (own[i] === "def" ? o : mapOperand(o, change)));
      return { ...instr, operands };
    }
  }
}

function mapOperand(operand: MachineOperand, change: (value: Value) => Value): MachineOperand {
  if (operand.kind === "tied") return { ...operand, from: change(operand.from) };
  return operand.kind === "value" ? { kind: "value", value: change(operand.value) } : operand;
}

/** The terminator with every value that it reads replaced, edge arguments included. */
export function mapEndUses(end: Terminator, change: (value: Value) => Value): Terminator {
  const edge = (e: Edge): Edge => (e.args.length === 0 ? e : { label: e.label, args: e.args.map(change) });
  switch (end.kind) {
    case "jump":
      return { ...end, to: edge(end.to) };
    case "branch": {
      const { left, right } = end;
      return { ...end, left: change(left), right: change(right), then: edge(end.then), else: edge(end.else) };
    }
    case "machineBranch": {
      const operands = end.operands.map((o) => mapOperand(o, change));
      return { ...end, operands, then: edge(end.then), else: edge(end.else) };
    }
    case "return":
      return { ...end, values: end.values.map(change) };
    case "tailCall":
      return { ...end, args: end.args.map(change) };
    case "trap":
      return end;
  }
}
