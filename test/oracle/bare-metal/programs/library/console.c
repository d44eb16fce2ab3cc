/* Printing to the serial line, which takes a character at any time on these machines; and what the compiler wants. */

#include "bare-metal.h"

static char held[1 << 16];
static u32 held_count;
static int is_holding;

static void send(char c) { *(volatile u8 *)DEVICE_UART0 = c; }

static void put(char c) {
    if (is_holding) held[held_count++ % sizeof held] = c;
    else send(c);
}

void hold(void) { is_holding = 1; }

void release(void) {
    is_holding = 0;
    for (u32 i = 0; i < held_count; i++) send(held[i]);
    held_count = 0;
}

void text(const char *s) {
    while (*s) put(*s++);
}

void number(u64 n) {
    int digits = 1;
    put(' ');
    while (digits < 16 && n >> (4 * digits)) digits++;
    while (digits--) put("0123456789abcdef"[n >> (4 * digits) & 15]);
}

void say(const char *what, u64 n) {
    text(what);
    number(n);
    put('\n');
}

void heading(const char *what) {
    text("== ");
    text(what);
    put('\n');
}

void clear(void *start, u64 bytes) {
    for (volatile u64 *p = start; bytes; bytes -= sizeof *p) *p++ = 0;
}

u32 checksum(const void *start, u64 bytes) {
    u32 sum = 1;
    for (const u8 *p = start; bytes--; p++) sum = sum * 31 + *p;
    return sum;
}

void *memcpy(void *to, const void *from, unsigned long bytes) {
    volatile u8 *t = to;
    for (const u8 *f = from; bytes--;) *t++ = *f++;
    return to;
}

void *memset(void *start, int value, unsigned long bytes) {
    for (volatile u8 *p = start; bytes--;) *p++ = value;
    return start;
}
