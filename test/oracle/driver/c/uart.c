/*
 * test/corpus/sddf-uart at work: a 16550 with FIFOs of 16, the two virtualisers' ends of the queues, and a script.
 * -DWIDTH=1|4 -DSHIFT=n: how the registers are wired.
 */
#include "harness.h"

word notified(), uart_configure(), uart_inspect();

#define REGS     0x0000
#define TX_QUEUE 0x1000
#define TX_DATA  0x2000
#define RX_QUEUE 0x3000
#define RX_DATA  0x4000
#define STATS    0x5000
#define TX_SIZE  64
#define RX_SIZE  32
#define DEPTH    16
enum { TAIL = 0, HEAD = 4, SIGNALLED = 8 };
enum { IRQ_CH = 7, RX_CH = 1, TX_CH = 62 };
enum { RBR, IER, IIR, LCR, MCR, LSR, MSR, SCR };

/* ---- the device ---- */

static struct {
  byte ier, lcr, fcr, scr, dll, dlm, errors;
  byte rx[DEPTH], rx_errors[DEPTH];
  int rx_count, tx_count, thre_pending;
  byte tx[DEPTH], wire[1024];
  int wire_count, overruns, lost_writes, scr_stuck;
} uart;

static byte iir_now(void) {
  if ((uart.ier & 1) && uart.rx_count) return 4;
  if ((uart.ier & 2) && uart.thre_pending) return 2;
  return 1;
}
static int irq_line(void) { return !(iir_now() & 1); }

static byte take_rx(void) {
  if (!uart.rx_count) return 0;
  byte first = uart.rx[0];
  uart.rx_count--;
  for (int i = 0; i < uart.rx_count; i++) {
    uart.rx[i] = uart.rx[i + 1];
    uart.rx_errors[i] = uart.rx_errors[i + 1];
  }
  if (uart.rx_count) uart.errors |= uart.rx_errors[0];
  return first;
}

static byte uart_load(int reg) {
  byte value;
  switch (reg) {
    case RBR: return uart.lcr & 128 ? uart.dll : take_rx();
    case IER: return uart.lcr & 128 ? uart.dlm : uart.ier;
    case IIR:
      value = iir_now();
      if (value == 2) uart.thre_pending = 0;
      return value | 0xc0;
    case LCR: return uart.lcr;
    case LSR:
      value = uart.errors | (uart.rx_count ? 1 : 0) | (uart.tx_count ? 0 : 0x60);
      uart.errors = 0;
      return value;
    case SCR: return uart.scr_stuck ? uart.scr & 0xbf : uart.scr;
    default: return 0;
  }
}

static void uart_store(int reg, byte value) {
  switch (reg) {
    case RBR:
      if (uart.lcr & 128) {
        uart.dll = value;
      } else if (uart.tx_count == DEPTH) {
        uart.lost_writes++;
      } else {
        uart.tx[uart.tx_count++] = value;
        uart.thre_pending = 0;
      }
      return;
    case IER:
      if (uart.lcr & 128) {
        uart.dlm = value;
      } else {
        if ((value & 2) && !(uart.ier & 2) && !uart.tx_count) uart.thre_pending = 1;
        uart.ier = value;
      }
      return;
    case IIR: uart.fcr = value; return;
    case LCR: uart.lcr = value; return;
    case SCR: uart.scr = value; return;
  }
}

/* The line takes everything that stands in the transmitter. */
static void send_all(void) {
  if (!uart.tx_count) return;
  for (int i = 0; i < uart.tx_count; i++) uart.wire[uart.wire_count++] = uart.tx[i];
  uart.tx_count = 0;
  uart.thre_pending = 1;
}

static void receive(byte value, byte errors) {
  if (uart.rx_count == DEPTH) {
    uart.overruns++;
    uart.errors |= 2;
    return;
  }
  uart.rx[uart.rx_count] = value;
  uart.rx_errors[uart.rx_count++] = errors;
  if (uart.rx_count == 1) uart.errors |= errors;
}

/* ---- shared memory ---- */

static int notifications[64], acks[64], fences[4];
static int quick_consumer; /* characters that the consumer takes as soon as the driver asks for a signal */
static word consume(int count);

