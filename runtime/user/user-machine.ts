// The user-mode machine: one program, one hart, one address space, and a table of system calls in place of a kernel.
//
// Relies on core, isa, load.ts and system-calls. Guarantees: everything that a run depends on is in its options, so the
// same options give the same states; guest faults come back as values with the state of the fault untouched.

import type { LinuxArchitecture } from "../../spec/abi/linux-user.ts";
import type { Trap } from "../../spec/isa/effect-eval.ts";
import { AddressSpace } from "../core/address-space.ts";
import { Hart } from "../core/hart.ts";
import { Ram } from "../core/ram.ts";
import { restoreSnapshot, takeSnapshot, type Snapshot } from "../core/snapshot.ts";
import { hashHart, hashMemory, StateHasher } from "../core/state-hash.ts";
import { FastExecutor, type EngineSettings, type EngineStatistics } from "../engine/fast-executor.ts";
import type { UserHost } from "../host/host.ts";
import type { IsaBinding } from "../isa/binding.ts";
import { userContext, type HartContext } from "../isa/effect-machine.ts";
import type { Executor, ExecutorName } from "../isa/executor.ts";
import { ReferenceExecutor } from "../isa/reference-executor.ts";
import { problem, type Problem } from "../problem.ts";
import { DEFAULT_STACK_BYTES } from "./address-layout.ts";
import { architectureOf, type Architecture } from "./architecture.ts";
import { checkProgram } from "./elf-check.ts";
import { isProblem, readElf, type ElfFile } from "../images/elf-file.ts";
import { hashKernelState, initialKernelState, restoreKernelState, type KernelState } from "./kernel-state.ts";
import { loadProgram } from "./load.ts";
import type { CallArguments, CallContext, Ending } from "./system-calls/call.ts";
import { NOT_IMPLEMENTED, systemCall, systemCallName } from "./system-calls/table.ts";

export interface UserOptions {
  readonly host: UserHost;
  /** argv, the program's name first. Default: `program`. */
  readonly args?: readonly string[];
  /** `NAME=value` texts; default none. */
  readonly environment?: readonly string[];
  readonly executor?: ExecutorName;
  /** Bytes of guest pages that may be touched; default 1 GiB. */
  readonly memoryBytes?: number;
  /** Bytes of stack; default 8 MiB. */
  readonly stackBytes?: number;
  /** Seed of the guest's random numbers; default 1. */
  readonly seed?: bigint;
  /** When the fast executor interprets and translates; for tests and measurements. */
  readonly engine?: Partial<EngineSettings>;
  /** Called for what the program asks for and does not get, once per subject: codes R0020 and up. */
  readonly onWarning?: (warning: Problem) => void;
}

/** A guest's own mistake: the trap, the instruction's address and its bits (null if they could not be fetched). */
export interface GuestFault {
  readonly kind: "fault";
  readonly trap: Trap;
  readonly pc: bigint;
  readonly word: number | null;
}

/** What happened when the machine ran: it can go on only after `limit`. */
export type Outcome = { readonly kind: "limit" } | Ending | GuestFault;

const DEFAULT_MEMORY_BYTES = 2 ** 30;
type MakeExecutor = (context: HartContext, memory: AddressSpace, options: UserOptions) => Executor;
const EXECUTORS: Readonly<Record<ExecutorName, MakeExecutor>> = {
  reference: (context) => new ReferenceExecutor(context),
  fast: (context, memory, { engine }) => new FastExecutor(context, memory, engine),
};

function stackBytesOf({ stackBytes }: UserOptions): bigint {
  return stackBytes === undefined ? DEFAULT_STACK_BYTES : BigInt(stackBytes);
}

export class UserMachine {
  readonly hart: Hart;
  readonly memory: AddressSpace;
  readonly kernel: KernelState;
  readonly binding: IsaBinding;
  readonly elf: ElfFile;
  readonly architecture: Architecture;
  private readonly linux: LinuxArchitecture;
  private readonly executor: Executor;
  private readonly options: UserOptions;
  private ending: Ending | GuestFault | null = null;

  constructor(elf: ElfFile, architecture: Architecture, options: UserOptions) {
    const ram = new Ram(options.memoryBytes ?? DEFAULT_MEMORY_BYTES);
    this.elf = elf;
    this.options = options;
    this.architecture = architecture;
    this.binding = architecture.binding;
    this.linux = architecture.linux;
    this.hart = new Hart(ram, this.binding.isa.files);
    this.memory = new AddressSpace(ram);
    this.kernel = initialKernelState(options.seed ?? 1n);
    const { hart, memory, binding } = this;
    const context = userContext({ hart, memory, binding });
    this.executor = EXECUTORS[options.executor ?? "fast"](context, memory, options);
  }

