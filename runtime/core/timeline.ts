// Virtual time of a machine, and what is to happen when.
//
// Relies on nothing. Time is nanoseconds since power-on; who runs the harts says how far it has come. Timers are made
// once, by name, when the machine is built, so a list of deadlines is all that a snapshot needs. Guarantees: timers fire
// in order of their deadlines, those with one deadline in the order in which they were made; `now` never goes back.

/** Something that is to happen at a time. */
export interface Timer {
  /** Sets the deadline, replacing an earlier one; a time that has passed fires at the next turn. */
  schedule(atNs: bigint): void;
  cancel(): void;
  /** Null while nothing is due. */
  readonly deadline: bigint | null;
}

interface Entry extends Timer {
  readonly name: string;
  readonly action: () => void;
  deadline: bigint | null;
}

export class Timeline {
  private readonly entries: Entry[] = [];
  private readonly readClock: () => bigint;
  private readonly sooner: () => void;
  private earliest: bigint | null = null;

  /**
   * `readClock` gives the nanoseconds since power-on. `sooner` hears that something will happen before all that was
   * planned: who runs until the next deadline must look again.
   */
  constructor(readClock: () => bigint, sooner: () => void = () => undefined) {
    this.readClock = readClock;
    this.sooner = sooner;
  }

  now(): bigint {
    return this.readClock();
  }

  /** A timer with a name of its own in this machine: `uart0 fifo`. */
  timer(name: string, action: () => void): Timer {
    if (this.entries.some((e) => e.name === name)) throw new Error(`two timers are called ${name}`);
    const entry: Entry = {
      name,
      action,
      deadline: null,
      schedule: (atNs) => {
        const before = this.nextDeadline();
        entry.deadline = atNs;
        this.earliest = null;
        if (before === null || atNs < before) this.sooner();
      },
      cancel: () => {
        entry.deadline = null;
        this.earliest = null;
      },
    };
    this.entries.push(entry);
    return entry;
  }

  /** When something happens next; null if nothing is due. */
  nextDeadline(): bigint | null {
    if (this.earliest !== null) return this.earliest;
    for (const { deadline } of this.entries) {
      if (deadline !== null && (this.earliest === null || deadline < this.earliest)) this.earliest = deadline;
    }
    return this.earliest;
  }

  /** Does everything whose time has come, also what that makes due. */
  fireDue(): void {
    const now = this.now();
    for (let next = this.nextDeadline(); next !== null && next <= now; next = this.nextDeadline()) {
      const due = next;
      const entry = this.entries.find((e) => e.deadline === due);
      if (entry === undefined) return;
      entry.cancel();
      entry.action();
    }
  }

  /** Deadlines by timer name. */
  saveState(): Readonly<Record<string, bigint>> {
    return Object.fromEntries(
      this.entries.flatMap(({ name, deadline }) => (deadline === null ? [] : [[name, deadline]])),
    );
  }

  restoreState(deadlines: Readonly<Record<string, bigint>>): void {
    for (const entry of this.entries) entry.deadline = deadlines[entry.name] ?? null;
    this.earliest = null;
  }
}
