// RISC-V's clock. Relies on nothing.

/** `time` counts at 10 MHz, as on QEMU's virt board. */
export const NS_PER_TIME_TICK = 100n;
