/*
 * Two cores: PSCI starts the second, each signals the other through the interrupt controller, both count together, one's
 * code and translations change under the other. Runs with `-smp 2`, GICv2 or GICv3.
 * Core 1 does what it is told through memory and tells what came of it in memory; core 0 alone prints.
 */

#include "bare-metal.h"

enum command { NOTHING, COUNT_ATOMIC, WAIT_FOR_SIGNAL, CALL, STORE_THERE, TURN_OFF, WAIT_FOR_TIMER };

/* PSCI, 64-bit calls where there are such. */
enum { PSCI_VERSION = 0x84000000u, CPU_OFF = 0x84000002u, FEATURES = 0x8400000au, MIGRATE_INFO = 0x84000006u };
#define CPU_ON 0xc4000003ull
#define AFFINITY_INFO 0xc4000004ull

static volatile u64 command, argument, answer, context;
static volatile u64 counter;

extern char secondary[];

static void increment(void) {
    asm volatile("1: ldaxr x0, [%0]\nadd x0, x0, #1\nstlxr w1, x0, [%0]\ncbnz w1, 1b" : : "r"(&counter) : "x0", "x1", "memory");
}

/* The controller of either version, as a core uses it: one interrupt at a time. */
#ifdef DEVICE_GIC_CPU
static void prepare(u64 core) {
    (void)core;
    store32(DEVICE_GIC_DISTRIBUTOR, 1);
    store32(DEVICE_GIC_DISTRIBUTOR + 0x100, 0xffff | 1u << PPI_VIRTUAL_TIMER);
    store32(DEVICE_GIC_CPU + 4, 0xff);
    store32(DEVICE_GIC_CPU, 1);
}
static void signal_core(u64 core, u64 id) { store32(DEVICE_GIC_DISTRIBUTOR + 0xf00, 1u << (16 + core) | id); }
static void signal_others(u64 id) { store32(DEVICE_GIC_DISTRIBUTOR + 0xf00, 1u << 24 | id); }
static u64 take(void) {
    u32 id = load32(DEVICE_GIC_CPU + 0xc);
    store32(DEVICE_GIC_CPU + 0x10, id);
    return id;
}
#else
static void prepare(u64 core) {
    u64 frame = DEVICE_GIC_REDISTRIBUTOR + 0x20000 * core;
    store32(DEVICE_GIC_DISTRIBUTOR, 3);
    store32(frame + 0x14, 0);
    store32(frame + 0x10080, ~0u);
    store32(frame + 0x10100, 0xffff | 1u << PPI_VIRTUAL_TIMER);
    write_sysreg(s3_0_c4_c6_0, 0xff);
    write_sysreg(s3_0_c12_c12_7, 1);
}
static void signal_core(u64 core, u64 id) { write_sysreg(s3_0_c12_c11_5, id << 24 | 1u << core); }
static void signal_others(u64 id) { write_sysreg(s3_0_c12_c11_5, id << 24 | 1ull << 40); }
static u64 take(void) {
    u64 id = read_sysreg(s3_0_c12_c12_0);
    write_sysreg(s3_0_c12_c12_1, id);
    barrier();
    return id;
}
#endif

/* Interrupts stay masked: waiting ends when one is pending. */
static u64 wait_for_one(void) {
    u64 id;
    do {
        while (!read_sysreg(isr_el1)) asm volatile("wfi" : : : "memory");
        id = take();
    } while ((id & 0x3ff) > 1000);
    return id;
}

static void obey(u64 what) {
    switch (what) {
    case COUNT_ATOMIC: for (u64 i = 0; i < argument; i++) increment(); break;
    case WAIT_FOR_SIGNAL: answer = wait_for_one(); signal_core(0, 9); break;
    case CALL: asm volatile("ic iallu\ndsb sy\nisb" : : : "memory"); answer = ((u64(*)(void))argument)(); break;
    case STORE_THERE: *(volatile u64 *)argument = 77; break;
    case TURN_OFF: command = NOTHING; barrier(); firmware(CPU_OFF); break;
    case WAIT_FOR_TIMER:
        write_sysreg(cntv_tval_el0, 62500);
        write_sysreg(cntv_ctl_el0, 1);
        while (!read_sysreg(isr_el1)) asm volatile("wfi" : : : "memory");
        write_sysreg(cntv_ctl_el0, 3);
        answer = read_sysreg(cntv_ctl_el0);
        break;
    }
}

