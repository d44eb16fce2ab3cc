// Selects one function. Blocks go in postorder and backwards inside, so that every use of a value is seen before its
// definition: what nobody demanded by then is dead, or was covered by its only user's rule.
//
// Constants and the address of the globals are values that blocks share (shared.ts), made in front of loops where that
// pays (homes.ts): cheap constants near their uses, others where the program first had them.

import type { Block, Edge, Function, Instr, MachineOperand, Terminator, Value } from "../../lang/word/ast.ts";
import { wordGraph } from "../../lang/word/graph.ts";
import { forEachDef, isPure, mapEndUses, mapUses, noRoles, rolesOf } from "../../lang/word/operands.ts";
import { toSigned, toWord, WORD_BYTES } from "../../lang/machine-word.ts";
import { bug } from "../../source/bug.ts";
import type { Span } from "../../source/span.ts";
import {
  emitSelection,
  selectRule,
  type Emitted,
  type NodeArg,
  type RuleSet,
  type Selection,
  type SelectNode,
  type SelectView,
} from "../../target/select.ts";
import type { Target } from "../../target/target.ts";
import { swapNode } from "./byte-order.ts";
import { changesLocalMemory, factsOf, type Facts } from "./facts.ts";
import { findHomes, withNewHomes } from "./homes.ts";
import { branchNode, instrNode, isSelectable, loadNode, storeNode, type InstrNode } from "./nodes.ts";
import { SharedValues } from "./shared.ts";

export interface SelectSetting {
  readonly target: Target;
  readonly has: (extension: string) => boolean;
  readonly rules: RuleSet;
}

// The state of one function.
interface Selecting extends SelectSetting {
  readonly facts: Facts;
  readonly fresh: () => Value;
  /** Values whose definition must be emitted. */
  readonly demanded: Set<Value>;
  readonly shared: SharedValues;
}

// The state of one block.
interface BlockState {
  readonly s: Selecting;
  readonly block: Block;
  /** Instructions made so far, last first. */
  readonly reversed: Instr[];
  /** Instructions before this point that may change local memory. */
  epoch: number;
}

export function selectFunction(f: Function, setting: SelectSetting): Function {
  const graph = wordGraph(f);
  const homes = findHomes(f, graph);
  let nextValue = f.nextValue;
  const fresh = (): Value => nextValue++;
  const roles = rolesOf(setting.target.isa);
  const { target, has } = setting;
  const s: Selecting = {
    ...setting,
    facts: factsOf(f, graph),
    fresh,
    demanded: new Set(),
    shared: new SharedValues({ target, has, roles, homes, fresh }),
  };
  const done = new Map<number, Block>();
  for (const label of [...graph.order].reverse()) done.set(label, selectBlock(graph.block(label), s));
  const selected = { ...f, blocks: f.blocks.flatMap((block) => done.get(block.label) ?? []) };
  const blocks = withNewHomes(selected, homes.promised, { bodyOf: (home) => s.shared.bodyOf(home), fresh });
  return { ...f, blocks, nextValue, nextLabel: homes.nextLabel };
}

function selectBlock(block: Block, s: Selecting): Block {
  const epoch = block.body.filter(changesLocalMemory).length;
  const state: BlockState = { s, block, reversed: [], epoch };
  const end = selectEnd(block.end, state);
  for (const instr of [...block.body].reverse()) {
    if (changesLocalMemory(instr)) state.epoch -= 1;
    selectInstr(instr, state);
  }
  return { ...block, ...s.shared.place(block.label, state.reversed.reverse(), end) };
}

// --- uses ---------------------------------------------------------------------------------------------------------

// The value to read where `value` is used in this block.
function use(value: Value, state: BlockState): Value {
  const { s, block } = state;
  const definition = s.facts.definitions.get(value);
  const instr = definition?.instr;
  if (definition !== undefined && instr?.kind === "const") {
    const isCheap = s.target.constant(toSigned(instr.value), s.has).length === 1;
    return s.shared.constant(instr.value, isCheap ? block.label : definition.block, instr.span);
  }
  if (definition !== undefined && instr?.kind === "address") {
    return s.shared.address(instr.place, definition.block, instr.span);
  }
  s.demanded.add(value);
  return value;
}

function operandOf(value: Value, zero: number | null, state: BlockState): MachineOperand {
  if (zero !== null && state.s.facts.constantOf(value) === 0n) return { kind: "fixed", register: zero };
  return { kind: "value", value: use(value, state) };
}

// --- instructions -------------------------------------------------------------------------------------------------

function selectInstr(instr: Instr, state: BlockState): void {
  const { s } = state;
  if (isPure(instr) && !isDemanded(instr, s)) return;
  if (isSelectable(instr)) {
    if (!selectSwap(instr, state)) selectNode(instrNode(instr), instr.span, state);
    return;
  }
  switch (instr.kind) {
    case "const":
    case "address":
      return bug(`${instr.kind} is shared, never demanded`, instr.span);
    case "getGlobal": {
      selectNode(globalNode(instr, state), instr.span, state);
      return;
    }
    case "setGlobal": {
      selectNode(globalNode(instr, state), instr.span, state);
      return;
    }
    case "call":
    case "foreignCall":
      state.reversed.push(mapUses(instr, noRoles, (value) => use(value, state)));
      return;
    case "machine":
      return bug("word-select meets a machine instruction", instr.span);
  }
}

// Makes an instruction that turns bytes round of operations that do, if the target has one. False: nothing was done.
function selectSwap(instr: Instr, state: BlockState): boolean {
  const { rules, facts } = state.s;
  const node = instr.kind === "op" ? swapNode(instr, facts) : null;
  const selection = node === null ? null : selectRule(rules, node, false, viewOf(state));
  if (node === null || selection === null) return false;
  emitNode(selection, node, instr.span, state);
  return true;
}

