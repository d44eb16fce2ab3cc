/* queue.pnk in C. */
#define CAPACITY 512
struct entry { unsigned long offset; unsigned bytes; unsigned char valid; };
struct pair { unsigned long offset, bytes; };
static struct { unsigned head, tail; unsigned long pad[7]; struct entry entries[CAPACITY]; } queue;
volatile unsigned long result;

static inline unsigned length(void) { return queue.tail - queue.head; }

static long enqueue(unsigned long offset, unsigned long bytes) {
  if (length() == CAPACITY) return -1;
  struct entry *entry = &queue.entries[queue.tail & (CAPACITY - 1)];
  entry->offset = offset;
  entry->bytes = bytes;
  entry->valid = 1;
  queue.tail++;
  return 0;
}

static struct pair dequeue(void) {
  if (length() == 0) return (struct pair){-1, 0};
  struct entry *entry = &queue.entries[queue.head & (CAPACITY - 1)];
  struct pair got = {entry->offset, entry->bytes};
  entry->valid = 0;
  queue.head++;
  return got;
}

void ffikernel(long a, long b, long c, long d) {
  queue.head = queue.tail = 0;
  unsigned long sum = 0;
  for (long i = 0; i < 300000; i++) {
    if ((i & 3) != 3) enqueue(i * 2048, i & 2047);
    struct pair got = dequeue();
    if (got.offset != -1ul) sum += got.offset + got.bytes;
  }
  result = sum;
}
