// The command line of `pancake`: declares the commands and their options, and loads a command's code when it is asked
// for.
//
// Start-up must stay close to bare Node, so nothing of compiler or runtime is imported here. Exit codes: exit-codes.ts.

import { Command, CommanderError, Option } from "commander";
import type { UserHost } from "../../runtime/host/host.ts";
import type { CheckOptions } from "./commands/check.ts";
import type { CompileWords } from "./commands/compile.ts";
import type { DisasmOptions } from "./commands/disasm.ts";
import type { ExploreWords } from "./commands/explore.ts";
import type { LowerOptions } from "./commands/lower.ts";
import type { RunWords } from "./commands/run.ts";
import type { TestWords } from "./commands/test.ts";
import { EXIT } from "./exit-codes.ts";
import { declareMachineOptions } from "./machine/declare.ts";
import type { MachineWords } from "./machine/words.ts";
import { isClosedPipe } from "./files.ts";
import { versionText } from "./version.ts";
import { FileProblem, NotYet, UsageProblem } from "./problems.ts";

const MACHINE = "machine";
/** Commands that later issues bring. */
const LATER = ["build", "boot", "fmt", "lsp", "verify", "debug"];

/** What a run of the command line shares between its parts. */
interface Session {
  readonly program: Command;
  /** The words after the command's name, as they were written. */
  readonly words: readonly string[];
  /** `pancake run FILES -- ARGS`: what stands after `--`. */
  readonly guestArguments: readonly string[];
  /** Streams of the guest of `pancake run`; null: those of this process. */
  readonly guest: UserHost | null;
  exitCode: number;
}

/**
 * Runs the command that `argv` (without the names of node and script) names and gives its exit code. Prints to
 * standard output and error. `guest`: streams for the program that `pancake run` runs, otherwise this process's own.
 */
export async function runCommandLine(
  argv: readonly string[],
  guest: UserHost | null = null,
): Promise<number> {
  const dashes = argv[0] === "run" ? argv.indexOf("--") : -1;
  const session: Session = {
    program: new Command("pancake"),
    words: argv.slice(1),
    guestArguments: dashes < 0 ? [] : argv.slice(dashes + 1),
    guest,
    exitCode: EXIT.ok,
  };
  declareProgram(session);
  try {
    const own = dashes < 0 ? argv : argv.slice(0, dashes);
    const words = own[0] === MACHINE ? await machineWords(session.program, own.slice(1)) : own;
    if (words === null) return EXIT.usage;
    await session.program.parseAsync(words, { from: "user" });
    return session.exitCode;
  } catch (error) {
    return await exitCodeOf(error);
  }
}

function declareProgram(session: Session): void {
  session.program
    .description("compiler, emulator and tools for Pancake, the systems language for verified device drivers")
    .version(versionText(), "-V, --version", "print the version and the language reference that it follows")
    .helpCommand("help [command]", "print the help of a command")
    .addHelpText("after", `\nexit codes: ${EXIT_CODES}\n\n${EXAMPLES}`)
    .enablePositionalOptions()
    .exitOverride();
  for (const declare of [declareCheck, declareCompile, declareRun, declareExplore, declareLower]) {
    declare(session);
  }
  for (const declare of [declareDisasm, declareCake, declareTest, declareExplain, declareMachine]) {
    declare(session);
  }
  for (const later of LATER) declareLater(session, later);
}

const EXIT_CODES = "0 fine, 1 a mistake in the input, 2 in the command line, 3 the guest faulted, 70 ours";
const EXAMPLES = `Try:
  pancake run hello.pnk             compile for the emulator and run
  pancake compile -c driver.pnk     make driver.o for another build system
  pancake explain S0104             what a diagnostic means`;

/** Options of every command that reads Pancake source. */
function sourceCommand({ program }: Session, name: string, description: string): Command {
  return command(program, name, description)
    .argument("[files...]", "Pancake files in order; `-` or nothing: standard input")
    .option("-D <name[=value]>", "define a macro", collect, [])
    .option("-U <name>", "undefine a macro", collect, [])
    .option("-I <dir>", "search for included files", collect, [])
    .option("--strict", "accept stock Pancake only", false)
    .option("--no-warn", "print no warnings");
}

function command(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .showHelpAfterError(`(see \`pancake ${name} --help\`)`);
}

const collect = (value: string, earlier: readonly string[]): readonly string[] => [...earlier, value];

function targetOptions(declared: Command): Command {
  return declared
    .addOption(
      new Option("--target <target>", "machine").choices(["riscv64", "arm64", "wasm32"]).default("riscv64"),
    )
    .addOption(
      new Option("--os <os>", "where it runs").choices(["linux", "none", "microkit"]).default("linux"),
    )
    .option("--march <isa>", "RISC-V extensions beyond rv64imac, e.g. rv64imac_zba_zbb")
    .option("-O <level>", "optimisation: 0, 1 or 2", "1")
    .option(
      "--heap <bytes>",
      "size of local memory (`@base` to `@top`); K, M and G are understood",
      "1048576",
    )
    .option("--stack <bytes>", "size of the stack; not for wasm32", "1048576")
    .option("--check", "check the program's invariants after every pass", false);
}

function declareCheck(session: Session): void {
  sourceCommand(session, "check", "report mistakes")
    .addOption(new Option("--format <format>", "how to print").choices(["text", "json"]).default("text"))
    .action(async (files: string[], options: CheckOptions) => {
      session.exitCode = (await import("./commands/check.ts")).check(files, options);
    });
}