function isDemanded(instr: Instr, s: Selecting): boolean {
  let demanded = false;
  forEachDef(instr, noRoles, (value) => (demanded ||= s.demanded.has(value)));
  return demanded;
}

function globalNode(
  instr: Extract<Instr, { kind: "getGlobal" | "setGlobal" }>,
  state: BlockState,
): InstrNode {
  const place = {
    address: state.s.shared.address("globals", state.block.label, instr.span),
    offset: BigInt(instr.index * WORD_BYTES),
  };
  if (instr.kind === "getGlobal") return loadNode(WORD_BYTES, place, { dest: instr.dest, memory: "global" });
  return storeNode(WORD_BYTES, place, { value: instr.value, memory: "global" });
}

// Makes the instructions of a node; a load or store whose offset no rule takes gets part of it added to its address.
function selectNode(node: InstrNode, span: Span, state: BlockState): void {
  const selection = selectRule(state.s.rules, node, false, viewOf(state));
  if (selection !== null) {
    emitNode(selection, node, span, state);
    return;
  }
  const [address, offset, ...rest] = node.args;
  if (address?.kind !== "value" || offset?.kind !== "number") return bug(`no rule for ${node.op}`, span);
  const { high, low } = state.s.target.splitOffset(offset.value, node.bytes);
  const base: NodeArg = { kind: "value", value: state.s.fresh() };
  if (high === 0n) return bug(`no rule for ${node.op} at ${String(offset.value)}`, span);
  selectNode({ ...node, args: [base, { kind: "number", value: low }, ...rest] }, span, state);
  const sum = { op: "add", results: [base.value], memory: null, bytes: 0 };
  const direct = selectRule(
    state.s.rules,
    { op: "add", args: [address, { kind: "number", value: high }] },
    false,
    viewOf(state),
  );
  if (direct !== null) {
    emitNode(direct, { ...sum, args: [] }, span, state);
    return;
  }
  const part: NodeArg = {
    kind: "value",
    value: state.s.shared.constant(toWord(high), state.block.label, span),
  };
  selectNode({ ...sum, args: [address, part] }, span, state);
}

function emitNode(selection: Selection, node: InstrNode, span: Span, state: BlockState): void {
  const lines = emitSelection(selection, {
    operandOf: (value, zero) => operandOf(value, zero, state),
    results: node.results,
    fresh: state.s.fresh,
    // A rule for an operation that accesses nothing covers a local load if it has an access.
    memory: node.memory ?? "local",
  });
  const results = node.results.filter((r) => node.results.length === 1 || state.s.demanded.has(r));
  pushLines(lines, span, state, { values: new Set(results), flags: false });
}

/** What is read of the lines that are pushed. */
interface Wanted {
  readonly values: Set<Value>;
  flags: boolean;
}

// Pushes lines last first and leaves out those whose result nobody reads.
function pushLines(lines: readonly Emitted[], span: Span, state: BlockState, wanted: Wanted): void {
  for (const { ins, operands, memory, dest, use } of [...lines].reverse()) {
    const isRead = (dest !== null && wanted.values.has(dest)) || (use.writesFlags && wanted.flags);
    const hasResult = dest !== null || use.writesFlags;
    if (hasResult && memory !== "shared" && !isRead) continue;
    wanted.flags = use.readsFlags || (wanted.flags && !use.writesFlags);
    addRead(operands, wanted);
    state.reversed.push({ kind: "machine", ins, operands, memory, span });
  }
}

function addRead(operands: readonly MachineOperand[], { values }: Wanted): void {
  for (const operand of operands) {
    if (operand.kind === "value") values.add(operand.value);
    if (operand.kind === "tied") values.add(operand.from);
  }
}

// Covering: only in this block, and a local load only by its single user if memory is the same at the root.
function viewOf({ s, block, epoch }: BlockState): SelectView {
  const { facts } = s;
  return {
    constantOf: (value) => facts.constantOf(value),
    isBool: (value) => facts.isBool(value),
    isShared: (value) => facts.uses(value) > 1,
    // Users are selected before definitions: who has asked by now will get it.
    isNeeded: (value) => s.demanded.has(value),
    coverable: (value): SelectNode | null => {
      const definition = facts.definitions.get(value);
      if (definition === undefined || definition.block !== block.label) return null;
      const { instr } = definition;
      if (instr.kind === "op" || instr.kind === "compare") return instrNode(instr);
      if (instr.kind !== "load" || facts.uses(value) !== 1) return null;
      return definition.epoch === epoch ? instrNode(instr) : null;
    },
  };
}

// --- ends ---------------------------------------------------------------------------------------------------------

function selectEnd(end: Terminator, state: BlockState): Terminator {
  const read = (value: Value): Value => use(value, state);
  if (end.kind !== "branch") return mapEndUses(end, read);
  const { s } = state;
  const selection =
    selectRule(s.rules, branchNode(end), true, viewOf(state)) ?? bug(`no rule for ${end.op}`, end.span);
  const lines = emitSelection(selection, {
    operandOf: (value, zero) => operandOf(value, zero, state),
    results: [],
    fresh: s.fresh,
    memory: "local",
  });
  const branch = lines.at(-1) ?? bug("a branch rule is empty", end.span);
  const operands = branch.operands;
  const wanted: Wanted = { values: new Set(), flags: branch.use.readsFlags };
  addRead(operands, wanted);
  pushLines(lines.slice(0, -1), end.span, state, wanted);
  const edge = (e: Edge): Edge => ({ label: e.label, args: e.args.map(read) });
  const { ins } = branch;
  return { kind: "machineBranch", ins, operands, then: edge(end.then), else: edge(end.else), span: end.span };
}
