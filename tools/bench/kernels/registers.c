/* registers.pnk in C. */
volatile unsigned long result;

void ffikernel(long a, long b, long c, long d) {
  unsigned long control = 0, status = 305419896, sum = 0;
  for (long i = 0; i < 1000000; i++) {
    unsigned long divisor = (status >> 4) & 4095, mode = (status >> 20) & 7;
    control = (control & ~15ul) | (mode << 1);
    control = (control & ~(65535ul << 16)) | ((divisor & 65535) << 16);
    if (status & 32) control |= 1;
    if ((status & 192) == 64) control ^= 256;
    if (!(control & 12)) sum++;
    long field = (long)(status << 52) >> 52;
    if (field < 0) sum -= field;
    status = ((status << 7) | (status >> 57)) + control + i;
    sum += control & 4294967295;
  }
  result = sum;
}
