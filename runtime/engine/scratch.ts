// Temporary locals of one function, reused when they are given back. Relies on wasm-emitter.ts.

import type { Scratch } from "./arithmetic.ts";
import { F32, F64, I32, I64, type FunctionWriter, type ValueType } from "./wasm-emitter.ts";

export class ScratchLocals implements Scratch {
  private readonly fn: FunctionWriter;
  private readonly free = new Map<ValueType, number[]>([
    [I32, []],
    [I64, []],
    [F32, []],
    [F64, []],
  ]);
  private readonly types = new Map<number, ValueType>();

  constructor(fn: FunctionWriter) {
    this.fn = fn;
  }

  take(type: ValueType): number {
    const known = this.free.get(type)?.pop();
    if (known !== undefined) return known;
    const local = this.fn.local(type);
    this.types.set(local, type);
    return local;
  }

  give(local: number): void {
    const type = this.types.get(local);
    if (type !== undefined) this.free.get(type)?.push(local);
  }
}
