// Programs for the linker's tests: C that needs many kinds of relocations, and Lab.

// Needs `sys` before it (oracle-isa.ts).
const printing = `static void put(const char *s) { long n = 0; while (s[n]) n++; sys(64, 1, (long)s, n); }
static void number(unsigned long v) {
  char b[24]; int i = 23; b[i] = 0;
  do { b[--i] = '0' + v % 10; v /= 10; } while (v);
  put(b + i);
}
`;

/** Needs `sys` before it (oracle-isa.ts). */
export const cProgram = `
typedef unsigned char byte;
${printing}int common_one, common_two[7];
int zeros[300];
int table[5] = {3, 1, 4, 1, 5};
int *pointer = &table[2];
long (*function)(long);
static const char *const words[] = {"zero", "one", "two", "three", "four", "five", "six", "seven"};
extern int nowhere __attribute__((weak));
extern void nobody(void) __attribute__((weak));
short shorts[9] = {-7, 8};
byte bytes[11] = {1, 2, 250};
struct pair { long first, second; } __attribute__((aligned(16))) pair = {30, 12}, copy;
__attribute__((noinline)) long twice(long x) { return 2 * x; }
__attribute__((noinline)) long choose(int x) {
  switch (x) {
    case 0: return 5; case 1: return 17; case 2: return 3; case 3: return 9; case 4: return 99;
    case 5: return 1; case 6: return -4; case 7: return 12; default: return 0;
  }
}
long (*const table_of[])(long) = {twice, twice};
__attribute__((noinline)) long fib(long n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
__attribute__((constructor)) void early(void) { zeros[3] = 1; }
int start(void) {
  extern void (*__init_array_start[])(void), (*__init_array_end[])(void);
  for (void (**f)(void) = __init_array_start; f < __init_array_end; f++) (*f)();
  function = twice;
  unsigned long sum = zeros[3];
  for (int i = 0; i < 8; i++) { sum = sum * 31 + choose(i); put(words[i]); put(" "); }
  sum += function(21) + table_of[1](fib(12)) + *pointer + table[4];
  if (nobody) nobody();
  if (&nowhere) sum += nowhere;
  copy = pair; sum += copy.first * copy.second + shorts[0] + bytes[2]; shorts[8] = bytes[1]; sum += shorts[8];
  common_one = 7; common_two[6] = common_one; sum += common_two[6] + zeros[299];
  put("checksum "); number(sum); put("\\n");
  return (int)(sum & 63);
}
`;

/** A program with an exported function, a foreign call, a global and the heap. */
export const calls = `isa riscv64; entry main; globals 1;
section main(0) -> 1 frame 16 {
  addi sp, sp, -16
  sd ra, 8(sp) : stack
  sd s0, 0(sp) : stack
  addi a0, zero, 1
  addi a1, zero, 2
  addi a2, zero, 3
  addi a3, zero, 4
  foreign show
  addi a0, zero, 40
  t0 = @globals
  sd a0, 0(t0) : global
  a0 = @base
  addi a1, zero, 77
  sd a1, 8(a0) : local
  addi s0, zero, 2
  add a0, s0, zero
  call plus
  ld s0, 0(sp) : stack
  ld ra, 8(sp) : stack
  addi sp, sp, 16
  return
}
section plus(1) -> 1 frame 0 {
  t0 = @globals
  ld t0, 0(t0) : global
  add a0, t0, a0
  return
}
export section add(2) -> 1 frame 0 {
  add a0, a0, a1
  if beq a0, zero then b1
  if bne a1, zero then b2
b1:
  trap uncaughtException
b2:
  return
}
`;

/** Needs `sys` before it. */
export const harness = `
extern long pancake_main(void), add(long, long), pancake_heap[];
${printing}void pancake_trap_uncaughtException(void) { put("uncaught\\n"); }
void ffishow(long a, long b, long c, long d) {
  put("foreign "); number(a); put(" "); number(b); put(" "); number(c); put(" "); number(d); put("\\n");
}
int start(void) {
  long value = pancake_main();
  put("main "); number(value); put("\\n");
  put("add "); number(add(10, 20)); put("\\n");
  put("heap "); number(pancake_heap[1]); put("\\n");
  return 0;
}
`;

/** Branches and jumps over `count` four-byte instructions, both ways; the second stretch is shorter. Returns 7. */
export function farBranches(count: number): string {
  const filler = "  xor s2, s3, s4\n".repeat(count);
  const shorter = "  xor s2, s3, s4\n".repeat(Math.min(count, 1100));
  return `isa riscv64; entry main;
section main(0) -> 1 frame 0 {
  addi a0, zero, 3
  addi a1, zero, 0
  if beq a1, zero then b1
  if bltu a0, a1 then b2
  jump b3
b4:
  addi a0, zero, 99
${filler}b1:
  addi a0, a0, 4
  if bne a1, zero then b4
  if bge a1, a0 then b4
  jump b5
b2:
  addi a0, zero, 98
${shorter}b3:
  addi a0, zero, 97
  jump b4
b5:
  return
}
`;
}

/** The same on Arm64, with branches of all three reaches. Returns 7. */
export function farBranchesArm64(count: number): string {
  const filler = "  eor x9, x10, x11\n".repeat(count);
  const shorter = "  eor x9, x10, x11\n".repeat(Math.min(count, 1100));
  return `isa arm64; entry main;
section main(0) -> 1 frame 0 {
  movz x0, #3
  movz x1, #0
  if tbz x1, 2 then b1
  jump b3
b4:
  movz x0, #99
${filler}b1:
  add:imm x0, x0, #4
  if cbnz x1 then b4
  if tbnz x1, 5 then b4
  subs:imm xzr, x0, #7
  if b.ne then b4
  if cbz x1 then b5
  jump b4
b3:
  movz x0, #97
${shorter}b5:
  return
}
`;
}
