// Runs a program that is a WebAssembly module: the engine is the host's own, so what is left to do is host calls and
// reports. Relies on the shim lib/wasm32/pancake-host.mjs, the same that users have.
// Guarantees: the guest's mistakes are results, with the layout of other fault reports.

import { loadProgramSync, type Program, type ProgramFaultEnding } from "../../lib/wasm32/pancake-host.mjs";
import { WASM_EXPORTS } from "../../spec/abi/wasm32.ts";
import type { UserHost } from "../host/host.ts";
import { hexAddress, problem, type Problem } from "../problem.ts";
import type { FaultReport } from "../user/fault-report.ts";

/** How a run ended, and the size of the memory then. `rejected`: there is no program of ours in the file, nothing ran. */
export type ModuleResult =
  | { readonly kind: "rejected"; readonly problem: Problem }
  | { readonly kind: "exit"; readonly exitCode: number; readonly memoryBytes: number }
  | { readonly kind: "fault"; readonly report: FaultReport; readonly memoryBytes: number };

/** True for the first bytes of a WebAssembly module. */
export function isModule(bytes: Uint8Array): boolean {
  return bytes[0] === 0 && bytes[1] === 0x61 && bytes[2] === 0x73 && bytes[3] === 0x6d;
}

/** Runs the module in `bytes` to its end. Synchronous. */
export function runModule(bytes: Uint8Array, host: UserHost): ModuleResult {
  const loaded = load(bytes, host);
  if (loaded.kind === "rejected") return loaded;
  const { program } = loaded;
  const ending = program.run();
  const memoryBytes = program.memory.buffer.byteLength;
  if (ending.kind === "exit") return { kind: "exit", exitCode: ending.code, memoryBytes };
  return { kind: "fault", report: reportOf(ending, program), memoryBytes };
}

type Loaded =
  | { readonly kind: "program"; readonly program: Program }
  | { readonly kind: "rejected"; readonly problem: Problem };

function load(bytes: Uint8Array, host: UserHost): Loaded {
  const rejected = (reason: string): Loaded => ({ kind: "rejected", problem: problem("R0013", { reason }) });
  const noRoom = (reason: string): Loaded => ({ kind: "rejected", problem: problem("R0017", { reason }) });
  try {
    const program = loadProgramSync(bytes, {
      readInput: (maxBytes) => host.readInput(maxBytes),
      writeOutput: (stream, data) => host.writeOutput(stream, data),
    });
    const entry = program.instance.exports[WASM_EXPORTS.entry];
    if (typeof entry !== "function") return rejected(`it exports no function \`${WASM_EXPORTS.entry}\``);
    return { kind: "program", program };
  } catch (error) {
    // What engines throw if they cannot reserve a memory.
    if (error instanceof RangeError) return noRoom(error.message);
    const known = [WebAssembly.CompileError, WebAssembly.LinkError, WebAssembly.RuntimeError, TypeError];
    if (error instanceof Error && known.some((kind) => error instanceof kind)) return rejected(error.message);
    throw error;
  }
}

function reportOf(ending: ProgramFaultEnding, program: Program): FaultReport {
  return {
    problem: problemOf(ending),
    instruction: null,
    frames: ending.frames.map(({ function: name, inlinedInto, offset, place }) => ({
      address: BigInt(offset),
      function: inlinedInto === null ? name : `${name} inlined into ${inlinedInto}`,
      place,
    })),
    notes: ending.address === null ? [] : notesOf(program),
  };
}

function problemOf({ fault, address, bytes, message }: ProgramFaultEnding): Problem {
  const access = {
    address: address === null ? "?" : hexAddress(address),
    bytes: bytes === 1 ? "1 byte" : `${String(bytes)} bytes`,
  };
  switch (fault) {
    case "load":
      return problem("R0101", { ...access, why: "it is outside of local memory" });
    case "store":
      return problem("R0102", { ...access, why: "it is outside of local memory" });
    case "sharedLoad":
      return problem("R0101", { ...access, why: "no shared memory is there" });
    case "sharedStore":
      return problem("R0102", { ...access, why: "no shared memory is there" });
    case "uncaughtException":
      return problem("R0107");
    case "stackExhausted":
      return problem("R0113");
    case "trap":
      return problem("R0112", { reason: message });
  }
}

function notesOf({ instance }: Program): readonly string[] {
  const [start, end] = [WASM_EXPORTS.heap, WASM_EXPORTS.heapEnd].map((name) => instance.exports[name]);
  if (!(start instanceof WebAssembly.Global) || !(end instanceof WebAssembly.Global)) return [];
  const address = (place: WebAssembly.Global): string => hexAddress(place.value as bigint);
  return [`local memory (\`@base\`..\`@top\`) is ${address(start)}..${address(end)}`];
}
