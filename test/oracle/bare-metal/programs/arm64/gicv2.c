/*
 * GICv2: interrupts of every kind, by polling the acknowledge register and by taking them.
 * Source: Arm IHI 0048B.b; groups without security, as QEMU's board has them.
 */

#include "bare-metal.h"

enum { UART = FIRST_SHARED + INTERRUPT_UART0, RTC = FIRST_SHARED + INTERRUPT_RTC, SPARE = FIRST_SHARED + 100 };

/* Distributor. */
#define CTLR (DEVICE_GIC_DISTRIBUTOR)
#define BITS(base, id) (DEVICE_GIC_DISTRIBUTOR + (base) + (id) / 32 * 4)
enum { GROUP = 0x80, SET_ENABLE = 0x100, CLEAR_ENABLE = 0x180, SET_PENDING = 0x200, CLEAR_PENDING = 0x280, SET_ACTIVE = 0x300, CLEAR_ACTIVE = 0x380 };
#define PRIORITY(id) (DEVICE_GIC_DISTRIBUTOR + 0x400 + (id))
#define TARGETS(id) (DEVICE_GIC_DISTRIBUTOR + 0x800 + (id))
#define CONFIGURATION(id) (DEVICE_GIC_DISTRIBUTOR + 0xc00 + (id) / 16 * 4)
#define SGI (DEVICE_GIC_DISTRIBUTOR + 0xf00)
#define SGI_CLEAR(id) (DEVICE_GIC_DISTRIBUTOR + 0xf10 + (id))
#define SGI_SET(id) (DEVICE_GIC_DISTRIBUTOR + 0xf20 + (id))

/* CPU interface. */
#define CPU(offset) (DEVICE_GIC_CPU + (offset))
enum { CONTROL = 0, MASK = 4, BINARY_POINT = 8, ACKNOWLEDGE = 0xc, END = 0x10, RUNNING = 0x14, HIGHEST = 0x18, ALIASED_POINT = 0x1c, ALIASED_ACKNOWLEDGE = 0x20, ALIASED_END = 0x24, ALIASED_HIGHEST = 0x28, ACTIVE_PRIORITIES = 0xd0, DEACTIVATE = 0x1000 };
enum { ENABLE_0 = 1, ENABLE_1 = 2, ACK_CONTROL = 4, FIQ_ENABLE = 8, COMMON_POINT = 16, EOI_MODE = 1 << 9 };

static void set_bit(u32 base, u32 id) { store32(BITS(base, id), 1u << id % 32); }
static u32 get_bit(u32 base, u32 id) { return load32(BITS(base, id)) >> id % 32 & 1; }

/* Pending, active, enabled; then what the CPU interface says. */
static void say_state(const char *what, u32 id) {
    text(what);
    text(": pending, active, enabled, highest, running, ISR");
    number(get_bit(SET_PENDING, id));
    number(get_bit(SET_ACTIVE, id));
    number(get_bit(SET_ENABLE, id));
    number(load32(CPU(HIGHEST)));
    number(load32(CPU(RUNNING)));
    number(read_sysreg(isr_el1));
    text("\n");
}

static void reset(void) {
    store32(CTLR, 0);
    store32(CPU(CONTROL), 0);
    for (u32 id = 0; id < 288; id += 32) {
        store32(BITS(CLEAR_ENABLE, id), ~0u);
        store32(BITS(CLEAR_PENDING, id), ~0u);
        store32(BITS(CLEAR_ACTIVE, id), ~0u);
        store32(BITS(GROUP, id), 0);
    }
    for (u32 id = 0; id < 16; id++) store8(SGI_CLEAR(id), 0xff);
    for (u32 id = 0; id < 288; id++) store8(PRIORITY(id), 0xa0);
    for (u32 id = 32; id < 288; id++) store8(TARGETS(id), 1);
    for (u32 id = 32; id < 288; id += 16) store32(CONFIGURATION(id), 0);
    store32(CPU(MASK), 0xff);
    store32(CPU(BINARY_POINT), 0);
    store32(CPU(ACTIVE_PRIORITIES), 0);
    store32(CTLR, 1);
    store32(CPU(CONTROL), ENABLE_0);
}

static u32 acknowledge(const char *what) {
    u32 id = load32(CPU(ACKNOWLEDGE));
    say(what, id);
    return id;
}

