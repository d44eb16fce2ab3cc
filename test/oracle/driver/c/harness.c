/* See harness.h. */
#include "harness.h"

#define SYS_write 64
#define SYS_exit 94
#define SYS_sigaltstack 132
#define SYS_rt_sigaction 134
#define SYS_mmap 222

static word system_call(word n, word a, word b, word c, word d, word e, word f) {
  register word a0 asm("a0") = a;
  register word a1 asm("a1") = b;
  register word a2 asm("a2") = c;
  register word a3 asm("a3") = d;
  register word a4 asm("a4") = e;
  register word a5 asm("a5") = f;
  register word a7 asm("a7") = n;
  asm volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5), "r"(a7) : "memory");
  return a0;
}

/* ---- output ---- */

static char output[1 << 16];
static word output_length;
int failures;

static void flush(void) {
  word done = 0;
  while (done < output_length) {
    word wrote = system_call(SYS_write, 1, (word)output + done, output_length - done, 0, 0, 0);
    if ((long)wrote <= 0) break;
    done += wrote;
  }
  output_length = 0;
}

void say(const char *text) {
  for (; *text; text++) {
    if (output_length == sizeof output) flush();
    output[output_length++] = *text;
  }
}

void say_word(word value) {
  char digits[17];
  int at = 16;
  digits[16] = 0;
  do {
    digits[--at] = "0123456789abcdef"[value & 15];
    value >>= 4;
  } while (value);
  say(digits + at);
}

void say_line(const char *kind, int count, const word *values) {
  say(kind);
  for (int i = 0; i < count; i++) {
    say(" ");
    say_word(values[i]);
  }
  say("\n");
}

void check_equal(word found, word wanted, const char *where) {
  if (found == wanted) return;
  failures++;
  say(where);
  say(" is ");
  say_word(found);
  say(", expected ");
  say_word(wanted);
  say("\n");
}

static void leave(int status) {
  flush();
  for (;;) system_call(SYS_exit, status, 0, 0, 0, 0, 0);
}

void finish(void) { leave(failures ? 1 : 0); }

/* ---- shared memory ---- */

byte shadow[SHARED_BYTES];

word peek(int bytes, word offset) {
  word value = 0;
  for (int i = bytes - 1; i >= 0; i--) value = value << 8 | shadow[offset + i];
  return value;
}

void poke(int bytes, word offset, word value) {
  for (int i = 0; i < bytes; i++, value >>= 8) shadow[offset + i] = value;
}

/* One load or store as the instruction at the fault says it. */
struct access {
  int size, store, bytes, is_signed, reg, base;
  long offset;
};

static int decode(word pc, struct access *to) {
  u32 low = *(unsigned short *)pc;
  if ((low & 3) == 3) {
    u32 ins = low | (u32) * (unsigned short *)(pc + 2) << 16;
    int kind = ins >> 12 & 7;
    to->size = 4;
    to->store = (ins & 127) == 35;
    if (!to->store && (ins & 127) != 3) return 0;
    to->bytes = 1 << (kind & 3);
    to->is_signed = !(kind & 4);
    to->base = ins >> 15 & 31;
    to->reg = to->store ? ins >> 20 & 31 : ins >> 7 & 31;
    to->offset = to->store ? ((int)ins >> 25) * 32 + (int)(ins >> 7 & 31) : (int)ins >> 20;
    return 1;
  }
  /* c.lw, c.ld, c.sw, c.sd */
  int kind = low >> 13;
  if ((low & 3) != 0 || (kind & 3) < 2) return 0;
  to->size = 2;
  to->store = kind >> 2;
  to->bytes = kind & 1 ? 8 : 4;
  to->is_signed = 1;
  to->base = 8 + (low >> 7 & 7);
  to->reg = 8 + (low >> 2 & 7);
  to->offset = (low >> 10 & 7) << 3;
  to->offset |= kind & 1 ? (low >> 5 & 3) << 6 : (low >> 6 & 1) << 2 | (low >> 5 & 1) << 6;
  return 1;
}

/* struct rt_sigframe of Linux: the registers are pc, x1 to x31. */
struct context {
  byte before[176];
  word regs[32];
};

static void fault(const char *why, word pc, word address) {
  say("X ");
  say(why);
  say_line("", 2, (word[]){pc, address});
  leave(2);
}

