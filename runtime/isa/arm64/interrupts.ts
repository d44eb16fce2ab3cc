// Interrupts of Arm64: which are pending, and which the hart takes now and where (Arm DDI 0487, D1.3.6).
//
// Relies on the hart's state; the levels of the four inputs are part of it. Physical FIQ and IRQ go to EL2 if HCR_EL2
// says so; virtual ones go to EL1 and exist only then.

import { HCR, MASK, VECTOR } from "../../../spec/isa/arm64/privileged-state.ts";
import { enterHandler } from "./exceptions.ts";
import { bit, type ProcessorState } from "./processor-state.ts";

/** One kind of interrupt with everything that decides about it. */
interface Kind {
  readonly line: string;
  readonly mask: bigint;
  readonly vector: bigint;
  /** Bit of HCR_EL2 that routes the physical one to EL2 and lets the virtual one exist. */
  readonly route: number;
  /** Bit of HCR_EL2 that makes the virtual one pending without its line; null: a physical one. */
  readonly pending: number | null;
}

// In the order in which they are taken, which the architecture leaves open; QEMU's.
const kinds: readonly Kind[] = [
  { line: "fiqLine", mask: MASK.fiq, vector: VECTOR.fiq, route: HCR.fiq, pending: null },
  { line: "irqLine", mask: MASK.irq, vector: VECTOR.irq, route: HCR.irq, pending: null },
  { line: "virqLine", mask: MASK.irq, vector: VECTOR.irq, route: HCR.irq, pending: HCR.virtualIrq },
  { line: "vfiqLine", mask: MASK.fiq, vector: VECTOR.fiq, route: HCR.fiq, pending: HCR.virtualFiq },
];

/** Names of the inputs, with the files that hold their levels. */
export const inputs: Readonly<Record<string, string>> = {
  irq: "irqLine",
  fiq: "fiqLine",
  virq: "virqLine",
  vfiq: "vfiqLine",
};

function isPending(state: ProcessorState, { line, pending }: Kind): boolean {
  if (state.get(line) !== 0n) return true;
  return pending !== null && state.hasEl2 && bit(state.get("hcr_el2"), pending);
}

/** True if anything would end a wait, whether or not it is masked. */
export function hasWork(state: ProcessorState): boolean {
  return kinds.some((kind) => isPending(state, kind));
}

/** ISR_EL1: at EL1 the virtual interrupts, if the physical ones go to EL2. */
export function pendingInterrupts(state: ProcessorState): bigint {
  const control = state.level === 1 ? state.hypervisorControl() : 0n;
  return kinds
    .filter((kind) => bit(control, kind.route) === (kind.pending !== null) && isPending(state, kind))
    .reduce((all, { mask }) => all | mask, 0n);
}

// The level that takes it now; null: masked, or not for this level.
function targetNow(state: ProcessorState, kind: Kind): 1 | 2 | null {
  if (!isPending(state, kind)) return null;
  const { level } = state;
  const control = state.hypervisorControl();
  const isMasked = (state.get("daif") & kind.mask) !== 0n;
  const isRouted = bit(control, kind.route);
  if (kind.pending !== null) {
    return isRouted && !state.generalTraps() && level < 2 && !isMasked ? 1 : null;
  }
  if (isRouted) return level < 2 || !isMasked ? 2 : null;
  return level < 2 && !isMasked ? 1 : null;
}

/** True if an interrupt is taken before the next instruction. */
export function mayTakeInterrupt(state: ProcessorState): boolean {
  return kinds.some((kind) => targetNow(state, kind) !== null);
}

/** Enters the handler of the first interrupt that is taken now; false if there is none. */
export function takeInterrupt(state: ProcessorState): boolean {
  for (const kind of kinds) {
    const target = targetNow(state, kind);
    if (target === null) continue;
    enterHandler(state, target, kind.vector, state.hart.pc);
    return true;
  }
  return false;
}
