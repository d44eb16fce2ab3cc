/*
 * Two harts: software interrupts and timers of each, interrupts of the PLIC for either, atomics and reservations between
 * them, code that one writes and the other runs. Runs with `-smp 2`.
 * Hart 1 does what it is told through memory and tells what came of it in memory; hart 0 alone prints.
 */

#include "bare-metal.h"

enum command { NOTHING, INTERRUPT_ME, COUNT_ATOMIC, COUNT_RESERVED, WAIT_FOR_TIMER, CALL, RELAY, PLIC_CLAIM, STORE_THERE };

static volatile u64 command, argument, answer, relayed;
static volatile u64 counter;
static volatile u32 rounds;

static volatile u64 hart1_cause, hart1_mip;

/* What hart 1 does with any trap: notes it, silences the CLINT and goes on. */
asm(".text\n.balign 64\nhart1_vector:\n"
    "csrw mscratch, t0\n"
    "csrr t0, mcause\nsd t0, hart1_cause, t1\n"
    "csrr t0, mip\nsd t0, hart1_mip, t1\n"
    "li t0, 0x888\ncsrc mie, t0\n"
    "csrr t0, mscratch\nmret\n");
extern char hart1_vector[];

static void reserved_increment(void) {
    asm volatile("1: lr.d t0, (%0)\naddi t0, t0, 1\nsc.d t1, t0, (%0)\nbnez t1, 1b" : : "r"(&counter) : "t0", "t1", "memory");
}

static void wait_enabled(u64 source) {
    hart1_cause = 0;
    set_csr(mie, source);
    set_csr(mstatus, MIE);
    /* Not with wfi: the interrupt may come between the look and the wait, and its handler switches it off. */
    while (!hart1_cause) barrier();
    clear_csr(mstatus, MIE);
    answer = hart1_cause;
}

static void obey(u64 what) {
    u64 compare = CLINT_COMPARE(1);
    switch (what) {
    case INTERRUPT_ME: wait_enabled(MSI); store32(CLINT_SOFTWARE(1), 0); break;
    case COUNT_ATOMIC: for (u64 i = 0; i < argument; i++) __atomic_fetch_add(&counter, 1, __ATOMIC_SEQ_CST); break;
    case COUNT_RESERVED: for (u64 i = 0; i < argument; i++) reserved_increment(); break;
    case WAIT_FOR_TIMER: store64(compare, load64(CLINT_TIME) + TICKS_PER_MILLISECOND); wait_enabled(MTI); store64(compare, ~0ull); break;
    case CALL: asm volatile("fence.i" : : : "memory"); answer = ((u64(*)(void))argument)(); break;
    case RELAY: store32(CLINT_SOFTWARE(0), 1); break;
    case PLIC_CLAIM:
        wait_enabled(MEI);
        relayed = load32(DEVICE_PLIC + 0x200004 + 0x1000 * 2);
        *(volatile u8 *)(DEVICE_UART0 + 1) = 0;
        store32(DEVICE_PLIC + 0x200004 + 0x1000 * 2, relayed);
        break;
    case STORE_THERE: *(volatile u64 *)argument = 77; break;
    }
}

void secondary_program(u64 hart) {
    write_csr(mtvec, hart1_vector);
    write_csr(mie, 0);
    store32(CLINT_SOFTWARE(hart), 0);
    answer = hart;
    for (;;) {
        while (!command) barrier();
        u64 what = command;
        obey(what);
        barrier();
        command = NOTHING;
        rounds++;
    }
}

static void start(u64 what, u64 with) {
    argument = with;
    barrier();
    command = what;
    barrier();
}

static void finish(void) {
    while (command) barrier();
}

static void counting(void) {
    heading("both count");
    counter = 0;
    start(COUNT_ATOMIC, 1000);
    for (int i = 0; i < 1000; i++) __atomic_fetch_add(&counter, 1, __ATOMIC_SEQ_CST);
    finish();
    say("with amoadd", counter);
    counter = 0;
    start(COUNT_RESERVED, 1000);
    for (int i = 0; i < 1000; i++) reserved_increment();
    finish();
    say("with lr and sc", counter);
}

static void interrupts(void) {
    heading("interrupts from one to the other");
    for (int i = 0; i < 3; i++) {
        start(INTERRUPT_ME, 0);
        store32(CLINT_SOFTWARE(1), 1);
        finish();
        say("hart 1 took", answer);
        say("its software register", load32(CLINT_SOFTWARE(1)));
    }
    setting.status = MPIE;
    write_csr(mie, MSI);
    for (int i = 0; i < 3; i++) {
        /* Where it breaks in is a matter of time. */
        start(RELAY, 0);
        say("hart 0 waits and takes", attempt(MACHINE, CODE("1: wfi\nj 1b"), (struct arguments){{0}}).cause);
        store32(CLINT_SOFTWARE(0), 0);
        finish();
        start(RELAY, 0);
        say("hart 0 loops and takes", attempt(USER, CODE("1: j 1b"), (struct arguments){{0}}).cause);
        store32(CLINT_SOFTWARE(0), 0);
        finish();
    }
    start(WAIT_FOR_TIMER, 0);
    finish();
    say("hart 1 took", answer);
    say("hart 0 has", read_csr(mip) & (MSI | MTI | SSI));
    fresh();
}

static void external(void) {
    heading("the serial port interrupts hart 1");
    store32(DEVICE_PLIC + 4 * INTERRUPT_UART0, 1);
    store32(DEVICE_PLIC + 0x2000 + 0x80 * 2, 1 << INTERRUPT_UART0);
    start(PLIC_CLAIM, 0);
    hold();
    *(volatile u8 *)(DEVICE_UART0 + 1) = 2;
    finish();
    say("hart 1 took", answer);
    say("and claimed", relayed);
    say("hart 0 has", read_csr(mip) & (MEI | SEI));
    release();
    store32(DEVICE_PLIC + 0x2000 + 0x80 * 2, 0);
}

/* A store of the other hart ends a reservation. */
static void reservations(void) {
    static volatile u64 word;
    u64 failed;
    heading("reservations");
    word = 1;
    asm volatile("lr.d t0, (%1)\nsc.d %0, t0, (%1)" : "=r"(failed) : "r"(&word) : "t0", "memory");
    say("undisturbed", failed);
    start(STORE_THERE, (u64)&word);
    finish();
    asm volatile("sc.d %0, x0, (%1)" : "=r"(failed) : "r"(&word) : "memory");
    say("without one", failed);
    say("word", word);
}

static void code(void) {
    static u32 instructions[4] __attribute__((aligned(16)));
    heading("code for the other hart");
    for (u32 i = 1; i < 5; i++) {
        instructions[0] = 0x00000513 | i << 20;
        instructions[1] = 0x00008067;
        barrier();
        start(CALL, (u64)instructions);
        finish();
        say("it returned", answer);
    }
}

void program(void) {
    store32(CLINT_SOFTWARE(1), 1);
    while (!answer) barrier();
    say("hart 1 says that it is", answer);
    counting();
    interrupts();
    external();
    reservations();
    code();
    say("rounds", rounds);
}
