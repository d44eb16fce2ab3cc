// The terminal of a machine: what is typed goes to the guest, byte by byte; control-A, x ends the run, as in QEMU;
// control-A, s saves it.
// Relies on node:process. A pipe or a file as standard input works the same way, without the escape.

/** What the owner of the terminal wants to hear. */
export interface TerminalEvents {
  input(bytes: Uint8Array): void;
  /** Control-A, x. */
  quit(): void;
  /** Control-A, s. */
  save(): void;
  /** Standard input has ended: nothing more will be typed. */
  ended(): void;
}

const CONTROL_A = 1;
const QUIT = "x".charCodeAt(0);
const SAVE = "s".charCodeAt(0);

export interface Terminal {
  /** True while something may still be typed. */
  readonly isOpen: () => boolean;
  /** Gives the terminal back as it was. */
  close(): void;
}

/** Reads standard input from now on. */
export function openTerminal(events: TerminalEvents): Terminal {
  const { stdin } = process;
  let isOpen = true;
  let isEscape = false;
  if (stdin.isTTY) stdin.setRawMode(true);
  const take = (chunk: Uint8Array): void => {
    if (!stdin.isTTY) {
      events.input(new Uint8Array(chunk));
      return;
    }
    const bytes: number[] = [];
    for (const byte of chunk) {
      if (isEscape) {
        isEscape = false;
        if (byte === QUIT) events.quit();
        else if (byte === SAVE) events.save();
        // Control-A twice is one of them.
        else bytes.push(byte);
      } else if (byte === CONTROL_A) isEscape = true;
      else bytes.push(byte);
    }
    events.input(Uint8Array.from(bytes));
  };
  const end = (): void => {
    isOpen = false;
    events.ended();
  };
  stdin.on("data", take).once("end", end).once("error", end);
  return {
    isOpen: () => isOpen,
    close: () => {
      if (stdin.isTTY) stdin.setRawMode(false);
      stdin.off("data", take);
      stdin.pause();
    },
  };
}
