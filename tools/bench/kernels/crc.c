/* crc.pnk in C. */
static unsigned table[256];
volatile unsigned long result;

static unsigned long bits(unsigned long crc) {
  for (long i = 0; i < 8; i++) {
    if (crc & 1) crc = (crc >> 1) ^ 3988292384;
    else crc = crc >> 1;
    asm volatile("" : "+r"(i));
  }
  return crc;
}

static unsigned long crc32(const unsigned char *at, long bytes) {
  unsigned long crc = 4294967295;
  for (long i = 0; i < bytes; i++) crc = table[(crc ^ at[i]) & 255] ^ (crc >> 8);
  return crc ^ 4294967295;
}

void ffikernel(long a, long b, long c, long d) {
  unsigned long sum = 0;
  for (long round = 0; round < 300; round++) {
    for (long i = 0; i < 256; i++) table[i] = bits(i);
    sum += crc32((unsigned char *)table, 1024);
  }
  result = sum;
}
