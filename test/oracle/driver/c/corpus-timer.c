/* test/corpus/timer.pnk with clients that ask by chance. -DSEED=n. */
#include "chance.h"

word notified(), get_time(), set_timeout(), cancel(), delivered();

static word now = 0xfffff000ul;

word device_load(int bytes, word offset) {
  if (offset == 0) return (now += below(5000));
  return offset == 4 ? now >> 32 : chance();
}
void device_store(int bytes, word offset, word value) {}
void ffinotify(word a, word b, word c, word d) { foreign("notify", a, b, c, d); }
void ffiirq_ack(word a, word b, word c, word d) { foreign("irq_ack", a, b, c, d); }

void script(void) {
  heap[0] = SHARED_BASE;
  heap[1] = 20;
  initialise();
  for (int i = 0; i < 300; i++) {
    word client = below(22);
    switch (below(8)) {
      case 0: CALL(cancel, client); break;
      case 1: CALL(delivered, below(20)); break;
      case 2: now += below(100000); CALL(notified, below(9) ? 63 : 3); break;
      case 3: CALL(get_time); break;
      default: CALL(set_timeout, client, below(9) ? below(200) : chance());
    }
  }
}
