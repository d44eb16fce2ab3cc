/* test/corpus/uart.pnk with a device and virtualisers that behave by chance. -DSEED=n. */
#include "chance.h"

word notified(), counter();

#define TX 0x1000
#define TX_DATA 0x2000
#define RX 0x3000
#define RX_DATA 0x4000
#define CAPACITY 32

word device_load(int bytes, word offset) {
  if (offset >= 0x1000) return peek(bytes, offset);
  /* Now and then something is wrong with the line; seldom enough that receiving ends. */
  if (offset >> 2 == 5) return chance() & (below(8) ? 0x21 : 0xff) & (below(3) ? 0xff : 0xfe);
  return chance();
}
void device_store(int bytes, word offset, word value) {
  if (offset >= 0x1000) poke(bytes, offset, value);
}
void ffinotify(word a, word b, word c, word d) { foreign("notify", a, b, c, d); }
void ffiirq_ack(word a, word b, word c, word d) { foreign("irq_ack", a, b, c, d); }
void ffifence(word a, word b, word c, word d) { foreign("fence", a, b, c, d); }

static void virtualisers(void) {
  word room = CAPACITY - (u32)(peek(4, TX) - peek(4, TX + 4)), more = below(room + 1);
  for (; more; more--) {
    word tail = peek(4, TX);
    shadow[TX_DATA + tail % CAPACITY] = chance();
    poke(4, TX, tail + 1);
  }
  word there = (u32)(peek(4, RX) - peek(4, RX + 4));
  poke(4, RX + 4, peek(4, RX + 4) + below(there + 1));
  if (!below(2)) poke(4, TX + 8, 0);
}

void script(void) {
  word config[] = {SHARED_BASE, 2, SHARED_BASE + TX, SHARED_BASE + TX_DATA,
                   SHARED_BASE + RX, SHARED_BASE + RX_DATA, CAPACITY, 0x030501};
  for (int i = 0; i < 8; i++) heap[i] = config[i];
  for (int i = 0; i < 2; i++) {
    poke(4, TX + 4 * i, -20);
    poke(4, RX + 4 * i, -7);
  }
  initialise();
  for (int i = 0; i < 100; i++) {
    virtualisers();
    CALL(notified, below(8) ? below(2) ? 1 : 5 : below(9));
    if (!below(4)) CALL(counter, below(6));
  }
}
