/*
 * What the C half of a driver test is made of: output, the trace, shared memory behind a trap, calls of the driver.
 *
 * Shared memory (`shared`, SHARED_BYTES) has no rights: every access of the driver faults, is decoded, and goes to
 * `device_load` or `device_store`, which the model defines. So a model sees each access once, with its exact width,
 * address and order, and registers may have effects. The same header serves both link interfaces: -DCAKE for
 * `pancake cake`, without it for objects of `pancake compile -c`. No C library, so that soft-float objects link too.
 */
#ifndef HARNESS_H
#define HARNESS_H

typedef unsigned long word;
typedef unsigned int u32;
typedef unsigned char byte;

#define SHARED_BASE  0x40000000ul
#define SHARED_BYTES 0x10000ul
#ifdef HEAP_AT_SHARED
/* Local memory ends where shared memory begins, so `@base + 1024` is the first shared byte (only with -DCAKE). */
#define HEAP_WORDS   128
#else
#define HEAP_WORDS   2048
#endif
#define STACK_BYTES  1536

/* The trace, one event a line; test/oracle/driver/trace.ts reads it. */
void say(const char *text);
void say_word(word value);
void say_line(const char *kind, int count, const word *values);

/* Ends the program; status 0 only if no CHECK has failed. */
void finish(void);
extern int failures;
#define TEXT(x) #x
#define LINE_TEXT(x) TEXT(x)
#define CHECK(condition) \
  ((condition) ? (void)0 : (failures++, say("X line " LINE_TEXT(__LINE__) ": " #condition "\n")))
#define CHECK_EQUAL(found, wanted) check_equal(found, wanted, "X line " LINE_TEXT(__LINE__) ": " #found)
void check_equal(word found, word wanted, const char *where);

/* The model. Offsets count from SHARED_BASE; values are zero-extended. */
word device_load(int bytes, word offset);
void device_store(int bytes, word offset, word value);

/* Bytes behind the trap, for models: plain memory. */
extern byte shadow[SHARED_BYTES];
word peek(int bytes, word offset);
void poke(int bytes, word offset, word value);

/* Local memory of the driver, and its words that nobody may change: those equal to their mark. */
extern word *heap;
#define MARK(i) (0x5a5a000000000000ul + (i))
/* Fills local memory with marks. */
void prepare(void);
/* Runs initialisers and main. */
void initialise(void);
/* Calls an exported function; checks that it keeps what C expects to be kept. */
word call(const char *name, word (*function)(), int count, const word *args);
#define CALL(function, ...) \
  call(#function, function, sizeof((word[]){__VA_ARGS__}) / 8, (word[]){__VA_ARGS__})

/* A foreign function came: one trace line. `wrote` follows with each word that C changes in local memory. */
void foreign(const char *name, word a, word b, word c, word d);
void write_local(word address, word value);

/* The script, and what it wants to see of the heap at the end: see test/oracle/driver/trace.ts. */
void script(void);
/* Prints the words of local memory that have lost their mark; guards around it must be whole. */
void show_heap(void);

#endif
