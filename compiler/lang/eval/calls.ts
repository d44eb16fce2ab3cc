// Closures for calls, returns and exceptions, which Pan, Crep and Loop share. Results and payloads are words.

import { bug } from "../../source/bug.ts";
import {
  callForeign,
  invoke,
  NORMAL,
  RAISE,
  RETURN,
  TAIL,
  type Code,
  type Exec,
  type GetAll,
  type Machine,
  type Write,
} from "./machine.ts";

/** The function that a checked program calls; it exists. */
export function codeNamed(name: string, codes: ReadonlyMap<string, Code>): Code {
  return codes.get(name) ?? bug(`function ${name} does not exist`);
}

/** Calls, then hands the result's words to `write`; exceptions pass through. */
export function call(machine: Machine, code: Code, args: GetAll, write: Write): Exec {
  return (frame) => {
    const ended = invoke(machine, code, args(frame));
    if (ended !== RETURN) return ended;
    write(frame, machine.values);
    return NORMAL;
  };
}

/** What catches one exception: `write` takes the words of its payload, then `body` runs. */
export interface Catcher {
  readonly exception: number;
  readonly write: Write;
  readonly body: Exec;
}

/** `attempt`, and the catcher if it raises what that catches. */
export function catching(machine: Machine, attempt: Exec, { exception, write, body }: Catcher): Exec {
  return (frame) => {
    const ended = attempt(frame);
    if (ended !== RAISE || machine.exception !== exception) return ended;
    write(frame, machine.values);
    return body(frame);
  };
}

/** Ends the activation as TAIL; `invoke` goes on with `code`. */
export function tailCall(machine: Machine, code: Code, args: GetAll): Exec {
  return (frame) => {
    machine.values = args(frame);
    machine.callee = code;
    return TAIL;
  };
}

/** Ends the activation as RETURN. */
export function returning(machine: Machine, values: GetAll): Exec {
  return (frame) => {
    machine.values = values(frame);
    return RETURN;
  };
}

/** Ends the activation as RAISE. */
export function raising(machine: Machine, exception: number, payload: GetAll): Exec {
  return (frame) => {
    machine.values = payload(frame);
    machine.exception = exception;
    return RAISE;
  };
}

/** Ends the run if the world says so. */
export function foreignCall(machine: Machine, name: string, args: GetAll): Exec {
  return (frame) => {
    callForeign(machine, name, args(frame));
    return NORMAL;
  };
}