word device_load(int bytes, word offset) {
  if (offset < (8 << SHIFT)) {
    CHECK_EQUAL(bytes, WIDTH);
    CHECK_EQUAL(offset & ((1 << SHIFT) - 1), 0);
    /* The upper bytes of a wide register are noise that a driver must not believe. */
    return uart_load(offset >> SHIFT) | (WIDTH == 4 ? 0xdead0000ul | 0x9900 : 0);
  }
  CHECK(offset >= TX_QUEUE);
  return peek(bytes, offset);
}

void device_store(int bytes, word offset, word value) {
  if (offset < (8 << SHIFT)) {
    CHECK_EQUAL(bytes, WIDTH);
    CHECK_EQUAL(value >> 8, 0);
    uart_store(offset >> SHIFT, value);
    return;
  }
  poke(bytes, offset, value);
  /* What a driver may write at all. */
  int own = offset == TX_QUEUE + HEAD || offset == TX_QUEUE + SIGNALLED || offset == RX_QUEUE + TAIL ||
            offset == RX_QUEUE + SIGNALLED || (offset >= RX_DATA && offset < RX_DATA + RX_SIZE) ||
            (offset >= STATS && offset < STATS + 24);
  CHECK(own);
  if (offset == RX_QUEUE + SIGNALLED && value == 0 && quick_consumer) {
    int count = quick_consumer;
    quick_consumer = 0;
    CHECK_EQUAL(consume(count), count);
  }
}

void ffimicrokit_notify(word a, word b, word c, word d) {
  foreign("microkit_notify", a, b, c, d);
  notifications[a & 63]++;
  if (a == TX_CH) CHECK_EQUAL(peek(4, TX_QUEUE + SIGNALLED), 1);
}
void ffimicrokit_deferred_irq_ack(word a, word b, word c, word d) {
  foreign("microkit_deferred_irq_ack", a, b, c, d);
  acks[b & 63]++;
}
static word clock_now = 1000;
void ffiread_clock(word a, word b, word c, word d) {
  foreign("read_clock", a, b, c, d);
  CHECK_EQUAL(c, (word)(heap + 1024));
  CHECK_EQUAL(d, 16);
  write_local(c, clock_now += 77);
  write_local(c + 8, 24000000);
}
void ffithread_fence(word a, word b, word c, word d) {
  foreign("thread_fence", a, b, c, d);
  fences[a & 3]++;
}
static byte logged[256];
static int logged_count;
void ffilog_bytes(word a, word b, word c, word d) {
  foreign("log_bytes", a, b, c, d);
  for (word i = 0; i < b; i++) logged[logged_count++] = ((byte *)a)[i];
}
static word last_what, last_word;
static int log_words;
void ffilog_word(word a, word b, word c, word d) {
  foreign("log_word", a, b, c, d);
  last_what = a, last_word = c, log_words++;
}

/* ---- the virtualisers ---- */

static word length(word queue) { return (u32)(peek(4, queue + TAIL) - peek(4, queue + HEAD)); }

/* The transmit virtualiser: puts what fits, asks for a signal if something is left. Answers how many. */
static int produce(const byte *text, int count) {
  int put = 0;
  word tail = peek(4, TX_QUEUE + TAIL);
  while (put < count && length(TX_QUEUE) < TX_SIZE) {
    shadow[TX_DATA + tail % TX_SIZE] = text[put++];
    tail = (u32)(tail + 1);
    poke(4, TX_QUEUE + TAIL, tail);
  }
  poke(4, TX_QUEUE + SIGNALLED, put < count ? 0 : 1);
  return put;
}

/* The receive virtualiser: takes up to `count`, tells the driver if it wants to hear. */
static byte taken[1024];
static int taken_count, owed_signal;
static word consume(int count) {
  int n = 0;
  while (n < count && length(RX_QUEUE)) {
    word head = peek(4, RX_QUEUE + HEAD);
    taken[taken_count++] = shadow[RX_DATA + head % RX_SIZE];
    poke(4, RX_QUEUE + HEAD, (u32)(head + 1));
    n++;
  }
  if (n && !peek(4, RX_QUEUE + SIGNALLED)) {
    poke(4, RX_QUEUE + SIGNALLED, 1);
    owed_signal = 1;
  }
  return n;
}