static void software(void) {
    heading("software-generated interrupts");
    store32(BITS(SET_ENABLE, 0), 0xffff);
    say("always enabled or not", load32(BITS(SET_ENABLE, 0)));
    for (u32 filter = 0; filter < 4; filter++) {
        for (u32 targets = 0; targets < 3; targets++) {
            store32(SGI, filter << 24 | targets << 16 | 5);
            text(" filter, targets");
            number(filter);
            number(targets);
            text("\n");
            say_state("sent", 5);
            u32 id = acknowledge("acknowledged");
            if (id > 1000) continue;
            say_state("acknowledged", 5);
            store32(CPU(END), id);
            say_state("ended", 5);
        }
    }
    store8(SGI_SET(3), 1);
    say_state("set pending by its register", 3);
    say("sources", load8(SGI_SET(3)));
    store8(SGI_CLEAR(3), 1);
    say_state("cleared", 3);
    heading("in the order of their numbers, then of their priorities");
    for (u32 id = 0; id < 16; id += 5) store32(SGI, 2 << 24 | id);
    for (int i = 0; i < 5; i++) store32(CPU(END), acknowledge("acknowledged"));
    for (u32 id = 0; id < 16; id++) store8(PRIORITY(id), 0xf0 - 0x10 * id);
    for (u32 id = 0; id < 16; id += 5) store32(SGI, 2 << 24 | id);
    for (int i = 0; i < 5; i++) store32(CPU(END), acknowledge("acknowledged"));
    reset();
}

static void states(void) {
    heading("pending and active by registers, level and edge");
    for (u32 edge = 0; edge < 2; edge++) {
        store32(CONFIGURATION(SPARE), edge ? 2u << SPARE % 16 * 2 : 0);
        say(" configuration", load32(CONFIGURATION(SPARE)) >> SPARE % 16 * 2 & 3);
        set_bit(SET_PENDING, SPARE);
        say_state("pending", SPARE);
        set_bit(SET_ENABLE, SPARE);
        say_state("enabled", SPARE);
        set_bit(CLEAR_PENDING, SPARE);
        say_state("cleared", SPARE);
        set_bit(SET_ACTIVE, SPARE);
        set_bit(SET_PENDING, SPARE);
        say_state("active and pending", SPARE);
        acknowledge("while it is active");
        set_bit(CLEAR_ACTIVE, SPARE);
        say_state("not active any more", SPARE);
        u32 id = acknowledge("acknowledged");
        say_state("acknowledged", SPARE);
        set_bit(SET_PENDING, SPARE);
        say_state("pending again", SPARE);
        store32(CPU(END), id);
        say_state("ended", SPARE);
        id = acknowledge("acknowledged");
        set_bit(CLEAR_ENABLE, SPARE);
        store32(CPU(END), id);
        say_state("disabled, then ended", SPARE);
        acknowledge("nothing");
    }
    reset();
}

static void priorities(void) {
    static const u32 masks[] = {0, 0x80, 0xa0, 0xa8, 0xff};
    heading("the priority mask");
    for (int i = 0; i < 5; i++) {
        store32(CPU(MASK), masks[i]);
        say(" mask", load32(CPU(MASK)));
        set_bit(SET_ENABLE, SPARE);
        set_bit(SET_PENDING, SPARE);
        say_state("pending", SPARE);
        u32 id = acknowledge("acknowledged");
        if (id < 1000) store32(CPU(END), id);
        set_bit(CLEAR_PENDING, SPARE);
    }
    reset();
    heading("bits of a priority");
    store8(PRIORITY(SPARE), 0xff);
    say("priority", load8(PRIORITY(SPARE)));
    reset();
    heading("preemption by groups of priorities");
    for (u32 point = 0; point < 8; point++) {
        store32(CPU(BINARY_POINT), point);
        say(" binary point", load32(CPU(BINARY_POINT)));
        for (u32 i = 0; i < 4; i++) {
            set_bit(SET_ENABLE, SPARE + i);
            store8(PRIORITY(SPARE + i), 0xc0 - 0x18 * i);
        }
        u32 ids[4];
        for (u32 i = 0; i < 4; i++) {
            set_bit(SET_PENDING, SPARE + i);
            ids[i] = acknowledge("nested");
            say(" running", load32(CPU(RUNNING)));
            say(" active priorities", load32(CPU(ACTIVE_PRIORITIES)));
        }
        for (int i = 3; i >= 0; i--) {
            if (ids[i] < 1000) store32(CPU(END), ids[i]);
            say(" running", load32(CPU(RUNNING)));
        }
        for (;;) {
            u32 id = acknowledge("left");
            if (id > 1000) break;
            store32(CPU(END), id);
        }
    }
    reset();
}

