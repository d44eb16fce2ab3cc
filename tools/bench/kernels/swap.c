/* swap.pnk in C. */
volatile unsigned long result;
typedef unsigned long word;

static inline word swap16(word x) { return ((x & 255) << 8) | ((x >> 8) & 255); }

static inline word swap32(word x) {
  return ((x & 255) << 24) | (((x >> 8) & 255) << 16) | (((x >> 16) & 255) << 8) | ((x >> 24) & 255);
}

static inline word swap64(word x) { return (swap32(x & 4294967295) << 32) | swap32(x >> 32); }

void ffikernel(long a, long b, long c, long d) {
  word x = 88172645463325252, sum = 0;
  for (word i = 0; i < 1000000; i++) {
    x = x + (x << 2) + i;
    sum += swap16(x) + swap32(x >> 8) + swap64(x);
  }
  result = sum;
}
