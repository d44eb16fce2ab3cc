/* copy.pnk in C. */
static unsigned char source[4096], target[4096];
volatile unsigned long result;

static void copy(unsigned char *to, unsigned char *from, unsigned long bytes) {
  while (bytes >= 8) {
    *(unsigned long *)to = *(unsigned long *)from;
    to += 8;
    from += 8;
    bytes -= 8;
  }
  while (bytes != 0) {
    *to++ = *from++;
    bytes--;
  }
}

static void fill(unsigned char *at, long value, long bytes) {
  for (long i = 0; i < bytes; i++) at[i] = value;
}

void ffikernel(long a, long b, long c, long d) {
  for (long i = 0; i < 2000; i++) {
    fill(source, i, 256);
    copy(target, source, 2047 - (i & 63));
  }
  result = target[0];
}