static void ends(void) {
    heading("priority drop and deactivation in two steps");
    set_bit(SET_ENABLE, SPARE);
    store32(CPU(CONTROL), ENABLE_0 | EOI_MODE);
    say("control", load32(CPU(CONTROL)));
    set_bit(SET_PENDING, SPARE);
    u32 id = acknowledge("acknowledged");
    say_state("acknowledged", SPARE);
    store32(CPU(END), id);
    say_state("dropped", SPARE);
    set_bit(SET_PENDING, SPARE);
    say_state("pending while it is active", SPARE);
    acknowledge("not yet");
    store32(CPU(DEACTIVATE), id);
    say_state("deactivated", SPARE);
    id = acknowledge("acknowledged");
    store32(CPU(END), id);
    store32(CPU(DEACTIVATE), id);
    say_state("done", SPARE);
    reset();
    heading("ends of what is not there");
    store32(CPU(END), 1023);
    store32(CPU(END), SPARE);
    store32(CPU(END), 7);
    say_state("nothing happened", SPARE);
}

static void groups(void) {
    heading("two groups");
    store32(CTLR, 3);
    say("distributor", load32(CTLR));
    for (u32 control = 0; control < 32; control++) {
        store32(CPU(CONTROL), control);
        say(" control", load32(CPU(CONTROL)));
        for (u32 group = 0; group < 2; group++) {
            store32(BITS(GROUP, SPARE), group << SPARE % 32);
            set_bit(SET_ENABLE, SPARE);
            set_bit(SET_PENDING, SPARE);
            say_state(group ? "group 1" : "group 0", SPARE);
            say(" highest, aliased", load32(CPU(ALIASED_HIGHEST)));
            u32 id = acknowledge("acknowledged");
            if (id < 1000) store32(CPU(END), id);
            id = load32(CPU(ALIASED_ACKNOWLEDGE));
            say("acknowledged, aliased", id);
            if (id < 1000) store32(CPU(ALIASED_END), id);
            say_state("after", SPARE);
            set_bit(CLEAR_PENDING, SPARE);
            set_bit(CLEAR_ACTIVE, SPARE);
        }
    }
    reset();
}

/* Interrupts taken: by which level, at which vector. */
static void taking(void) {
    static const enum level levels[] = {EL1, EL1T, EL0};
    static const u64 masks[] = {ALL_MASKED, ALL_MASKED & ~MASK_I, ALL_MASKED & ~MASK_F, 0};
    heading("taken");
    for (int fiq = 0; fiq < 2; fiq++) {
        store32(CPU(CONTROL), ENABLE_0 | (fiq ? FIQ_ENABLE : 0));
        for (int m = 0; m < 4; m++) {
            for (int i = 0; i < 3; i++) {
                setting.state = masks[m];
                store32(SGI, 2 << 24 | 9);
                set_bit(SET_ENABLE, 9);
                TRY(levels[i], "nop");
                say(" ISR", read_sysreg(isr_el1));
                store32(CPU(END), load32(CPU(ACKNOWLEDGE)));
                TRY_AS(levels[i], "ended", "nop");
            }
        }
    }
    heading("masks in PSTATE, and waiting");
    store32(CPU(CONTROL), ENABLE_0);
    setting.state = ALL_MASKED;
    store32(SGI, 2 << 24 | 9);
    TRY(EL1, "wfi\nmov x0, #1");
    TRY(EL1, "msr daifclr, #1\nmov x0, #1");
    TRY(EL1, "msr daifclr, #2\nmov x0, #1");
    TRY(EL1, "mov x0, #0x340\nmsr daif, x0\nmov x0, #1");
    store32(CPU(END), load32(CPU(ACKNOWLEDGE)));
    TRY_AS(EL1, "sends one to itself", "msr daifclr, #2\nstr w1, [x0]\n1: b 1b", SGI, 2 << 24 | 9);
    store32(CPU(END), load32(CPU(ACKNOWLEDGE)));
    fresh();
    reset();
}

/* Ticks until a timer is due that is waited for: more than any host takes until then. */
enum { LATER = 30 * 62500 };

