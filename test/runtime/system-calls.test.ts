// System calls as programs see them: each test is a program whose exit code or output says what the call answered.

import { expect, test } from "vitest";
import { memoryHost, runUserProgram, type Problem, type RunResult } from "../../runtime/index.ts";
import { ERRNO, SYSTEM_CALLS, type SystemCallName } from "../../spec/abi/linux-user.ts";
import { assembled } from "./support/assembled.ts";

const EXIT_WITH_A0 = `
    li a7, ${String(SYSTEM_CALLS.exit)}
    ecall
`;

/** Text that puts arguments into a0.. and makes the call. */
function call(name: SystemCallName, ...args: readonly (string | number)[]): string {
  const loads = args.map((arg, i) =>
    typeof arg === "number" ? `    li a${String(i)}, ${String(arg)}` : `    la a${String(i)}, ${arg}`,
  );
  return [...loads, `    li a7, ${String(SYSTEM_CALLS[name])}`, "    ecall", ""].join("\n");
}

interface Run {
  readonly result: RunResult;
  readonly stdout: string;
  readonly stderr: string;
  readonly warnings: readonly Problem[];
}

function run(code: string, input = "", data = ""): Run {
  const host = memoryHost(input);
  const warnings: Problem[] = [];
  const text = `    .globl _start\n_start:\n${code}${EXIT_WITH_A0}\n    .data\nbuffer: .space 256\n${data}\n`;
  const result = runUserProgram(assembled(text), {
    host,
    args: ["prog", "one", "two words"],
    environment: ["HOME=/root"],
    maxInstructions: 100_000,
    onWarning: (w) => warnings.push(w),
  });
  return { result, stdout: host.stdout(), stderr: host.stderr(), warnings };
}

function exitCode(code: string, data = ""): number | string {
  const { result } = run(code, "", data);
  return result.kind === "exit" ? result.exitCode : result.kind;
}

/** Turns a negative error number into a positive exit code. */
const NEGATE = "    neg a0, a0\n";

test("write, writev, and descriptors that are not open for writing", () => {
  const hello = '\ntext: .ascii "hello\\n"\n    .balign 8\nvector: .dword text, 4, text, 2\n';
  expect(run(call("write", 1, "text", 6), "", hello)).toMatchObject({
    stdout: "hello\n",
    result: { exitCode: 6 },
  });
  expect(run(call("write", 2, "text", 6), "", hello).stderr).toBe("hello\n");
  expect(run(call("writev", 1, "vector", 2), "", hello)).toMatchObject({
    stdout: "hellhe",
    result: { exitCode: 6 },
  });
  expect(exitCode(call("write", 0, "text", 6) + NEGATE, hello)).toBe(ERRNO.EBADF);
  expect(exitCode(call("write", 9, "text", 6) + NEGATE, hello)).toBe(ERRNO.EBADF);
  expect(exitCode(call("write", 1, 16, 6) + NEGATE, hello)).toBe(ERRNO.EFAULT);
});

test("read takes what is there, then answers 0; a bad buffer loses nothing", () => {
  const code =
    call("read", 0, 8, 5) + // EFAULT: nothing is taken
    call("read", 0, "buffer", 3) +
    "    mv a2, a0\n" +
    call("write", 1, "buffer") +
    call("read", 0, "buffer", 100) +
    "    mv a2, a0\n" +
    call("write", 1, "buffer") +
    call("read", 0, "buffer", 100);
  expect(run(code, "abcdef")).toMatchObject({ stdout: "abcdef", result: { exitCode: 0 } });
});

