// The system calls that user mode implements, by name; numbers come from spec/abi/linux-user.ts.
// Relies on the call files beside it. Guarantees: a call that is not here is known by its name and answers ENOSYS.

import { ERRNO, SYSTEM_CALLS, type SystemCallName } from "../../../spec/abi/linux-user.ts";
import type { SystemCall } from "./call.ts";
import * as files from "./files.ts";
import * as memory from "./memory.ts";
import * as process from "./process.ts";
import * as signals from "./signals.ts";

// prettier-ignore
const implemented: Partial<Readonly<Record<SystemCallName, SystemCall>>> = {
  read: files.read,             write: files.write,           readv: files.readv,
  writev: files.writev,         close: files.close,           lseek: files.lseek,
  fstat: files.fstat,           newfstatat: files.newfstatat, ioctl: files.ioctl,
  readlinkat: files.noSuchFile, faccessat: files.noSuchFile,  openat: files.openat,

  brk: memory.brk,              mmap: memory.mmap,            munmap: memory.munmap,
  mprotect: memory.mprotect,    madvise: memory.madvise,
  mremap: memory.mremap,

  exit: process.exit,           exit_group: process.exit,
  getpid: process.getpid,       gettid: process.getpid,       getppid: process.getppid,
  getuid: process.getuid,       geteuid: process.getuid,      getgid: process.getuid,
  getegid: process.getuid,      uname: process.uname,         prlimit64: process.prlimit64,
  set_tid_address: process.setTidAddress,                     set_robust_list: process.succeed,
  futex: process.futex,         sched_yield: process.succeed, getrandom: process.getrandom,
  clock_gettime: process.clockGettime,                        clock_getres: process.clockGetres,
  gettimeofday: process.gettimeofday,                         riscv_flush_icache: process.succeed,
  kill: signals.kill,           tkill: signals.tkill,         tgkill: signals.tgkill,
  rt_sigaction: signals.rtSigaction,                          rt_sigprocmask: signals.rtSigprocmask,
  sigaltstack: process.succeed,

  rseq: process.refuse,         riscv_hwprobe: process.refuse,
};

const names = new Map<number, string>(Object.entries(SYSTEM_CALLS).map(([name, number]) => [number, name]));
const byNumber = new Map<number, SystemCall>();
for (const [name, number] of Object.entries(SYSTEM_CALLS)) {
  const call = Object.entries(implemented).find(([key]) => key === name)?.[1];
  if (call !== undefined) byNumber.set(number, call);
}

/** The implementation of `number`; null if there is none. */
export function systemCall(number: number): SystemCall | null {
  return byNumber.get(number) ?? null;
}

/** Linux's name for `number`, or `unknown`. */
export function systemCallName(number: number): string {
  return names.get(number) ?? "unknown";
}

/** What a call without an implementation answers. */
export const NOT_IMPLEMENTED = BigInt(-ERRNO.ENOSYS);
