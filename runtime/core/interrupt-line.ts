// A wire between a device and an interrupt controller, or between a controller and a hart. Relies on nothing.

/** The driving end. Level-sensitive: a pulse is `true`, then `false`. Setting the same level again does nothing. */
export interface InterruptLine {
  set(level: boolean): void;
}

/** A wire that nobody listens to. */
export const unconnected: InterruptLine = {
  set: () => {
    // nothing
  },
};

/** A wire that tells `onChange` of each change of its level. */
export function interruptLine(onChange: (level: boolean) => void): InterruptLine {
  let now = false;
  return {
    set(level) {
      if (level === now) return;
      now = level;
      onChange(level);
    },
  };
}
