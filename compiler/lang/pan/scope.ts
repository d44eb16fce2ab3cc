// Block-structured names: declare, look up, and forget everything that a block declared.

/** Names in scope with what is known about them; inner declarations shadow outer ones. */
export interface Scopes<T> {
  declare(name: string, value: T): void;
  lookup(name: string): T | undefined;
  /** Runs `inside` in a new scope that ends with it. */
  nested<R>(inside: () => R): R;
}

export function newScopes<T>(): Scopes<T> {
  const current = new Map<string, T>();
  /** What each declaration hid, newest last. */
  const trail: { readonly name: string; readonly hidden: T | undefined }[] = [];
  const undo = (mark: number): void => {
    while (trail.length > mark) {
      const last = trail.pop();
      if (last === undefined) return;
      if (last.hidden === undefined) current.delete(last.name);
      else current.set(last.name, last.hidden);
    }
  };
  return {
    declare: (name, value) => {
      trail.push({ name, hidden: current.get(name) });
      current.set(name, value);
    },
    lookup: (name) => current.get(name),
    nested: (inside) => {
      const mark = trail.length;
      const result = inside();
      undo(mark);
      return result;
    },
  };
}
