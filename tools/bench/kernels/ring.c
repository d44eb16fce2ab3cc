/* ring.pnk in C. */
#define ENTRIES 256
#define MASK (ENTRIES - 1)
struct descriptor { long address, length; };
struct ring { struct descriptor *entries; long *indices; };
static long memory[4096];
volatile long result;

static inline void enqueue(struct ring ring, struct descriptor descriptor) {
  long tail = ring.indices[1];
  ring.entries[tail & MASK] = descriptor;
  ring.indices[1] = tail + 1;
}

static inline struct descriptor dequeue(struct ring ring) {
  long head = ring.indices[0];
  ring.indices[0] = head + 1;
  return ring.entries[head & MASK];
}

void ffikernel(long a, long b, long c, long d) {
  struct ring free = {(struct descriptor *)memory, memory + 1024};
  struct ring used = {(struct descriptor *)(memory + 512), memory + 1026};
  for (long i = 0; i < ENTRIES; i++) enqueue(free, (struct descriptor){i * 2048, 0});
  long sum = 0;
  for (long i = 0; i < 5000000; i++) {
    struct descriptor buffer = dequeue(free);
    enqueue(used, (struct descriptor){buffer.address, i & 1023});
    struct descriptor done = dequeue(used);
    sum += done.address + done.length;
    enqueue(free, (struct descriptor){done.address, 0});
  }
  result = sum;
}