static void on_fault(int signal, void *info, struct context *context) {
  word *regs = context->regs, pc = regs[0];
  struct access access;
  if (!decode(pc, &access)) fault("fault, not at a load or store", pc, ((word *)info)[2]);
  word address = regs[access.base] + access.offset, offset = address - SHARED_BASE;
  word bits = access.bytes == 8 ? -1ul : (1ul << 8 * access.bytes) - 1;
  if (offset + access.bytes > SHARED_BYTES) fault("access outside of shared memory", pc, address);
  if (access.store) {
    word value = (access.reg ? regs[access.reg] : 0) & bits;
    say_line("S", 3, (word[]){access.bytes, address, value});
    device_store(access.bytes, offset, value);
  } else {
    word value = device_load(access.bytes, offset) & bits;
    say_line("L", 3, (word[]){access.bytes, address, value});
    if (access.is_signed && access.bytes < 8 && value >> (8 * access.bytes - 1)) value |= ~bits;
    if (access.reg) regs[access.reg] = value;
  }
  regs[0] = pc + access.size;
}

/* Fresh memory at `at`; `rights`: 1 read, 2 write. */
static void map(word at, word bytes, word rights) {
  word fixed = 0x22 | 0x10; /* MAP_PRIVATE, MAP_ANONYMOUS, MAP_FIXED */
  word got = system_call(SYS_mmap, at, bytes, rights, fixed, -1ul, 0);
  if (got != at) fault("no room for memory at", at, got);
}

static void catch_faults(void) {
  static byte stack[1 << 14] __attribute__((aligned(16)));
  struct {
    void *at;
    word flags, size;
  } alternate = {stack, 0, sizeof stack};
  struct {
    void *handler;
    word flags, mask;
  } action = {on_fault, 0x08000004 /* SA_ONSTACK, SA_SIGINFO */, 0};
  system_call(SYS_sigaltstack, (word)&alternate, 0, 0, 0, 0, 0);
  system_call(SYS_rt_sigaction, 11 /* SIGSEGV */, (word)&action, 0, 8, 0, 0);
  map(SHARED_BASE, SHARED_BYTES, 0);
}

/* ---- the driver ---- */

word *heap;

#ifdef CAKE
#define GUARD 512
extern char *cml_heap, *cml_stack, *cml_stackend;
void cml_main(void);
static byte arena[GUARD + HEAP_WORDS * 8 + STACK_BYTES + GUARD] __attribute__((aligned(16)));

void cml_exit(int code) {
  say_line("X cml_exit", 1, (word[]){code});
  leave(2);
}
void cml_err(int code) { say_line("E", 1, (word[]){code}); }
void cml_clear(void) {}

void prepare(void) {
  for (word i = 0; i < sizeof arena; i++) arena[i] = 0xa5;
  heap = (word *)(arena + GUARD);
#ifdef HEAP_AT_SHARED
  heap = (word *)SHARED_BASE - HEAP_WORDS;
  map(SHARED_BASE - 4096, 4096, 3);
  map(SHARED_BASE + SHARED_BYTES, 1 << 16, 3);
#endif
  cml_heap = (char *)heap;
  cml_stack = cml_heap + HEAP_WORDS * 8;
  cml_stackend = cml_stack + STACK_BYTES;
#ifdef HEAP_AT_SHARED
  cml_stackend = (char *)SHARED_BASE + SHARED_BYTES + (1 << 16);
#endif
  for (word i = 0; i < HEAP_WORDS; i++) heap[i] = MARK(i);
}
static void run_main(void) { cml_main(); }
static int guards_whole(void) {
  int whole = 1;
  for (word i = 0; i < GUARD; i++) whole &= arena[i] == 0xa5 && arena[sizeof arena - 1 - i] == 0xa5;
  return whole;
}
#else
extern word pancake_heap[], pancake_heap_end[];
word pancake_main(void);
/* `_Noreturn` by nature: t6 holds the place. Weak, because a program may bring its own. */
__attribute__((weak)) void pancake_trap_uncaughtException(void) { fault("uncaught exception", 0, 0); }
__attribute__((weak)) void pancake_trap_stackExhausted(void) { fault("stack exhausted", 0, 0); }

void prepare(void) {
  heap = pancake_heap;
  CHECK_EQUAL(pancake_heap_end - pancake_heap, HEAP_WORDS);
  for (word i = 0; i < HEAP_WORDS; i++) heap[i] = MARK(i);
}
static void run_main(void) { pancake_main(); }
static int guards_whole(void) { return 1; }
#endif

