/* A freestanding C runtime for the oracle programs: entry, system calls, a small printf, memory functions. */
#ifndef RUNTIME_H
#define RUNTIME_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;
typedef signed char i8;
typedef short i16;
typedef int i32;
typedef long i64;
typedef __builtin_va_list va_list;

#define va_start __builtin_va_start
#define va_arg __builtin_va_arg
#define va_end __builtin_va_end

#if defined __riscv
static inline i64 system_call(i64 n, i64 a, i64 b, i64 c) {
    register i64 a7 __asm__("a7") = n;
    register i64 a0 __asm__("a0") = a;
    register i64 a1 __asm__("a1") = b;
    register i64 a2 __asm__("a2") = c;
    __asm__ volatile("ecall" : "+r"(a0) : "r"(a7), "r"(a1), "r"(a2) : "memory");
    return a0;
}
#else
static inline i64 system_call(i64 n, i64 a, i64 b, i64 c) {
    register i64 x8 __asm__("x8") = n;
    register i64 x0 __asm__("x0") = a;
    register i64 x1 __asm__("x1") = b;
    register i64 x2 __asm__("x2") = c;
    __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
    return x0;
}
#endif

static char out_buffer[4096];
static u64 out_used;

static void out_flush(void) {
    u64 done = 0;
    while (done < out_used) done += system_call(64, 1, (i64)(out_buffer + done), out_used - done);
    out_used = 0;
}

static void out_char(char c) {
    if (out_used == sizeof out_buffer) out_flush();
    out_buffer[out_used++] = c;
}

static void out_number(u64 value, u32 base, int width, char pad) {
    char digits[64];
    int n = 0;
    do {
        digits[n++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value);
    while (n < width) digits[n++] = pad;
    while (n) out_char(digits[--n]);
}

static void print(const char *format, ...) {
    va_list args;
    va_start(args, format);
    for (; *format; format++) {
        if (*format != '%') {
            out_char(*format);
            continue;
        }
        char pad = ' ';
        int width = 0;
        format++;
        if (*format == '0') pad = '0';
        while (*format >= '0' && *format <= '9') width = width * 10 + (*format++ - '0');
        if (*format == 'd') {
            i64 v = va_arg(args, i64);
            if (v < 0) out_char('-');
            out_number(v < 0 ? -(u64)v : (u64)v, 10, width, pad);
        } else if (*format == 'u') out_number(va_arg(args, u64), 10, width, pad);
        else if (*format == 'x') out_number(va_arg(args, u64), 16, width, pad);
        else if (*format == 'c') out_char((char)va_arg(args, i64));
        else if (*format == 's') {
            const char *s = va_arg(args, const char *);
            while (*s) out_char(*s++);
        } else out_char(*format);
    }
    va_end(args);
}

void *memcpy(void *to, const void *from, u64 n) {
    u8 *d = to;
    const u8 *s = from;
    while (n--) *d++ = *s++;
    return to;
}

void *memset(void *to, int c, u64 n) {
    u8 *d = to;
    while (n--) *d++ = (u8)c;
    return to;
}

void *memmove(void *to, const void *from, u64 n) {
    u8 *d = to;
    const u8 *s = from;
    if (d < s) while (n--) *d++ = *s++;
    else while (n--) d[n] = s[n];
    return to;
}

int memcmp(const void *a, const void *b, u64 n) {
    const u8 *x = a, *y = b;
    for (; n; n--, x++, y++) if (*x != *y) return *x - *y;
    return 0;
}

static u64 text_length(const char *s) {
    u64 n = 0;
    while (s[n]) n++;
    return n;
}

int main(int argc, char **argv);

void start_in_c(u64 *stack) {
    int code = main((int)stack[0], (char **)(stack + 1));
    out_flush();
    system_call(93, code, 0, 0);
    __builtin_unreachable();
}

#if defined __riscv
__attribute__((naked)) void _start(void) {
    __asm__ volatile(
        ".option push\n.option norelax\nla gp, __global_pointer$\n.option pop\n"
        "mv a0, sp\nandi sp, sp, -16\ncall start_in_c");
}
#else
__asm__(".globl _start\n_start: mov x0, sp\nb start_in_c");
#endif

#endif
