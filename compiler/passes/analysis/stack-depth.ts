// How much stack functions need, from frame sizes and who calls whom; which functions must check at run time.
//
// Where calls make no cycle the need is a sum along the deepest way down. On a cycle of calls that are not all tail
// calls the stack may grow without bound: every function of such a cycle checks the limit on entry, for its own frame
// and for what it calls outside of the cycle, and so needs nothing from its callers. Foreign calls run elsewhere.

export interface StackUser {
  readonly name: string;
  /** What the function subtracts from the stack pointer. */
  readonly frameBytes: number;
  /** Bytes below the stack pointer, as the body has it, that the function touches or hands to a callee. */
  readonly belowBytes: number;
  readonly calls: readonly string[];
  readonly tailCalls: readonly string[];
}

export interface StackDepth {
  /** Bytes below the stack pointer at entry that a function may use without checking them. */
  readonly need: ReadonlyMap<string, number>;
  /** The functions that check, with the bytes that they check for. */
  readonly checked: ReadonlyMap<string, number>;
}

/** Every callee must be among the users. */
export function stackDepth(users: readonly StackUser[]): StackDepth {
  const byName = new Map(users.map((u) => [u.name, u]));
  const need = new Map<string, number>();
  const checked = new Map<string, number>();
  for (const group of stronglyConnected(users, byName)) {
    const inside = new Set(group.map((u) => u.name));
    const grows = group.some((u) => u.calls.some((callee) => inside.has(callee)));
    const most = group.reduce((bytes, u) => Math.max(bytes, localNeed(u, inside, need)), 0);
    for (const u of group) {
      if (grows) checked.set(u.name, localNeed(u, inside, need));
      need.set(u.name, grows ? 0 : most);
    }
  }
  return { need, checked };
}

// Own frame with the zone below it or the deepest callee outside of the group, whichever is deeper; a tail call's callee
// stands in the frame's place.
function localNeed(u: StackUser, inside: ReadonlySet<string>, need: ReadonlyMap<string, number>): number {
  const deepest = (names: readonly string[]): number =>
    names.reduce((most, name) => (inside.has(name) ? most : Math.max(most, need.get(name) ?? 0)), 0);
  return Math.max(u.frameBytes + Math.max(u.belowBytes, deepest(u.calls)), deepest(u.tailCalls));
}

interface Visit {
  readonly user: StackUser;
  readonly callees: readonly string[];
  readonly index: number;
  low: number;
  next: number;
}

// Tarjan's algorithm without recursion: call graphs may be deep. Groups come out callees first.
function stronglyConnected(
  users: readonly StackUser[],
  byName: ReadonlyMap<string, StackUser>,
): readonly (readonly StackUser[])[] {
  const groups: StackUser[][] = [];
  const visits = new Map<string, Visit>();
  const open: StackUser[] = [];
  const isOpen = new Set<string>();
  const begin = (user: StackUser): Visit => {
    const index = visits.size;
    const visit = { user, callees: [...user.calls, ...user.tailCalls], index, low: index, next: 0 };
    visits.set(user.name, visit);
    open.push(user);
    isOpen.add(user.name);
    return visit;
  };
  const close = (visit: Visit): void => {
    const group: StackUser[] = [];
    for (let user = open.pop(); user !== undefined; user = open.pop()) {
      isOpen.delete(user.name);
      group.push(user);
      if (user === visit.user) break;
    }
    groups.push(group);
  };
  for (const user of users) {
    if (visits.has(user.name)) continue;
    const path = [begin(user)];
    for (let visit = path.at(-1); visit !== undefined; visit = path.at(-1)) {
      const callee = visit.callees[visit.next];
      visit.next += 1;
      const known = callee === undefined ? undefined : visits.get(callee);
      const target = callee === undefined ? undefined : byName.get(callee);
      if (known !== undefined) {
        if (isOpen.has(known.user.name)) visit.low = Math.min(visit.low, known.index);
      } else if (target !== undefined) {
        path.push(begin(target));
      } else if (callee === undefined) {
        path.pop();
        if (visit.low === visit.index) close(visit);
        const parent = path.at(-1);
        if (parent !== undefined) parent.low = Math.min(parent.low, visit.low);
      }
    }
  }
  return groups;
}
