/* fib.pnk in C; gcc may not turn the recursion into something else. */
volatile long result;

__attribute__((noipa)) static long fib(long n) {
  if (n < 2) return n;
  long a = fib(n - 1), b = fib(n - 2);
  return a + b;
}

void ffikernel(long a, long b, long c, long d) { result = fib(33); }
