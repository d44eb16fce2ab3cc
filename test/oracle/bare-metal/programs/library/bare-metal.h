/*
 * What all bare-metal programs share: types, printing, and trying one piece of code at one privilege.
 *
 * A program is `void program(void)`; it runs at the highest privilege of the machine. It tries fragments: a few
 * instructions that run at some level until they trap or come to their end, whereupon everything that the handler was told
 * is printed and the program goes on. Raw times and counters are never printed, only relations between them.
 */

#ifndef BARE_METAL_H
#define BARE_METAL_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

enum { PAGE = 4096 };

void text(const char *s);
/* A space, then hexadecimal digits. */
void number(u64 n);
/* A line: what, and its value. */
void say(const char *what, u64 n);
/* A line that names what follows. */
void heading(const char *what);
/* Between these nothing is sent, only kept: sending a character would move the serial port's interrupt. */
void hold(void);
void release(void);
/* Both aligned to 8 bytes. */
void clear(void *start, u64 bytes);
u32 checksum(const void *start, u64 bytes);

/* The program; `library/ISA/start.S` calls it on the boot hart, then ends the machine. */
void program(void);

#include "isa.h"

/* What a fragment gets in its first argument registers. */
struct arguments { u64 word[4]; };

/* Runs `code` at `level`; it ends with a trap, an interrupt, or its last instruction. */
struct outcome attempt(enum level level, const void *code, struct arguments arguments);
/* The same, printed; `what` names it. */
struct outcome report(enum level level, const char *what, const void *code, struct arguments arguments);
/* For TRY_ATOMIC, where the ISA has it. */
void report_atomic(enum level level, const char *what, const void *code, struct arguments arguments);

/* Enables this input of the board's interrupt controller, whose device asks for nothing now. */
void open_line(u32 line);
/*
 * Waits for the interrupt of the device at this input; prints what the handler was told, what was claimed, and whether
 * anything is pending once `silence` has made the device content. The input is disabled then.
 */
void take_line(u32 line, void (*silence)(void));

/* Assembly text as a fragment and as its own name in the transcript. Leaves its result in the first register. */
#define TRY(level, body, ...) report(level, body, CODE(body), (struct arguments){{__VA_ARGS__}})
/* The same, under another name: for text that is long or not alike everywhere. */
#define TRY_AS(level, what, body, ...) report(level, what, CODE(body), (struct arguments){{__VA_ARGS__}})

#endif
