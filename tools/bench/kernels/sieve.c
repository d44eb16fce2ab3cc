/* sieve.pnk in C. */
#define SIZE 500000
static unsigned char *const flags = (unsigned char[SIZE]){0};

void ffikernel(long a, long b, long c, long d) {
  extern volatile long result;
  long count = 0;
  for (long round = 0; round < 12; round++) {
    for (long i = 0; i < SIZE; i++) flags[i] = 1;
    count = 0;
    for (long i = 2; i < SIZE; i++) {
      if (!flags[i]) continue;
      count++;
      for (long j = i + i; j < SIZE; j += i) flags[j] = 0;
    }
    asm volatile("" ::: "memory");
  }
  result = count;
}
volatile long result;
