/*
 * A random program (test/support/random-program.ts) among calls of C: foreign functions write words of local memory,
 * shared loads answer by chance. -DCALLS=... calls of exported functions, -DDECLARE=... their declarations.
 *
 * The program's shared accesses go to local memory from byte 1024; harness.c puts a trap there.
 */
#include "chance.h"

DECLARE

word device_load(int bytes, word offset) { return below(4) ? chance() << 20 ^ chance() : below(3) - 1; }
void device_store(int bytes, word offset, word value) {}

static void scribble(void) {
  for (word i = below(4); i > 0; i--) write_local((word)(heap + below(64)), chance() << 20 ^ chance());
}
void ffiputint(word a, word b, word c, word d) {
  foreign("putint", a, b, c, d);
  scribble();
}
void ffiputhex(word a, word b, word c, word d) {
  foreign("puthex", a, b, c, d);
  scribble();
}
void ffiputchar(word a, word b, word c, word d) {
  foreign("putchar", a, b, c, d);
  scribble();
}

void script(void) {
  initialise();
  for (int i = 0; i < 3; i++) {
    CALLS
  }
}
