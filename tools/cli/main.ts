#!/usr/bin/env node
// The `pancake` command: declares the commands and their options, and loads a command's code when it is asked for.
//
// Start-up must stay close to bare Node, so nothing of compiler or runtime is imported here. Exit codes: exit-codes.ts.

import { Command, CommanderError, Option } from "commander";
import { EXIT } from "./exit-codes.ts";
import { FileProblem, isClosedPipe } from "./files.ts";
import { versionText } from "./version.ts";

const program = new Command("pancake");
program
  .description("compiler, emulator and tools for Pancake, the systems language for verified device drivers")
  .version(versionText(), "-V, --version", "print the version and the language reference that it follows")
  .showHelpAfterError("(see `pancake --help`)")
  .enablePositionalOptions()
  .exitOverride();

/** `pancake run FILES -- ARGS`: what stands after `--` belongs to the guest. */
const dashes = process.argv[2] === "run" ? process.argv.indexOf("--") : -1;
const guestArguments = dashes < 0 ? [] : process.argv.slice(dashes + 1);
const ownWords = dashes < 0 ? process.argv : process.argv.slice(0, dashes);

const collect = (value: string, earlier: readonly string[]): readonly string[] => [...earlier, value];

/** Options of every command that reads Pancake source. */
function sourceCommand(name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .argument("[files...]", "Pancake files in order; `-` or nothing: standard input")
    .option("-D <name[=value]>", "define a macro", collect, [])
    .option("-U <name>", "undefine a macro", collect, [])
    .option("-I <dir>", "search for included files", collect, [])
    .option("--strict", "accept stock Pancake only", false)
    .option("--no-warn", "print no warnings");
}

function targetOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--target <target>", "machine").choices(["riscv64", "arm64", "wasm32"]).default("riscv64"),
    )
    .addOption(
      new Option("--os <os>", "where it runs").choices(["linux", "none", "microkit"]).default("linux"),
    )
    .option("--march <isa>", "RISC-V extensions beyond rv64imac, e.g. rv64imac_zba_zbb")
    .option("-O <level>", "optimisation: 0, 1 or 2", "1")
    .option("--heap <bytes>", "size of local memory (`@base` to `@top`)", "1048576")
    .option("--stack <bytes>", "size of the stack", "1048576")
    .option("--check", "check the program's invariants after every pass", false);
}

sourceCommand("check", "report mistakes")
  .addOption(new Option("--format <format>", "how to print").choices(["text", "json"]).default("text"))
  .action(async (files: string[], options) =>
    finish((await import("./commands/check.ts")).check(files, options)),
  );

targetOptions(sourceCommand("compile", "compile to a program, an object or assembly"))
  .option("-o, --output <file>", "output file")
  .option("-c", "make an object file", false)
  .option("-S", "make GNU assembly", false)
  .option("--source-map <file>", "with -S: write a source map from assembly to Pancake lines")
  .addOption(
    new Option("-M <D>", "-MD: also write a make rule with the files read, beside the output").choices(["D"]),
  )
  .option("--emit <stage>", "print the program after this pass instead (see `pancake explore --list`)")
  .option("--text-address <address>", "--os none: where the program is placed")
  .action(async (files: string[], options) =>
    finish((await import("./commands/compile.ts")).compileCommand(files, options)),
  );

targetOptions(sourceCommand("run", "compile and run on the emulator, or run an ELF program"))
  .option("--stats", "print counters when the run ends", false)
  .addOption(
    new Option("--executor <executor>", "which executor").choices(["fast", "reference"]).default("fast"),
  )
  .option("--max-instructions <count>", "stop after this many instructions")
  .option("--registers", "print the registers after a fault", false)
  .addHelpText("after", "\nWords after `--` are the program's arguments.")
  .action(async (files: string[], options) =>
    finish((await import("./commands/run.ts")).run(files, guestArguments, options)),
  );

targetOptions(sourceCommand("explore", "show the program after a pass, or after all of them"))
  .option("--pass <name>", "pass name or `all`", "all")
  .addOption(
    new Option("--format <format>", "how to print").choices(["text", "html", "cake"]).default("text"),
  )
  .option("--list", "list the passes, their languages and the reasons for their order", false)
  .option("-o, --output <file>", "output file", "-")
  .action(async (files: string[], options) =>
    finish((await import("./commands/explore.ts")).explore(files, options)),
  );

sourceCommand("lower", "print the program in stock Pancake")
  .option("-o, --output <file>", "output file", "-")
  .action(async (files: string[], options) =>
    finish((await import("./commands/lower.ts")).lower(files, options)),
  );

program
  .command("disasm")
  .description("list the code of an object or program with source lines")
  .argument("<object>", "ELF file")
  .option("--no-aliases", "print base instructions instead of aliases")
  .option("--no-source", "leave source lines out")
  .action(async (file: string, options) =>
    finish((await import("./commands/disasm.ts")).disasm(file, options)),
  );

program
  .command("cake")
  .description("drop-in for `cake --pancake`: source on standard input, assembly on standard output")
  .allowUnknownOption()
  .helpOption(false)
  .argument("[options...]")
  .action(async () => finish((await import("./commands/cake.ts")).cake(process.argv.slice(3))));

program
  .command("test")
  .description("run golden cases: one file a case, input and expectation together")
  .argument("[paths...]", "case files or folders", ["."])
  .option("--accept", "rewrite the expectations that differ", false)
  .option("--list", "list the cases without running them", false)
  .option("--kinds", "list the kinds of cases", false)
  .option("--filter <text>", "only cases whose path or title contains this")
  .action(async (paths: string[], options) =>
    finish((await import("./commands/test.ts")).testCommand(paths, options)),
  );

program
  .command("explain")
  .description("explain a diagnostic code")
  .argument("<code>", "for example S0104")
  .action(async (code: string) => finish((await import("./commands/explain.ts")).explain(code)));

for (const later of ["build", "boot", "machine", "fmt", "lsp", "verify", "debug"]) {
  program
    .command(later, { hidden: true })
    .allowUnknownOption()
    .argument("[words...]")
    .action(() => {
      process.stderr.write(`pancake: \`${later}\` is not there yet\n`);
      process.exitCode = EXIT.userError;
    });
}

async function finish(code: number | Promise<number>): Promise<void> {
  process.exitCode = await code;
}

async function main(): Promise<void> {
  try {
    await program.parseAsync(ownWords);
  } catch (error) {
    process.exitCode = await exitCodeOf(error);
  }
}

async function exitCodeOf(error: unknown): Promise<number> {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof FileProblem) {
    process.stderr.write(`pancake: ${error.message}\n`);
    return EXIT.userError;
  }
  const { NotYet, UsageProblem } = await import("./target-options.ts");
  if (error instanceof UsageProblem || error instanceof NotYet) {
    process.stderr.write(`pancake: ${error.message}\n`);
    return error instanceof UsageProblem ? EXIT.usage : EXIT.userError;
  }
  if (isClosedPipe(error)) return EXIT.ok;
  const { reportInternalError } = await import("./internal-error.ts");
  return reportInternalError(error);
}

await main();