/* Calls with marks in the callee-saved registers and counts those that are lost; 100 and more: sp, gp, tp. */
word call_marked(void *function, word a, word b, word c, word d);
word marks_lost;
asm(".pushsection .text\n.globl call_marked\ncall_marked:\n"
    "addi sp, sp, -128\nsd ra, 0(sp)\nsd gp, 104(sp)\nsd tp, 112(sp)\n"
    "sd s0, 8(sp)\nsd s1, 16(sp)\nsd s2, 24(sp)\nsd s3, 32(sp)\nsd s4, 40(sp)\nsd s5, 48(sp)\n"
    "sd s6, 56(sp)\nsd s7, 64(sp)\nsd s8, 72(sp)\nsd s9, 80(sp)\nsd s10, 88(sp)\nsd s11, 96(sp)\n"
    "mv t0, a0\nmv a0, a1\nmv a1, a2\nmv a2, a3\nmv a3, a4\nla t1, marked_sp\nsd sp, 0(t1)\n"
    "li s0, 1000\nli s1, 1001\nli s2, 1002\nli s3, 1003\nli s4, 1004\nli s5, 1005\n"
    "li s6, 1006\nli s7, 1007\nli s8, 1008\nli s9, 1009\nli s10, 1010\nli s11, 1011\n"
    "jalr t0\nli t2, 0\n"
    ".macro mark reg, value\nli t1, \\value\nbeq \\reg, t1, 1f\naddi t2, t2, 1\n1:\n.endm\n"
    "mark s0, 1000\nmark s1, 1001\nmark s2, 1002\nmark s3, 1003\nmark s4, 1004\nmark s5, 1005\n"
    "mark s6, 1006\nmark s7, 1007\nmark s8, 1008\nmark s9, 1009\nmark s10, 1010\nmark s11, 1011\n"
    "la t1, marked_sp\nld t1, 0(t1)\nbeq sp, t1, 2f\naddi t2, t2, 100\n2:mv sp, t1\n"
    "ld t1, 104(sp)\nbeq gp, t1, 3f\naddi t2, t2, 200\n3:mv gp, t1\n"
    "ld t1, 112(sp)\nbeq tp, t1, 4f\naddi t2, t2, 400\n4:mv tp, t1\n"
    "la t1, marks_lost\nld t3, 0(t1)\nadd t2, t2, t3\nsd t2, 0(t1)\n"
    "ld s0, 8(sp)\nld s1, 16(sp)\nld s2, 24(sp)\nld s3, 32(sp)\nld s4, 40(sp)\nld s5, 48(sp)\n"
    "ld s6, 56(sp)\nld s7, 64(sp)\nld s8, 72(sp)\nld s9, 80(sp)\nld s10, 88(sp)\nld s11, 96(sp)\n"
    "ld ra, 0(sp)\naddi sp, sp, 128\nret\n.popsection\n"
    ".pushsection .bss\n.balign 8\nmarked_sp: .skip 8\n.popsection\n");

void initialise(void) {
  say_line("B", 2, (word[]){(word)heap, HEAP_WORDS});
  for (word i = 0; i < HEAP_WORDS; i++)
    if (heap[i] != MARK(i)) say_line("W", 2, (word[]){(word)(heap + i), heap[i]});
  say("I\n");
  call_marked(run_main, 0, 0, 0, 0);
  CHECK_EQUAL(marks_lost, 0);
}

word call(const char *name, word (*function)(), int count, const word *args) {
  word four[4] = {~0ul, ~1ul, ~2ul, ~3ul};
  for (int i = 0; i < count; i++) four[i] = args[i];
  say("C ");
  say_line(name, count, args);
  word result = call_marked(function, four[0], four[1], four[2], four[3]);
  say_line("R", 1, &result);
  CHECK_EQUAL(marks_lost, 0);
  return result;
}

void foreign(const char *name, word a, word b, word c, word d) {
  word sp;
  asm("mv %0, sp" : "=r"(sp));
  CHECK_EQUAL(sp & 15, 0);
  say("F ");
  say_line(name, 4, (word[]){a, b, c, d});
}

void write_local(word address, word value) {
  *(word *)address = value;
  say_line("W", 2, (word[]){address, value});
}

void show_heap(void) {
  for (word i = 0; i < HEAP_WORDS; i++)
    if (heap[i] != MARK(i)) say_line("H", 2, (word[]){(word)(heap + i), heap[i]});
  CHECK(guards_whole());
}

/* What gcc may call. */
void *memset(void *to, int value, word bytes) {
  for (byte *at = to; bytes; bytes--) *at++ = value;
  return to;
}
void *memcpy(void *to, const void *from, word bytes) {
  byte *at = to;
  for (const byte *source = from; bytes; bytes--) *at++ = *source++;
  return to;
}

void run(void) {
  catch_faults();
  prepare();
  script();
  show_heap();
  finish();
}
asm(".pushsection .text\n.globl _start\n_start:\n.option push\n.option norelax\nla gp, __global_pointer$\n"
    ".option pop\nandi sp, sp, -16\ncall run\n.popsection\n");
