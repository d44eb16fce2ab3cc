/* Repeatable chance for scripts: xorshift64*, seeded by -DSEED. */
#ifndef CHANCE_H
#define CHANCE_H
#include "harness.h"
#ifndef SEED
#define SEED 1
#endif
static word chance_state = 0x9e3779b97f4a7c15ul * (2 * SEED + 1);
static word chance(void) {
  chance_state ^= chance_state >> 12;
  chance_state ^= chance_state << 25;
  chance_state ^= chance_state >> 27;
  return chance_state * 0x2545f4914f6cdd1dul >> 8;
}
/* 0 to n - 1. */
static word below(word n) { return chance() % n; }
#endif