test("files: close, lseek, fstat, newfstatat, ioctl, readlinkat", () => {
  expect(exitCode(call("close", 2) + call("write", 2, "buffer", 1) + NEGATE)).toBe(ERRNO.EBADF);
  expect(exitCode(call("close", 7) + NEGATE)).toBe(ERRNO.EBADF);
  expect(exitCode(call("lseek", 1, 0, 0) + NEGATE)).toBe(ERRNO.ESPIPE);
  const mode = "    la t0, buffer\n    lwu a0, 16(t0)\n    srli a0, a0, 12\n";
  expect(exitCode(call("fstat", 1, "buffer") + mode)).toBe(1); // a FIFO
  expect(exitCode(call("newfstatat", 1, "empty", "buffer", 0x1000) + mode, 'empty: .asciz ""\n')).toBe(1);
  expect(exitCode(call("newfstatat", -100, "name", "buffer", 0) + NEGATE, 'name: .asciz "x"\n')).toBe(
    ERRNO.ENOENT,
  );
  expect(exitCode(call("ioctl", 1, 0x5401, "buffer") + NEGATE)).toBe(ERRNO.ENOTTY);
  expect(exitCode(call("readlinkat", -100, "buffer", "buffer", 8) + NEGATE)).toBe(ERRNO.ENOENT);
});

test("brk grows and shrinks; what it gave back is gone", () => {
  const grow = `${call("brk", 0)}    mv s0, a0\n    li t0, 8192\n    add a0, a0, t0\n${call("brk")}`;
  expect(exitCode(`${grow}    sd a0, 8(s0)\n    ld a1, 8(s0)\n    sub a0, a0, a1\n`)).toBe(0);
  expect(exitCode(`${grow}    mv a0, s0\n${call("brk")}    sd a0, 8(s0)\n`)).toBe("fault");
});

test("mmap, mprotect, munmap", () => {
  const map = call("mmap", 0, 8192, 3, 0x22, -1, 0) + "    mv s0, a0\n";
  expect(exitCode(`${map}    li t0, 5\n    sd t0, 0(s0)\n    ld a0, 0(s0)\n`)).toBe(5);
  const protect = `${map}    li a1, 4096\n    li a2, 1\n    li a7, 226\n    ecall\n`;
  expect(exitCode(`${protect}    ld a0, 0(s0)\n`)).toBe(0);
  expect(exitCode(`${protect}    sd a0, 0(s0)\n`)).toBe("fault");
  expect(exitCode(`${protect}    li t0, 4096\n    add s0, s0, t0\n    sd a0, 0(s0)\n`)).toBe(0);
  expect(exitCode(`${map}    li a1, 4096\n    li a7, 215\n    ecall\n    ld a0, 0(s0)\n`)).toBe("fault");
  expect(exitCode(call("mmap", 0, 4096, 3, 0x02, 5, 0) + NEGATE)).toBe(ERRNO.EBADF);
  expect(exitCode(call("mmap", 0, 0, 3, 0x22, -1, 0) + NEGATE)).toBe(ERRNO.EINVAL);
  expect(exitCode(call("mprotect", 0x5000, 4096, 1) + NEGATE)).toBe(ERRNO.ENOMEM);
});

test("the first stack: argc, argv, envp, auxiliary vector, alignment", () => {
  expect(exitCode("    ld a0, 0(sp)\n")).toBe(3);
  expect(exitCode("    andi a0, sp, 15\n")).toBe(0);
  const print = (offset: number, length: number): string =>
    `    ld a1, ${String(offset)}(sp)\n    li a0, 1\n    li a2, ${String(length)}\n    li a7, 64\n    ecall\n`;
  expect(run(print(24, 9)).stdout).toBe("two words");
  expect(run(print(40, 10)).stdout).toBe("HOME=/root");
  // After the zero that ends envp: pairs until AT_NULL; find AT_PAGESZ (6).
  const find =
    "    addi t0, sp, 56\n1:  ld t1, 0(t0)\n    ld a0, 8(t0)\n    addi t0, t0, 16\n    li t2, 6\n    bne t1, t2, 1b\n";
  expect(exitCode(`${find}    srli a0, a0, 8\n`)).toBe(16);
});

test("time follows the instruction count, randomness the seed", () => {
  const clock = call("clock_gettime", 1, "buffer") + "    la t0, buffer\n    ld a0, 8(t0)\n";
  expect(exitCode(clock)).toBe(exitCode(clock));
  expect(exitCode(clock)).toBeGreaterThan(0);
  const random = call("getrandom", "buffer", 8, 0) + "    la t0, buffer\n    lbu a0, 0(t0)\n";
  expect(exitCode(random)).toBe(exitCode(random));
  expect(exitCode(call("clock_gettime", 99, "buffer") + NEGATE)).toBe(ERRNO.EINVAL);
  expect(
    exitCode(
      call("gettimeofday", "buffer", 0) + "    la t0, buffer\n    ld a0, 0(t0)\n    srli a0, a0, 24\n",
    ),
  ).toBe(105);
});

