/* checksum.pnk in C. */
#define BYTES 1500
static unsigned char packet[2048];
volatile unsigned long result;

static unsigned long checksum(const unsigned char *at, unsigned long bytes) {
  unsigned long sum = 0;
  const unsigned char *end = at + (bytes & -2ul);
  while (at < end) {
    sum += ((unsigned long)at[0] << 8) + at[1];
    at += 2;
  }
  if (bytes & 1) sum += (unsigned long)at[0] << 8;
  while (sum >> 16) sum = (sum & 65535) + (sum >> 16);
  return sum ^ 65535;
}

void ffikernel(long a, long b, long c, long d) {
  for (long i = 0; i < BYTES; i++) packet[i] = i * 7;
  unsigned long total = 0;
  for (long i = 0; i < 2000; i++) {
    packet[0] = i;
    total += checksum(packet, BYTES - (i & 7));
  }
  result = total;
}
