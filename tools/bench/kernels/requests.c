/* requests.pnk in C. */
struct client { long state, count, limit, last; };
static struct client clients[16];
volatile unsigned long result;

static long handle(long client, long label, long argument) {
  struct client *c = &clients[client];
  if (label == 0) { c->state = 1; return 0; }
  if (label == 1) {
    if ((unsigned long)c->count >= (unsigned long)c->limit) return -1;
    c->last = argument;
    return c->count++;
  }
  if (label == 2 || label == 3) {
    if (c->count == 0) return -1;
    c->count--;
    return c->last;
  }
  if (label == 4) { c->limit = argument & 63; return 0; }
  if (label > 4 && label < 7) {
    long old = c->limit;
    if (argument < old) old = argument;
    return old - c->count;
  }
  if ((argument & 1) == 0) return c->state;
  return -1;
}

void ffikernel(long a, long b, long c, long d) {
  for (long i = 0; i < 16; i++) clients[i] = (struct client){0, 0, 20 + i, 0};
  unsigned long x = 1, sum = 0;
  for (long i = 0; i < 500000; i++) {
    x = x * 1103515245 + 12345;
    sum += handle((x >> 16) & 15, (x >> 24) & 7, (x >> 32) & 255);
  }
  result = sum;
}