test("the process: numbers, names, limits, signals", () => {
  expect(exitCode(`${call("getpid")}    mv s0, a0\n${call("gettid")}    sub a0, a0, s0\n`)).toBe(0);
  expect(exitCode(`${call("getuid")}    mv s0, a0\n${call("getegid")}    sub a0, a0, s0\n`)).toBe(0);
  const print = call("uname", "buffer") + call("write", 1, "buffer", 5);
  expect(run(print).stdout).toBe("Linux");
  expect(
    exitCode(
      call("prlimit64", 0, 3, 0, "buffer") + "    la t0, buffer\n    ld a0, 0(t0)\n    srli a0, a0, 20\n",
    ),
  ).toBe(8);
  expect(exitCode(call("rt_sigaction", 6, 0, 0, 8))).toBe(0);
  expect(exitCode(call("rt_sigprocmask", 0, 0, 0, 8))).toBe(0);
  expect(exitCode(call("futex", "buffer", 1, 1))).toBe(0);
  expect(exitCode(call("futex", "buffer", 0, 7) + NEGATE)).toBe(ERRNO.EAGAIN);
  expect(exitCode(call("sched_yield"))).toBe(0);
  expect(exitCode(call("set_tid_address", "buffer") + "    snez a0, a0\n")).toBe(1);
});

test("a signal to itself ends the program", () => {
  const abort = `${call("getpid")}    mv a1, a0\n    li a2, 6\n    li a7, 131\n    ecall\n`;
  expect(run(abort).result).toMatchObject({
    kind: "stopped",
    problem: { code: "R0108", message: "the program ended itself with signal 6" },
  });
});

test("rt_sigaction remembers; an ignored signal is ignored, and a handler that cannot run is named", () => {
  const data = "\n    .balign 8\nignore: .dword 1, 2, 3\nhandler: .dword 0x1234, 0, 0\n";
  const raise = call("kill", 0, 10);
  const ignored = run(`${call("rt_sigaction", 10, "ignore", 0, 8)}${raise}`, "", data);
  expect(ignored).toMatchObject({ result: { kind: "exit", exitCode: 0 }, warnings: [] });

  const setBoth = call("rt_sigaction", 10, "handler", 0, 8) + call("rt_sigaction", 12, "handler", 0, 8);
  const handled = run(`${setBoth}${raise}`, "", data);
  expect(handled.result).toMatchObject({
    kind: "stopped",
    problem: {
      code: "R0115",
      message: "the program sent itself signal 10, and its handler at 0x00001234 cannot run",
    },
  });
  expect(handled.warnings.map((w) => `${w.code} ${w.message}`)).toEqual([
    "R0021 the program set a handler for signal 10; signal handlers are not run yet",
  ]);

  const old = `${call("rt_sigaction", 10, "ignore", 0, 8)}${call("rt_sigaction", 10, 0, "buffer", 8)}`;
  expect(exitCode(`${old}    la t0, buffer\n    ld a0, 16(t0)\n`, data)).toBe(3);
  expect(exitCode(call("rt_sigaction", 9, "ignore", 0, 8) + NEGATE, data)).toBe(ERRNO.EINVAL);
  expect(exitCode(call("rt_sigaction", 10, 8, 0, 8) + NEGATE)).toBe(ERRNO.EFAULT);
});

test("the action of a signal on Arm64 has a restorer: 32 bytes come back, and none beyond them", () => {
  const text = `
    .globl _start
_start:
    mov x8, #${String(SYSTEM_CALLS.rt_sigaction)}
    mov x0, #10
    adr x1, action
    mov x2, #0
    mov x3, #8
    svc #0
    mov x0, #10
    mov x1, #0
    adr x2, old
    svc #0
    adr x2, old
    ldr x0, [x2, #24]
    ldr x1, [x2, #32]
    add x0, x0, x1
    mov x8, #${String(SYSTEM_CALLS.exit)}
    svc #0
    .data
    .balign 8
action: .dword 1, 0, 0, 4
old:    .dword 0, 0, 0, 0, 100
`;
  const result = runUserProgram(assembled(text, "arm64"), { host: memoryHost(), maxInstructions: 100 });
  expect(result).toMatchObject({ kind: "exit", exitCode: 104 });
});

