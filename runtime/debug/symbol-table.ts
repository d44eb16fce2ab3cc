// Finds the function that an address belongs to. Relies on spec/abi/program-symbols.ts for the names of Pancake functions.
// Guarantees: of several symbols at one address the sized one wins, then the Pancake function (`pancake.main`, not
// `pancake_main`); unsized symbols reach to the next.

import { FUNCTION_PREFIXES } from "../../spec/abi/program-symbols.ts";

/** A named address; `sizeBytes` 0 if unknown. */
export interface CodeSymbol {
  readonly name: string;
  readonly address: bigint;
  readonly sizeBytes: bigint;
}

export interface SymbolPlace {
  readonly symbol: CodeSymbol;
  /** Distance of the address from the symbol's start. */
  readonly offset: bigint;
}

export class SymbolTable {
  private readonly sorted: readonly CodeSymbol[];
  private readonly byName: ReadonlyMap<string, CodeSymbol>;

  constructor(symbols: readonly CodeSymbol[]) {
    this.sorted = [...symbols].sort(compare);
    this.byName = new Map([...symbols].reverse().map((s) => [s.name, s]));
  }

  /** The symbol whose range holds `address`; null if none does. */
  at(address: bigint): SymbolPlace | null {
    let low = 0;
    let high = this.sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const symbol = this.sorted[middle];
      if (symbol !== undefined && symbol.address <= address) low = middle + 1;
      else high = middle;
    }
    const symbol = this.sorted[low - 1];
    if (symbol === undefined) return null;
    const offset = address - symbol.address;
    return symbol.sizeBytes !== 0n && offset >= symbol.sizeBytes ? null : { symbol, offset };
  }

  named(name: string): CodeSymbol | null {
    return this.byName.get(name) ?? null;
  }
}

// Ascending; at one address the preferred symbol comes last, because the search takes the last one.
function compare(a: CodeSymbol, b: CodeSymbol): number {
  if (a.address !== b.address) return a.address < b.address ? -1 : 1;
  if (a.sizeBytes !== b.sizeBytes) return a.sizeBytes < b.sizeBytes ? -1 : 1;
  return Number(isPancakeFunction(a)) - Number(isPancakeFunction(b));
}

function isPancakeFunction({ name }: CodeSymbol): boolean {
  return FUNCTION_PREFIXES.some((prefix) => name.startsWith(prefix));
}