void secondary_program(u64 given) {
    prepare(1);
    context = given;
    barrier();
    for (;;) {
        while (!command) barrier();
        obey(command);
        barrier();
        command = NOTHING;
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

static void power(void) {
    heading("PSCI");
    say("version", firmware(PSCI_VERSION));
    say("core 0 is", firmware(AFFINITY_INFO, 0, 0));
    say("core 1 is", firmware(AFFINITY_INFO, 1, 0));
    say("core 2 is", (u32)firmware(AFFINITY_INFO, 2, 0));
    say("core 0 on again", (u32)firmware(CPU_ON, 0, secondary, 0));
    say("core 2 on", (u32)firmware(CPU_ON, 2, secondary, 0));
    say("no such call", (u32)firmware(0x84001234, 0, 0));
    say("migration", firmware(MIGRATE_INFO));
    say("features of CPU_ON", firmware(FEATURES, CPU_ON));
    say("features of nothing", (u32)firmware(FEATURES, 0x84001234));
    for (u64 round = 0; round < 2; round++) {
        context = 0;
        say("core 1 on", firmware(CPU_ON, 1, secondary, 0x1000 + round));
        while (!context) barrier();
        say("its context", context);
        say("core 1 on again", (u32)firmware(CPU_ON, 1, secondary, 0));
        say("core 1 is", firmware(AFFINITY_INFO, 1, 0));
        if (round) break;
        start(TURN_OFF, 0);
        while (firmware(AFFINITY_INFO, 1, 0) == 0) barrier();
        say("core 1 is", firmware(AFFINITY_INFO, 1, 0));
    }
}

static void counting(void) {
    heading("both count");
    counter = 0;
    start(COUNT_ATOMIC, 1000);
    for (int i = 0; i < 1000; i++) increment();
    finish();
    say("with exclusives", counter);
}

static void signals(void) {
    heading("signals");
    for (u64 id = 0; id < 16; id += 5) {
        start(WAIT_FOR_SIGNAL, 0);
        if (id == 5) signal_others(id);
        else signal_core(1, id);
        u64 back = wait_for_one();
        finish();
        say("core 1 took", answer & 0x3ff);
        say("and core 0", back & 0x3ff);
#ifdef DEVICE_GIC_CPU
        say("sent by", back >> 10);
#endif
    }
    setting.state = ALL_MASKED & ~(u64)MASK_I;
    start(WAIT_FOR_SIGNAL, 0);
    signal_core(1, 3);
    struct outcome o = attempt(EL0, CODE("1: b 1b"), (struct arguments){{0}});
    say("taken at EL0 at vector", o.vector);
    say("interrupt", take() & 0x3ff);
    finish();
    setting.state = ALL_MASKED;
    start(WAIT_FOR_TIMER, 0);
    finish();
    say("core 1's timer", answer);
    say("core 0 has", read_sysreg(isr_el1));
}

static void code(void) {
    static u32 instructions[2] __attribute__((aligned(16)));
    heading("code for the other core");
    for (u32 i = 1; i < 5; i++) {
        instructions[0] = 0xd2800000 | i << 5;
        instructions[1] = 0xd65f03c0;
        asm volatile("dc cvau, %0\ndsb sy\nic ialluis\ndsb sy\nisb" : : "r"(instructions) : "memory");
        start(CALL, (u64)instructions);
        finish();
        say("it returned", answer);
    }
}

static void reservations(void) {
    static volatile u64 word;
    u32 failed;
    heading("exclusives");
    asm volatile("ldxr x0, [%1]\nstxr %w0, x0, [%1]" : "=&r"(failed) : "r"(&word) : "x0", "memory");
    say("undisturbed", failed);
    asm volatile("ldxr x0, [%1]\nclrex\nstxr %w0, x0, [%1]" : "=&r"(failed) : "r"(&word) : "x0", "memory");
    say("after clrex", failed);
    start(STORE_THERE, (u64)&word);
    finish();
    say("word", word);
}

void program(void) {
    say("core", read_sysreg(mpidr_el1) & 0xff);
    prepare(0);
    power();
    counting();
    signals();
    code();
    reservations();
}