static int serve_irqs(void) {
  int served = 0;
  for (; irq_line() && served < 1000; served++) CALL(notified, IRQ_CH);
  return served;
}

static int same(const byte *a, const byte *b, int count) {
  for (int i = 0; i < count; i++)
    if (a[i] != b[i]) return 0;
  return 1;
}

/* ---- the script ---- */

static void set_up(void) {
  word config[] = {SHARED_BASE + REGS, IRQ_CH, RX_CH, TX_CH,
                   SHARED_BASE + RX_QUEUE, RX_SIZE, SHARED_BASE + RX_DATA,
                   SHARED_BASE + TX_QUEUE, TX_SIZE, SHARED_BASE + TX_DATA,
                   7, SHIFT, WIDTH, SHARED_BASE + STATS, DEPTH};
  for (int i = 0; i < 15; i++) heap[i] = config[i];
  /* Indices about to pass 2^32. */
  for (int i = 0; i < 2; i++) {
    poke(4, TX_QUEUE + 4 * i, 0xffffffe0);
    poke(4, RX_QUEUE + 4 * i, 0xfffffff8);
  }
  poke(4, RX_QUEUE + SIGNALLED, 1);
  poke(2, STATS + 20, 0xfffe);
}

static void configure(void) {
  uart.scr_stuck = 1;
  CHECK_EQUAL(CALL(uart_configure, 13, 3), (0xfffffffful << 32) ^ (0x40 << 8 | 0));
  CHECK_EQUAL(uart.lcr, 0);
  uart.scr_stuck = 0;
  CHECK_EQUAL(CALL(uart_configure, 0x10d, 3), 0);
  CHECK_EQUAL(uart.dll, 0x0d);
  CHECK_EQUAL(uart.dlm, 1);
  CHECK_EQUAL(uart.lcr, 3);
  CHECK_EQUAL(uart.fcr, 7);
  CHECK_EQUAL(uart.ier, 1);
}

static void transmit(void) {
  static byte text[300];
  for (int i = 0; i < 300; i++) text[i] = 32 + i * 7 % 95;
  int before = notifications[TX_CH], done = produce(text, 300), rounds = 0;
  CHECK_EQUAL(done, TX_SIZE);
  CHECK_EQUAL(CALL(notified, TX_CH), DEPTH);
  CHECK_EQUAL(uart.tx_count, DEPTH);
  CHECK_EQUAL(uart.ier, 3);
  while ((uart.wire_count < 300 || uart.tx_count) && rounds++ < 100) {
    if (peek(4, TX_QUEUE + SIGNALLED) == 1 && done < 300) {
      done += produce(text + done, 300 - done);
      CALL(notified, TX_CH);
    }
    send_all();
    serve_irqs();
  }
  CHECK_EQUAL(uart.wire_count, 300);
  CHECK(same(uart.wire, text, 300));
  CHECK_EQUAL(uart.lost_writes, 0);
  CHECK_EQUAL(length(TX_QUEUE), 0);
  CHECK_EQUAL(uart.ier, 1);
  CHECK_EQUAL(peek(8, STATS), 300);
  CHECK(notifications[TX_CH] - before >= 4 && notifications[TX_CH] - before <= 20);
  CHECK_EQUAL(notifications[RX_CH], 0);
  word sum = 0;
  for (int i = 0; i < 300; i++) {
    word add = (word)text[i] << 56 | text[i], total = sum + add;
    sum = total + (total < add);
  }
  CHECK_EQUAL(CALL(uart_inspect, 0, 0, 0, 0), sum);
  CHECK_EQUAL(CALL(uart_inspect, 1, 5, 3, 7), (300 ^ 5) + 21);
  CHECK_EQUAL(peek(4, STATS + 16), (u32)(sum ^ sum >> 32));
  /* Nothing to send: no notification, no register but those needed. */
  before = notifications[TX_CH];
  CHECK_EQUAL(CALL(notified, TX_CH), 0);
  CHECK_EQUAL(notifications[TX_CH], before);
}

