/* hash.pnk in C. */
volatile unsigned long result;

void ffikernel(long a, long b, long c, long d) {
  unsigned long x = 88172645463325252, sum = 0;
  for (long i = 0; i < 30000000; i++) {
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    sum += x * 2685821657736338717;
  }
  result = sum;
}
