// Lexical scopes: which local a name means at a point of a function. Used by every walk over bodies.
//
// One map with an undo list instead of a chain of maps: looking a name up is one step however deep the nesting is,
// and leaving a block costs what the block declared.

export interface Scope<T> {
  readonly bindings: Map<string, T>;
  readonly undo: { readonly name: string; readonly previous: T | undefined }[];
}

export function newScope<T>(): Scope<T> {
  return { bindings: new Map(), undo: [] };
}

/** The innermost binding of `name`; undefined if it is not a local here. */
export function lookUp<T>(scope: Scope<T>, name: string): T | undefined {
  return scope.bindings.get(name);
}

/** Binds `name` until the current block is left. */
export function bind<T>(scope: Scope<T>, name: string, value: T): void {
  scope.undo.push({ name, previous: scope.bindings.get(name) });
  scope.bindings.set(name, value);
}

/** The mark to give to leaveBlock. */
export function enterBlock(scope: Scope<unknown>): number {
  return scope.undo.length;
}

/** Forgets every binding made since `mark`; earlier bindings of the same names reappear. */
export function leaveBlock<T>(scope: Scope<T>, mark: number): void {
  while (scope.undo.length > mark) {
    const entry = scope.undo.pop();
    if (entry === undefined) return;
    if (entry.previous === undefined) scope.bindings.delete(entry.name);
    else scope.bindings.set(entry.name, entry.previous);
  }
}