  /** Loads the program; a problem if memory does not suffice. Called once, by createUserMachine. */
  load(): Problem | null {
    const { hart, memory, kernel } = this;
    return loadProgram(
      this.elf,
      { hart, memory, kernel, architecture: this.linux },
      {
        args: this.options.args ?? ["program"],
        environment: this.options.environment ?? [],
        stackBytes: stackBytesOf(this.options),
      },
    );
  }

  /** Retires at most `limit` instructions. After the end of the program it answers the same end again. */
  step(limit: number): Outcome {
    const target = this.hart.retired + BigInt(limit);
    while (this.ending === null) {
      const left = Number(target - this.hart.retired);
      if (left <= 0) return { kind: "limit" };
      const stop = this.executor.run(left);
      if (stop.kind === "trap") this.takeTrap(stop.trap, stop.word);
    }
    return this.ending;
  }

  /** Fingerprint of the whole state: hart, memory, kernel. */
  stateHash(): string {
    const hasher = new StateHasher();
    hashHart(hasher, this.hart);
    hashMemory(hasher, this.memory);
    hashKernelState(hasher, this.kernel);
    return hasher.digest();
  }

  /** What the fast executor did so far; null for the reference executor. */
  engineStatistics(): EngineStatistics | null {
    return this.executor instanceof FastExecutor ? this.executor.statistics() : null;
  }

  /** A copy of the state; host input that was consumed stays consumed. */
  snapshot(): UserSnapshot {
    return {
      ...takeSnapshot(this.hart, this.memory),
      kernel: structuredClone(this.kernel),
      ending: this.ending,
    };
  }

  restore(snapshot: UserSnapshot): void {
    restoreSnapshot(snapshot, this.hart, this.memory);
    restoreKernelState(this.kernel, snapshot.kernel);
    this.ending = snapshot.ending;
  }

  private takeTrap(trap: Trap, word: number | null): void {
    if (trap.cause === this.binding.traps.systemCall) this.callSystem();
    else this.ending = { kind: "fault", trap, pc: this.hart.pc, word };
  }

  // The call instruction retires whatever the call answers; a program that ends stays at it.
  private callSystem(): void {
    const { hart, linux } = this;
    const { file, number: numberRegister, arguments: places, result } = linux.registers;
    const number = Number(BigInt.asUintN(32, hart.read(file, numberRegister)));
    const word = (i: number): bigint => hart.read(file, places[i] ?? 0);
    const args: CallArguments = [word(0), word(1), word(2), word(3), word(4), word(5)];
    hart.retired += 1n;
    const call = systemCall(number);
    if (call === null) {
      this.warnOnce(`call ${String(number)}`, problem("R0020", { name: systemCallName(number), number }));
    }
    const value = call === null ? NOT_IMPLEMENTED : call(args, this.callContext());
    if (typeof value !== "bigint") {
      this.ending = value;
      return;
    }
    hart.write(file, result, value);
    hart.pc = BigInt.asUintN(64, hart.pc + BigInt(this.binding.systemCallBytes));
  }

  private callContext(): CallContext {
    const { hart, memory, kernel } = this;
    return { hart, memory, kernel, host: this.options.host, linux: this.linux, warnOnce: this.warnOnce };
  }

  private readonly warnOnce = (subject: string, warning: Problem): void => {
    if (this.kernel.reported.has(subject)) return;
    this.kernel.reported.add(subject);
    this.options.onWarning?.(warning);
  };
}

/** The state of a user-mode machine as plain data. */
export interface UserSnapshot extends Snapshot {
  readonly kernel: KernelState;
  readonly ending: Ending | GuestFault | null;
}

/** A loaded machine, or what is wrong with the file: codes R0001 to R0016. */
export type Created =
  | { readonly kind: "machine"; readonly machine: UserMachine }
  | { readonly kind: "problems"; readonly problems: readonly Problem[] };

/** Checks and loads a static ELF program. The target follows from the file; unknown machines are problems. */
export function createUserMachine(bytes: Uint8Array, options: UserOptions): Created {
  const elf = readElf(bytes);
  if (isProblem(elf)) return { kind: "problems", problems: [elf] };
  const architecture = architectureOf(elf);
  if (isProblem(architecture)) return { kind: "problems", problems: [architecture] };
  const { instructionAlignment } = architecture.binding;
  const problems = checkProgram(elf, { stackBytes: stackBytesOf(options), instructionAlignment });
  if (problems.length > 0) return { kind: "problems", problems };
  const machine = new UserMachine(elf, architecture, options);
  const failed = machine.load();
  if (failed !== null) return { kind: "problems", problems: [failed] };
  return { kind: "machine", machine };
}