static void timers(void) {
    static const u32 ids[] = {PPI_VIRTUAL_TIMER, PPI_PHYSICAL_TIMER};
    heading("timers: a level that the controller follows");
    for (int i = 0; i < 2; i++) {
        set_bit(SET_ENABLE, ids[i]);
        say_state("quiet", ids[i]);
        if (i) { write_sysreg(cntp_cval_el0, 0); write_sysreg(cntp_ctl_el0, 1); }
        else { write_sysreg(cntv_cval_el0, 0); write_sysreg(cntv_ctl_el0, 1); }
        say_state("due", ids[i]);
        setting.state = ALL_MASKED & ~(u64)MASK_I;
        TRY(EL0, "nop");
        set_bit(CLEAR_PENDING, ids[i]);
        say_state("cleared while the line is up", ids[i]);
        u32 id = acknowledge("acknowledged");
        say_state("acknowledged", ids[i]);
        store32(CPU(END), id);
        say_state("ended", ids[i]);
        id = acknowledge("acknowledged");
        if (i) write_sysreg(cntp_ctl_el0, 3); else write_sysreg(cntv_ctl_el0, 3);
        say_state("masked", ids[i]);
        store32(CPU(END), id);
        say_state("ended", ids[i]);
        set_bit(SET_PENDING, ids[i]);
        say_state("pending by its register", ids[i]);
        set_bit(CLEAR_PENDING, ids[i]);
        if (i) { write_sysreg(cntp_tval_el0, LATER); write_sysreg(cntp_ctl_el0, 1); }
        else { write_sysreg(cntv_tval_el0, LATER); write_sysreg(cntv_ctl_el0, 1); }
        TRY(EL1, "1: wfi\nb 1b");
        say("acknowledged", id = load32(CPU(ACKNOWLEDGE)));
        if (i) write_sysreg(cntp_ctl_el0, 0); else write_sysreg(cntv_ctl_el0, 0);
        store32(CPU(END), id);
        say_state("off", ids[i]);
    }
    fresh();
    reset();
}

/* PL011's transmitter and PL031's alarm. Nothing is sent meanwhile. */
static void devices(void) {
    heading("shared interrupts");
    set_bit(SET_ENABLE, UART);
    set_bit(SET_ENABLE, RTC);
    say("targets", load8(TARGETS(UART)));
    store8(TARGETS(UART), 0xff);
    say("targets", load8(TARGETS(UART)));
    say("of a private one", load8(TARGETS(PPI_VIRTUAL_TIMER)));
    store8(TARGETS(UART), 1);
    hold();
    store32(DEVICE_UART0 + 0x38, 1 << 5);
    say_state("serial port", UART);
    setting.state = ALL_MASKED & ~(u64)MASK_I;
    TRY(EL0, "nop");
    u32 id = acknowledge("acknowledged");
    say("masked status", load32(DEVICE_UART0 + 0x40) & 1 << 5);
    store32(DEVICE_UART0 + 0x44, 1 << 5);
    say_state("cleared at the port", UART);
    store32(CPU(END), id);
    say_state("ended", UART);
    store32(DEVICE_UART0 + 0x38, 0);
    say_state("masked at the port", UART);
    release();
    store8(TARGETS(UART), 0);
    set_bit(SET_PENDING, UART);
    say_state("without a target", UART);
    store8(TARGETS(UART), 1);
    say_state("with one", UART);
    set_bit(CLEAR_PENDING, UART);
    store32(DEVICE_RTC + 0x1c, 1);
    store32(DEVICE_RTC + 0x10, 1);
    store32(DEVICE_RTC + 0x4, load32(DEVICE_RTC));
    say("raw status", load32(DEVICE_RTC + 0x14));
    say_state("alarm", RTC);
    TRY(EL1, "nop");
    id = acknowledge("acknowledged");
    store32(DEVICE_RTC + 0x1c, 1);
    store32(CPU(END), id);
    say_state("cleared", RTC);
    store32(DEVICE_RTC + 0x10, 0);
    fresh();
    reset();
}

static void enables(void) {
    heading("switches");
    set_bit(SET_ENABLE, SPARE);
    set_bit(SET_PENDING, SPARE);
    for (u32 i = 0; i < 4; i++) {
        store32(CTLR, i & 1);
        store32(CPU(CONTROL), i >> 1);
        say_state("distributor and interface", SPARE);
        u32 id = acknowledge("acknowledged");
        if (id < 1000) store32(CPU(END), id);
    }
    reset();
}

void program(void) {
    say("kind", load32(DEVICE_GIC_DISTRIBUTOR + 4));
    reset();
    software();
    states();
    priorities();
    ends();
    groups();
    taking();
    timers();
    devices();
    enables();
}
