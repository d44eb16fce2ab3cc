/* strings.pnk in C. */
static unsigned char first[1024], second[1024];
volatile unsigned long result;

static long length(const unsigned char *s) {
  long n = 0;
  while (s[n] != 0) n++;
  return n;
}

static long compare(const unsigned char *a, const unsigned char *b) {
  for (;;) {
    long x = *a, y = *b;
    if (x != y) return x - y;
    if (x == 0) return 0;
    a++;
    b++;
  }
}

static long digits(const unsigned char *s) {
  long value = 0;
  for (long c = *s; c != 0; c = *++s)
    if (c >= 48 && c <= 57) value = value * 10 + (c - 48);
  return value;
}

void ffikernel(long a, long b, long c, long d) {
  for (long i = 0; i < 1000; i++) first[i] = second[i] = 40 + (i & 31);
  first[1000] = second[1000] = 0;
  long sum = 0;
  for (long i = 0; i < 1000; i++) {
    second[i] = 33;
    sum += length(first) + compare(first, second) + digits(first);
    second[i] = 40 + (i & 31);
  }
  result = sum;
}