static void receive_some(void) {
  for (int i = 0; i < 10; i++) receive('a' + i, 0);
  serve_irqs();
  CHECK_EQUAL(length(RX_QUEUE), 10);
  CHECK_EQUAL(peek(4, RX_QUEUE + TAIL), 2);
  CHECK_EQUAL(notifications[RX_CH], 1);
  CHECK_EQUAL(consume(100), 10);
  CHECK(same(taken, (const byte *)"abcdefghij", 10));
  CHECK_EQUAL(owed_signal, 0);
  /* A damaged character comes through, is counted (the counter is nearly full) and logged. */
  int words = log_words;
  receive('x', 0);
  receive('y', 4);
  receive('z', 8);
  serve_irqs();
  CHECK_EQUAL(consume(100), 3);
  CHECK(same(taken + 10, (const byte *)"xyz", 3));
  CHECK_EQUAL(peek(2, STATS + 20), 0xffff);
  CHECK(log_words - words >= 3);
}

static void receive_too_much(void) {
  int signals = notifications[RX_CH];
  for (int round = 0; round < 3; round++) {
    for (int i = 0; i < DEPTH; i++) receive(round * DEPTH + i, 0);
    serve_irqs();
  }
  CHECK_EQUAL(length(RX_QUEUE), RX_SIZE);
  CHECK_EQUAL(uart.rx_count, DEPTH);
  CHECK_EQUAL(uart.ier, 0);
  CHECK_EQUAL(peek(4, RX_QUEUE + SIGNALLED), 0);
  CHECK_EQUAL(notifications[RX_CH] - signals, 2);
  CHECK_EQUAL(consume(20), 20);
  CHECK_EQUAL(owed_signal, 1);
  owed_signal = 0;
  CHECK_EQUAL(CALL(notified, RX_CH), DEPTH);
  CHECK_EQUAL(uart.ier, 1);
  CHECK_EQUAL(consume(100), 28);
  for (int i = 0; i < 48; i++) CHECK_EQUAL(taken[13 + i], i);
  /* The consumer takes five while the driver asks: the driver must see that itself. */
  for (int round = 0; round < 2; round++) {
    for (int i = 0; i < DEPTH; i++) receive(100 + i, 0);
    serve_irqs();
  }
  for (int i = 0; i < 4; i++) receive(200 + i, 0);
  quick_consumer = 5;
  serve_irqs();
  CHECK_EQUAL(quick_consumer, 0);
  CHECK_EQUAL(uart.rx_count, 0);
  CHECK_EQUAL(uart.ier, 1);
  CHECK_EQUAL(peek(4, RX_QUEUE + SIGNALLED), 1);
  CHECK_EQUAL(length(RX_QUEUE), 31);
  CHECK_EQUAL(peek(8, STATS + 8), 13 + 48 + 36);
}

static void rest(void) {
  CHECK_EQUAL(CALL(notified, 33), -1ul);
  CHECK_EQUAL(last_what, 33);
  CHECK_EQUAL(last_word, CALL(uart_inspect, 2, 0, 0, 0));
  CHECK_EQUAL(logged_count, 96);
  byte expected[97] = "abcdefghijxyz";
  for (int i = 0; i < 48; i++) expected[13 + i] = i;
  for (int i = 0; i < 32; i++) expected[61 + i] = 100 + i % 16;
  for (int i = 0; i < 3; i++) expected[93 + i] = 200 + i;
  CHECK(same(logged, expected, 96));
  CHECK_EQUAL(((u32 *)heap)[2 * 1026], 33);
  CHECK_EQUAL(((byte *)heap)[8 * 1028], 203);
  CHECK_EQUAL(heap[1024], clock_now);
  CHECK(acks[IRQ_CH] > 20);
  CHECK_EQUAL(acks[0], 0);
  CHECK(fences[1] && fences[2] && fences[3] && !fences[0]);
}

/* Words of local memory that are the driver's or C's; every other keeps its mark. */
static void check_heap(void) {
  for (word i = 15; i < HEAP_WORDS; i++)
    if (i < 1024 || i > 1031 || i == 1027) CHECK_EQUAL(heap[i], MARK(i));
}

void script(void) {
  set_up();
  initialise();
  configure();
  transmit();
  receive_some();
  receive_too_much();
  rest();
  check_heap();
}