function declareCompile(session: Session): void {
  targetOptions(sourceCommand(session, "compile", "compile to a program, an object or assembly"))
    .option("-o, --output <file>", "output file")
    .option("-c", "make an object file; wasm32: a module that may import any foreign function", false)
    .option("-S", "make GNU assembly; wasm32: WebAssembly text", false)
    .option("--source-map <file>", "with -S or wasm32: write a source map to Pancake lines")
    .addOption(
      new Option("-M <D>", "-MD: also write a make rule with the files read, beside the output").choices([
        "D",
      ]),
    )
    .option("--emit <stage>", "print the program after this pass instead (see `pancake explore --list`)")
    .option("--text-address <address>", "--os none: where the program is placed")
    .action(async (files: string[], options: CompileWords) => {
      session.exitCode = await (await import("./commands/compile.ts")).compileCommand(files, options);
    });
}

function declareRun(session: Session): void {
  targetOptions(sourceCommand(session, "run", "compile and run, or run a program made before"))
    .option("--stats", "print counters when the run ends; wasm32: sizes of the module and its memory", false)
    .addOption(
      new Option("--executor <executor>", "which executor").choices(["fast", "reference"]).default("fast"),
    )
    .option("--max-instructions <count>", "stop after this many instructions; not for wasm32")
    .option("--registers", "print the registers after a fault; not for wasm32", false)
    .addHelpText("after", "\nWords after `--` are the program's arguments.")
    .action(async (files: string[], options: RunWords) => {
      const { run } = await import("./commands/run.ts");
      session.exitCode = await run(files, options, { args: session.guestArguments, host: session.guest });
    });
}

function declareExplore(session: Session): void {
  targetOptions(sourceCommand(session, "explore", "show the program after a pass, or after all of them"))
    .option("--pass <name>", "pass name or `all`", "all")
    .addOption(
      new Option("--format <format>", "how to print").choices(["text", "html", "cake"]).default("text"),
    )
    .option("--list", "list the passes, their languages and the reasons for their order", false)
    .option("-o, --output <file>", "output file", "-")
    .action(async (files: string[], options: ExploreWords) => {
      session.exitCode = (await import("./commands/explore.ts")).explore(files, options);
    });
}

function declareLower(session: Session): void {
  sourceCommand(session, "lower", "print the program in stock Pancake")
    .option("-o, --output <file>", "output file", "-")
    .action(async (files: string[], options: LowerOptions) => {
      session.exitCode = (await import("./commands/lower.ts")).lower(files, options);
    });
}

function declareDisasm(session: Session): void {
  command(session.program, "disasm", "list the code of an object or program with source lines")
    .argument("<object>", "ELF file")
    .option("--no-aliases", "print base instructions instead of aliases")
    .option("--no-source", "leave source lines out")
    .action(async (file: string, options: DisasmOptions) => {
      session.exitCode = (await import("./commands/disasm.ts")).disasm(file, options);
    });
}

function declareCake(session: Session): void {
  const description = "drop-in for `cake --pancake`: source on standard input, assembly on standard output";
  command(session.program, "cake", description)
    .allowUnknownOption()
    .helpOption(false)
    .argument("[options...]")
    .action(async () => {
      session.exitCode = (await import("./commands/cake.ts")).cake(session.words);
    });
}

function declareTest(session: Session): void {
  command(session.program, "test", "run golden cases: one file a case, input and expectation together")
    .argument("[paths...]", "case files or folders", ["."])
    .option("--accept", "rewrite the expectations that differ", false)
    .option("--list", "list the cases without running them", false)
    .option("--kinds", "list the kinds of cases", false)
    .option("--filter <text>", "only cases whose path or title contains this")
    .action(async (paths: string[], options: TestWords) => {
      session.exitCode = await (await import("./commands/test.ts")).testCommand(paths, options);
    });
}

function declareExplain(session: Session): void {
  command(session.program, "explain", "explain a diagnostic code")
    .argument("<code>", "for example S0104")
    .action(async (code: string) => {
      session.exitCode = (await import("./commands/explain.ts")).explain(code);
    });
}

function declareMachine(session: Session): void {
  const declared = command(session.program, MACHINE, "a whole board: run kernels, firmware, disk images");
  declareMachineOptions(declared).action(async (options: MachineWords) => {
    session.exitCode = await (await import("./commands/machine.ts")).machineCommand(options);
  });
}

/** The words of `pancake machine` with QEMU's among them turned into ours; null: one was refused, and it is said why. */
async function machineWords(program: Command, given: readonly string[]): Promise<readonly string[] | null> {
  const { fromQemu } = await import("./machine/qemu-words.ts");
  const { printProblem } = await import("./machine/problem-text.ts");
  const options = program.commands.find((found) => found.name() === MACHINE)?.options ?? [];
  const { words, notes, refused } = fromQemu(given, options);
  for (const note of notes) process.stderr.write(`pancake: note: ${note}\n`);
  if (refused === null) return [MACHINE, ...words];
  printProblem(refused);
  return null;
}

function declareLater(session: Session, name: string): void {
  session.program
    .command(name, { hidden: true })
    .allowUnknownOption()
    .argument("[words...]")
    .action(() => {
      process.stderr.write(`pancake: \`${name}\` is not there yet\n`);
      session.exitCode = EXIT.userError;
    });
}

async function exitCodeOf(error: unknown): Promise<number> {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof FileProblem || error instanceof NotYet || error instanceof UsageProblem) {
    process.stderr.write(`pancake: ${error.message}\n`);
    return error instanceof UsageProblem ? EXIT.usage : EXIT.userError;
  }
  if (isClosedPipe(error)) return EXIT.ok;
  const { reportInternalError } = await import("./internal-error.ts");
  return reportInternalError(error);
}
