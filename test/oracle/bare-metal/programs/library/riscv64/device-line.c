/* Interrupts of devices, through the PLIC's context for machine mode. */

#include "bare-metal.h"

#define PRIORITY (DEVICE_PLIC + 4 * line)
#define PENDING (DEVICE_PLIC + 0x1000 + line / 32 * 4)
#define ENABLES (DEVICE_PLIC + 0x2000 + line / 32 * 4)
#define THRESHOLD (DEVICE_PLIC + 0x200000)
#define CLAIM (DEVICE_PLIC + 0x200004)

void open_line(u32 line) {
    store32(PRIORITY, 1);
    store32(THRESHOLD, 0);
    store32(ENABLES, 1u << line % 32);
    /* It may have asked while nobody listened, which the PLIC remembers. */
    for (u32 claimed; (claimed = load32(CLAIM));) store32(CLAIM, claimed);
}

void take_line(u32 line, void (*silence)(void)) {
    set_csr(mie, MEI);
    TRY_AS(SUPERVISOR, "waits for the device", "1: j 1b");
    clear_csr(mie, MEI);
    u32 claimed = load32(CLAIM);
    say("claimed", claimed);
    silence();
    store32(CLAIM, claimed);
    say("pending when silent", load32(PENDING) >> line % 32 & 1);
    store32(ENABLES, 0);
}
