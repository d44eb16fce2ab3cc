/* Interrupts of devices, through GICv2. No program wants them on a board with another controller. */

#include "bare-metal.h"

#ifdef DEVICE_GIC_CPU

#define DISTRIBUTOR(offset) (DEVICE_GIC_DISTRIBUTOR + (offset))
#define BITS(base) DISTRIBUTOR((base) + id / 32 * 4)
#define CPU(offset) (DEVICE_GIC_CPU + (offset))
enum { SET_ENABLE = 0x100, CLEAR_ENABLE = 0x180, SET_PENDING = 0x200, PRIORITY = 0x400, TARGETS = 0x800 };
enum { CONTROL = 0, MASK = 4, ACKNOWLEDGE = 0xc, END = 0x10 };

void open_line(u32 line) {
    u32 id = FIRST_SHARED + line;
    store8(DISTRIBUTOR(PRIORITY + id), 0xa0);
    store8(DISTRIBUTOR(TARGETS + id), 1);
    store32(BITS(SET_ENABLE), 1u << id % 32);
    store32(CPU(MASK), 0xff);
    store32(CPU(CONTROL), 1);
    store32(DISTRIBUTOR(0), 1);
}

void take_line(u32 line, void (*silence)(void)) {
    u32 id = FIRST_SHARED + line;
    setting.state = ALL_MASKED & ~(u64)MASK_I;
    TRY_AS(EL1, "waits for the device", "1: b 1b");
    setting.state = ALL_MASKED;
    u32 claimed = load32(CPU(ACKNOWLEDGE));
    say("claimed", claimed);
    silence();
    store32(CPU(END), claimed);
    say("pending when silent", load32(BITS(SET_PENDING)) >> id % 32 & 1);
    store32(BITS(CLEAR_ENABLE), 1u << id % 32);
}

#endif
