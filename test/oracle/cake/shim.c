/*
 * The C half of the link interface, as drivers have it: memory, foreign functions, and a harness that prints what it
 * sees. -DHEAP, -DSTACK: bytes of the two halves; -DSCENARIO: what main does; -DMAIN_RETURN for that mode.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern char *cml_heap, *cml_stack, *cml_stackend;
void cml_main(void);
long f0(void), f1(long), f2(long, long), f3(long, long, long), f4(long, long, long, long);
long again(long), probe(long), big(void), deep(long);
long call_checked(long (*f)(), long a, long b, long c, long d);
extern long probe_sp, checked_bad;

static _Alignas(16) char memory[HEAP + STACK];
static int exits_return;

void cml_exit(int code) {
  printf("cml_exit(%d)\n", code);
  fflush(stdout);
  if (!exits_return) exit(code);
}
void cml_err(int code) {
  printf("cml_err(%d)\n", code);
  fflush(stdout);
}
void cml_clear(void) {}

void ffireport(unsigned char *c, long clen, unsigned char *a, long alen) {
  if ((char *)c == cml_heap)
    printf("base=heap top=%s", (long)clen == ((long)cml_stack & -8) ? "stack" : "?");
  else
    printf("c=%ld clen=%ld", (long)c, clen);
  printf(" a=%ld alen=%ld\n", (long)a, alen);
}
void ffireenter(unsigned char *c, long clen, unsigned char *a, long alen) {
#ifdef MAIN_RETURN
  printf("inside: %ld\n", f2(5, 3));
#endif
}

static void start(void) {
  cml_heap = memory;
  cml_stack = memory + HEAP;
  cml_stackend = memory + HEAP + STACK;
  memset(memory, 0xaa, sizeof memory);
  ((long *)memory)[0] = 111;
  ((long *)memory)[1] = 222;
}

int main(void) {
  start();
#if SCENARIO == 1 /* entry discipline and arguments */
  printf("early: %ld\n", f2(1, 2));
  cml_main();
  printf("f0 %ld\n", f0());
  printf("f0 %ld\n", f0());
  printf("f1 %ld f2 %ld f3 %ld f4 %ld\n", f1(1000), f2(7, 9), f3(10, 4, 7), f4(10, 4, 7, 100));
  printf("again %ld\n", again(0));
  printf("f0 %ld\n", f0());
  printf("deep %ld\n", deep(20));
  printf("heap %ld %ld\n", ((long *)memory)[0], ((long *)memory)[1]);
#elif SCENARIO == 2 /* overflow while an exported function runs, and after it */
  exits_return = 1;
  cml_main();
  printf("deep %ld\n", deep(100000));
  printf("f0 %ld\n", f0());
  printf("deep %ld\n", deep(10));
  printf("checked %ld bad %ld\n", call_checked((long (*)())deep, 100000, 0, 0, 0), checked_bad);
  printf("f0 %ld\n", f0());
#elif SCENARIO == 3 /* registers and the stack's alignment */
  cml_main();
  printf("f4 %ld bad %ld\n", call_checked((long (*)())f4, 10, 4, 7, 100), checked_bad);
  printf("deep %ld bad %ld\n", call_checked((long (*)())deep, 20, 0, 0, 0), checked_bad);
  printf("probe %ld bad %ld\n", call_checked((long (*)())probe, 1, 2, 3, 4), checked_bad);
  printf("misaligned by %ld\n", probe_sp & 15);
#elif SCENARIO == 4 /* a region that is too small for one function */
  exits_return = 1;
  cml_main();
  printf("f0 %ld\n", f0());
  printf("big %ld\n", big());
  printf("f0 %ld\n", f0());
#elif SCENARIO == 5 /* cml_main only */
  cml_main();
  printf("back\n");
#elif SCENARIO == 7 /* main's value */
  printf("value %ld\n", ((long (*)(void))cml_main)());
#elif SCENARIO == 6 /* overflow in cml_main with an exit that returns */
  exits_return = 1;
  cml_main();
  printf("back\n");
#endif
  return 0;
}
