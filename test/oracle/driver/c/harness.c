/* See harness.h. */
#include "harness.h"

#define SYS_write 64
#define SYS_exit 94
#define SYS_sigaltstack 132
#define SYS_rt_sigaction 134
#define SYS_mmap 222

/* One load or store as the instruction at a fault says it: what it accesses, and where the data goes or comes from. */
struct access {
  int size, store, bytes, is_signed;
  word address;
  /* Null: the zero register. */
  word *reg;
};

#ifdef __riscv
#include "machine-riscv64.h"
#else
#include "machine-arm64.h"
#endif

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

static void fault(const char *why, word pc, word address) {
  say("X ");
  say(why);
  say_line("", 2, (word[]){pc, address});
  leave(2);
}

static void on_fault(int signal, void *info, struct context *context) {
  word pc = PC(context);
  struct access access;
  if (!decode(context, &access)) fault("fault, not at a load or store", pc, ((word *)info)[2]);
  word address = access.address, offset = address - SHARED_BASE;
  word bits = access.bytes == 8 ? -1ul : (1ul << 8 * access.bytes) - 1;
  if (offset + access.bytes > SHARED_BYTES) fault("access outside of shared memory", pc, address);
  if (access.store) {
    word value = (access.reg ? *access.reg : 0) & bits;
    say_line("S", 3, (word[]){access.bytes, address, value});
    device_store(access.bytes, offset, value);
  } else {
    word value = device_load(access.bytes, offset) & bits;
    say_line("L", 3, (word[]){access.bytes, address, value});
    if (access.is_signed && access.bytes < 8 && value >> (8 * access.bytes - 1)) value |= ~bits;
    if (access.reg) *access.reg = value;
  }
  PC(context) = pc + access.size;
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
/* `_Noreturn` by nature: t6 or x16 holds the place. Weak, because a program may bring its own. */
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

/* Calls with marks in the callee-saved registers and counts those that are lost; 100 and more: sp and the platform's
   registers. Written for each machine. */
word call_marked(void *function, word a, word b, word c, word d);
word marks_lost;
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
  asm(GET_SP : "=r"(sp));
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
