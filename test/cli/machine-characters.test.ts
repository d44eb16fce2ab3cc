// Where characters of the guest go: files, the test device, semihosting's end.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { semihostingProgram } from "../support/semihosting-program.ts";
import { pancake, pancakeProcess, scratchFolder } from "./pancake.ts";

const scratch = scratchFolder();

// Prints what its command line is, then leaves with code 3.
const program = scratch.write(
  "line.elf",
  semihostingProgram(
    "arm64",
    [
      { operation: "commandLine", parameter: "line", isQuiet: true },
      { operation: "writeString", parameter: "room", isQuiet: true },
      { operation: "exit", parameter: "leave", isQuiet: true },
    ],
    "line: .quad room, 80\nleave: .quad 0x20026, 3\nroom: .quad 0, 0, 0, 0, 0, 0, 0, 0, 0, 0\n",
  ),
);
const machine = ["machine", "-M", "virt-arm64", "-kernel", program];

test("semihosting prints at the terminal, into a file, or to the test device", () => {
  const config = "enable=on,target=native,arg=12q";
  expect(pancakeProcess([...machine, "-semihosting-config", config])).toMatchObject({
    status: 3,
    stdout: "12q",
  });
  const path = join(scratch.path, "out");
  const words = ["-chardev", `file,id=c,path=${path}`, "-semihosting-config", `${config},chardev=c`];
  expect(pancakeProcess([...machine, ...words])).toMatchObject({ status: 3, stdout: "" });
  expect(readFileSync(path, "utf8")).toBe("12q");
  // The device's end comes first: twice the number, and one.
  const device = ["-chardev", "testdev,id=c", "-semihosting-config", `${config},chardev=c`];
  expect(pancakeProcess([...machine, ...device])).toMatchObject({ status: 25, stdout: "" });
});

test("a file that is full is said, and the exit code tells", () => {
  const words = ["-chardev", "file,id=c,path=/dev/full", "-semihosting-config", "on,chardev=c"];
  // It stops before the program leaves with a code of its own.
  const shown = pancakeProcess([...machine, ...words, "--stop-at", "7"]);
  expect(shown.stderr).toContain(
    "error[M0135]: `/dev/full` cannot be written: no space is left on the device",
  );
  expect(shown.status).toBe(1);
});

test.each([
  [["-serial", "pty"], "--serial takes stdio"],
  [["-serial", "chardev:x"], "`chardev=x` names no --chardev"],
  [["-chardev", "stdio"], "--chardev needs `id=NAME`"],
  [["-chardev", "null,id=a", "-chardev", "null,id=a"], "two with the name `a`"],
  [["-chardev", "socket,id=a"], "not yet there: pty, socket"],
  [["-chardev", "file,id=a"], "needs `path=PATH`"],
  [["-chardev", "testdev,id=a,path=x"], "no property `path`"],
  [["-semihosting-config", "target=gdb"], "target=gdb is not there yet"],
  [["-semihosting-config", "enable=perhaps"], "`enable=on` or `enable=off`"],
  [["-semihosting-config", "on,chardev=x"], "`chardev=x` names no --chardev"],
  [["-device", "virtio-serial-device", "-device", "virtconsole,chardev=x"], "`chardev=x` names no --chardev"],
])("%j is a mistake on the command line", async (words, message) => {
  const shown = await pancake([...machine, ...words]);
  expect(shown.stderr).toContain(message);
  expect(shown.status).toBe(2);
});
