/*
 * Calls every exported function of programs/small-stacks.pnk with stacks of every size: either `cml_exit(2)`, or the
 * result of a large stack, and never a byte outside of the stack that has changed. Hosted: uses the C library.
 */
#include <stdio.h>
#include <string.h>

extern char *cml_heap, *cml_stack, *cml_stackend;
void cml_main(void);
long calls_leaf(long, long), calls_wide(long, long), recurs(long, long), recurs_wide(long, long), tail_calls(long, long);
static long (*const functions[])(long, long) = {calls_leaf, calls_wide, recurs, recurs_wide, tail_calls};

enum { HEAP = 2048, MOST = 4096, USED = 32 };
static char memory[HEAP + MOST + 2048] __attribute__((aligned(16)));
static int overflows;
void cml_exit(int code) { overflows += code == 2; }
void cml_err(int code) { printf("cml_err(%d)\n", code); }
void cml_clear(void) {}

static long run(int which, int stack) {
  memset(memory, 0x5a, sizeof memory);
  for (int i = 0; i < USED; i++) ((long *)memory)[i] = i * 0x123456789;
  cml_heap = memory;
  cml_stack = memory + HEAP;
  cml_stackend = cml_stack + stack;
  overflows = 0;
  cml_main();
  return overflows ? 0 : functions[which](5, 4);
}

static int spoilt(int stack) {
  int bytes = 0;
  for (int i = USED * 8; i < HEAP; i++) bytes += memory[i] != 0x5a;
  for (int i = HEAP + stack; i < (int)sizeof memory; i++) bytes += memory[i] != 0x5a;
  return bytes;
}

int main(void) {
  for (int which = 0; which < 5; which++) {
    long wanted = run(which, MOST);
    int least = -1;
    if (overflows) printf("function %d: no room in %d bytes\n", which, MOST);
    for (int stack = 0; stack < MOST; stack += 8) {
      long result = run(which, stack);
      if (spoilt(stack)) printf("function %d, stack %d: %d bytes spoilt\n", which, stack, spoilt(stack));
      if (!overflows && result != wanted) printf("function %d, stack %d: result %lx\n", which, stack, result);
      if (!overflows && least < 0) least = stack;
    }
    printf("function %d runs, and needs %s 1 KiB\n", which, least < 1024 ? "less than" : "more than");
  }
  return 0;
}
