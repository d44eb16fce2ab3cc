/* test/corpus/ethernet.pnk with a device and virtualisers that behave by chance. -DSEED=n. */
#include "chance.h"

word notified(), traffic_low();

enum { RX_RING = 0x1000, TX_RING = 0x1100, RX_ACTIVE = 0x2000, RX_FREE = 0x2400, TX_ACTIVE = 0x2800, TX_FREE = 0x2c00 };

word device_load(int bytes, word offset) {
  if (offset >= 0x1000) return peek(bytes, offset);
  return offset == 8 ? chance() & (below(4) ? 3 : 7) : chance();
}
void device_store(int bytes, word offset, word value) {
  if (offset >= 0x1000) poke(bytes, offset, value);
}
void ffinotify(word a, word b, word c, word d) { foreign("notify", a, b, c, d); }
void ffiirq_ack(word a, word b, word c, word d) { foreign("irq_ack", a, b, c, d); }
void ffifence(word a, word b, word c, word d) { foreign("fence", a, b, c, d); }
void ffireport(word a, word b, word c, word d) { foreign("report", a, b, c, d); }

static word length(word queue) { return peek(2, queue) - peek(2, queue + 2) & 0xffff; }
static void put(word queue, word count) {
  for (; count && length(queue) < 16; count--) {
    word tail = peek(2, queue), entry = queue + 8 + tail % 16 * 16;
    poke(8, entry, chance());
    poke(2, entry + 8, chance());
    poke(2, queue, tail + 1);
  }
}
static void take(word queue, word count) {
  for (; count && length(queue); count--) poke(2, queue + 2, peek(2, queue + 2) + 1);
}
/* The device gives some descriptors back. */
static void complete(word ring) {
  for (int slot = 0; slot < 8; slot++)
    if (below(2)) poke(8, ring + 16 * slot + 8, chance() & 0x7fffffffffff);
}

void script(void) {
  word config[] = {RX_RING, TX_RING, RX_ACTIVE, RX_FREE, TX_ACTIVE, TX_FREE};
  heap[0] = SHARED_BASE;
  for (int i = 0; i < 6; i++) heap[i + 1] = SHARED_BASE + config[i];
  for (int i = 2; i < 6; i++) poke(4, config[i], 0xfff8fff8);
  initialise();
  for (int i = 0; i < 100; i++) {
    put(RX_FREE, below(6));
    put(TX_ACTIVE, below(6));
    take(RX_ACTIVE, below(9));
    take(TX_FREE, below(9));
    complete(RX_RING);
    complete(TX_RING);
    if (!below(3)) poke(4, RX_ACTIVE + 4, 0);
    if (!below(3)) poke(4, TX_FREE + 4, 0);
    CALL(notified, below(2) ? 0 : below(4));
    if (!below(5)) CALL(traffic_low, below(2));
  }
}
