// The options of `pancake machine`. Relies on commander; what they mean is words.ts's.

import { Option, type Command } from "commander";

const collect = (value: string, earlier: readonly string[]): readonly string[] => [...earlier, value];

const several = (flags: string, text: string): Option =>
  new Option(flags, text).argParser(collect).default([]);

/** Declares all options on the command. */
export function declareMachineOptions(command: Command): Command {
  declareBoard(command.optionsGroup("Board and what it runs:"));
  declareDevices(command.optionsGroup("Disks, networks, devices:"));
  declareCharacters(command.optionsGroup("Characters:"));
  declareRun(command.optionsGroup("The run:"));
  declareDebugging(command.optionsGroup("Looking inside:"));
  return command.addHelpText("after", HELP);
}

function declareBoard(command: Command): Command {
  return command
    .requiredOption(
      "-M, --machine <board>",
      "virt-riscv64 or virt-arm64; Arm: `,virtualization=on` for EL2, `,gic-version=3`",
    )
    .option("--kernel <file>", "ELF executable, Linux image or plain bytes")
    .option(
      "--bios <file>",
      "firmware: machine mode (RISC-V), first flash bank (Arm); `none`: none, also none of ours",
    )
    .option("--initrd <file>", "initial file system for the kernel")
    .option("--dtb <file>", "a device tree instead of the board's own; /chosen gets --append and --initrd")
    .addOption(several("--fw-cfg <properties>", "name=NAME,file=PATH or name=NAME,string=TEXT for firmware"))
    .option("--append <text>", "arguments for the kernel")
    .option(
      "--cpu <name>",
      "cortex-a53 (Arm) or rv64 (RISC-V), which is what the boards have; cores like them with a note",
    )
    .option("--smp <harts>", "number of harts", "1")
    .option("-m, --memory <size>", "bytes of RAM; K, M and G are understood, no unit means MiB", "128M");
}

function declareDevices(command: Command): Command {
  return command
    .addOption(
      several(
        "--drive <properties>",
        "file=F[,if=virtio]; file=F,if=none,id=ID; file=F,if=pflash[,unit=N]; [,format=raw][,readonly=on][,snapshot=on]",
      ),
    )
    .option("--snapshot", "no disk's file is changed: what the guest writes stays in memory", false)
    .addOption(several("--disk <file>", "a disk at the next free slot; `,snapshot` keeps the file as it is"))
    .addOption(
      several(
        "--device <properties>",
        "virtio-blk-device,drive=ID; virtio-net-device,netdev=ID; virtio-rng-device; virtio-serial-device and virtconsole,chardev=ID; loader,file=F[,addr=A][,cpu-num=N]",
      ),
    )
    .addOption(
      several("--netdev <properties>", "user[,hostfwd=...],id=ID; socket,connect=HOST:PORT,id=ID; ..."),
    )
    .addOption(several("--net <properties>", "the same without a device: a card at the next free slot"))
    .addOption(
      several(
        "--global <property>",
        "virtio-mmio.force-legacy=false: virtio 1.0 instead of the legacy layout",
      ),
    );
}

// How the run begins, ends, and is repeated.
function declareRun(command: Command): Command {
  return command
    .option("--record <file>", "write down all input of the host, so that the run can be repeated")
    .option("--replay <file>", "repeat a recorded run")
    .option(
      "--save <file>",
      "write the whole machine to a file when the run ends (control-A, then s: now), to go on with --restore",
    )
    .option("--restore <file>", "go on from such a file; give the same options and files as for --save")
    .option(
      "--stop-at <instant>",
      "end, with exit code 0, at a virtual time (1500ms, 2s) or after so many instructions (2000000)",
    )
    .option("--until <text>", "end, with exit code 0, when the guest prints this")
    .option("--timeout <seconds>", "end, with exit code 3, after this time")
    .option(
      "--exit-on <symbol>",
      "end when the ELF's word of that name is written: 1 is exit code 0, 2n+1 is n",
    )
    .addOption(
      new Option("--idle <policy>", "while all harts wait: sleep, or skip to the next timer")
        .choices(["auto", "sleep", "skip"])
        .default("auto"),
    )
    .option("--no-reboot", "end when the guest resets the board")
    .option("--stats", "print counters when the run ends", false)
    .addOption(
      new Option("--executor <executor>", "which executor").choices(["fast", "reference"]).default("fast"),
    );
}

// What characters of the guest are connected to.
function declareCharacters(command: Command): Command {
  return command
    .option("--serial <end>", "the serial line: stdio, none, file:PATH or chardev:ID", "stdio")
    .addOption(several("--chardev <properties>", "stdio, null, file,path=PATH or testdev; with id=ID"))
    .option(
      "--semihosting",
      "let the program ask the emulator: console, clock, command line, exit code",
      false,
    )
    .option("--semihosting-config <properties>", "enable=on[,chardev=ID][,arg=WORD...][,userspace=on]");
}

function declareDebugging(command: Command): Command {
  return command
    .option("--gdb <port>", "let gdb connect to this TCP port of this computer; 0: any that is free")
    .option("--wait", "with --gdb: stand still before the first instruction until gdb lets go", false)
    .option(
      "--trace <list>",
      "write down instructions,mmio,interrupts,exceptions,virtqueues[,file=PATH][,format=ndjson]",
    );
}

const HELP = `
QEMU's words with one dash are understood, too: -M, -nographic, -netdev, -s -S, ...
The guest's serial line is this terminal; control-A, then x, ends the run; control-A, then s, saves it (--save).
  pancake machine -M virt-riscv64 --bios fw_dynamic.bin --kernel u-boot.bin
  pancake machine -M virt-arm64 -m 512M --kernel vmlinuz --initrd initrd.gz --append console=ttyAMA0`;