test("an unknown call is named once, and answers ENOSYS", () => {
  const twice = call("socket", 1, 2, 3) + call("socket", 1, 2, 3) + NEGATE;
  const { result, warnings } = run(twice);
  expect(result).toMatchObject({ kind: "exit", exitCode: ERRNO.ENOSYS });
  expect(warnings.map((w) => `${w.code} ${w.message}`)).toEqual([
    "R0020 system call `socket` (198) is not implemented; it returned ENOSYS",
  ]);
  const unknown = "    li a7, 9999\n    ecall\n";
  expect(run(unknown).warnings[0]?.message).toContain("`unknown` (9999)");
});

test("the limit on instructions is exact", () => {
  const { result } = run("1:  j 1b\n");
  expect(result).toMatchObject({ kind: "stopped", instructions: 100_000n, problem: { code: "R0109" } });
});

test("mremap: shrinks in place, moves with its contents, and refuses what it must not", () => {
  const mapped = `${call("mmap", 0, 8192, 3, 0x22, -1, 0)}    mv s0, a0\n    li t0, 77\n    li t1, 4096\n    add s1, s0, t1\n    sd t0, (s1)\n`;
  const mremap = (start: string, oldBytes: number, newBytes: number, flags: number): string =>
    `    mv a0, ${start}\n    li a1, ${String(oldBytes)}\n    li a2, ${String(newBytes)}\n` +
    `    li a3, ${String(flags)}\n    li a7, ${String(SYSTEM_CALLS.mremap)}\n    ecall\n`;
  const moved = `${mapped}${mremap("s0", 8192, 1 << 20, 1)}    li t0, 4096\n    add t0, t0, a0\n    ld a0, 0(t0)\n`;
  expect(exitCode(moved)).toBe(77);
  const shrunk = `${mapped}${mremap("s0", 8192, 4096, 0)}    sub a0, a0, s0\n`;
  expect(exitCode(shrunk)).toBe(0);
  expect(exitCode(`${shrunk}    ld a0, (s1)\n`)).toBe("fault");
  expect(exitCode(`${mapped}${mremap("s0", 8192, 16384, 0)}${NEGATE}`)).toBe(ERRNO.ENOMEM);
  expect(exitCode(`${mapped}${mremap("zero", 4096, 8192, 1)}${NEGATE}`)).toBe(ERRNO.EFAULT);
});

test("there are no files: a name leads nowhere, and nothing can be made", () => {
  const path = '\npath: .asciz "/etc/hosts"\n';
  expect(exitCode(call("openat", -100, "path", 0, 0) + NEGATE, path)).toBe(ERRNO.ENOENT);
  expect(exitCode(call("openat", -100, "path", 0o101, 0o644) + NEGATE, path)).toBe(ERRNO.EROFS);
  expect(exitCode(call("faccessat", -100, "path", 0, 0) + NEGATE, path)).toBe(ERRNO.ENOENT);
  expect(exitCode(call("openat", -100, 8, 0, 0) + NEGATE)).toBe(ERRNO.EFAULT);
  expect(exitCode(call("openat", -100, "path", 0, 0) + NEGATE, `path: .fill 4096, 1, 120\n`)).toBe(
    ERRNO.ENAMETOOLONG,
  );
});

test("opening a file is explained once, by the file's name", () => {
  const paths = '\npath: .asciz "/etc/\\033hosts"\nother: .asciz "other"\n';
  const { warnings } = run(
    call("openat", -100, "path", 0, 0) + call("openat", -100, "other", 0, 0),
    "",
    paths,
  );
  expect(warnings.map((w) => `${w.code} ${w.message}`)).toEqual([
    "R0022 `/etc/\ufffdhosts` was not opened (ENOENT): programs see no files but the standard streams",
  ]);
  const zone = '\npath: .asciz "/etc/localtime"\n';
  expect(run(call("openat", -100, "path", 0, 0), "", zone).warnings).toEqual([]);
});
