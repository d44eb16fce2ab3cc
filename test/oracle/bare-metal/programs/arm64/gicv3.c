/*
 * GICv3 through its system registers: interrupts of every kind, by polling the acknowledge registers and by taking them.
 * Source: Arm IHI 0069H; one security state (GICD_CTLR.DS), as QEMU's board has it.
 */

#include "bare-metal.h"

enum { UART = FIRST_SHARED + INTERRUPT_UART0, RTC = FIRST_SHARED + INTERRUPT_RTC, SPARE = FIRST_SHARED + 100, PRIVATE = 20 };

#define CTLR (DEVICE_GIC_DISTRIBUTOR)
#define WAKER (DEVICE_GIC_REDISTRIBUTOR + 0x14)
/* Private interrupts are in the redistributor's second frame. */
#define FRAME(id) ((id) < 32 ? DEVICE_GIC_REDISTRIBUTOR + 0x10000 : DEVICE_GIC_DISTRIBUTOR)
#define BITS(base, id) (FRAME(id) + (base) + (id) / 32 * 4)
enum { GROUP = 0x80, SET_ENABLE = 0x100, CLEAR_ENABLE = 0x180, SET_PENDING = 0x200, CLEAR_PENDING = 0x280, SET_ACTIVE = 0x300, CLEAR_ACTIVE = 0x380 };
#define PRIORITY(id) (FRAME(id) + 0x400 + (id))
#define CONFIGURATION(id) (FRAME(id) + 0xc00 + (id) / 16 * 4)
#define ROUTE(id) (DEVICE_GIC_DISTRIBUTOR + 0x6000 + 8 * (id))

#define ICC_PMR s3_0_c4_c6_0
#define ICC_IAR0 s3_0_c12_c8_0
#define ICC_EOIR0 s3_0_c12_c8_1
#define ICC_HPPIR0 s3_0_c12_c8_2
#define ICC_BPR0 s3_0_c12_c8_3
#define ICC_AP0R0 s3_0_c12_c8_4
#define ICC_AP1R0 s3_0_c12_c9_0
#define ICC_DIR s3_0_c12_c11_1
#define ICC_RPR s3_0_c12_c11_3
#define ICC_SGI1R s3_0_c12_c11_5
#define ICC_SGI0R s3_0_c12_c11_7
#define ICC_IAR1 s3_0_c12_c12_0
#define ICC_EOIR1 s3_0_c12_c12_1
#define ICC_HPPIR1 s3_0_c12_c12_2
#define ICC_BPR1 s3_0_c12_c12_3
#define ICC_CTLR s3_0_c12_c12_4
#define ICC_SRE s3_0_c12_c12_5
#define ICC_IGRPEN0 s3_0_c12_c12_6
#define ICC_IGRPEN1 s3_0_c12_c12_7
#define get(name) read_register(name)
#define read_register(name) read_sysreg(name)
#define set(name, value) write_register(name, value)
#define write_register(name, value) write_sysreg(name, value)

enum { EOI_MODE = 2, COMMON_POINT = 1 };

static void set_bit(u32 base, u32 id) { store32(BITS(base, id), 1u << id % 32); }
static u32 get_bit(u32 base, u32 id) { return load32(BITS(base, id)) >> id % 32 & 1; }

static void say_state(const char *what, u32 id) {
    barrier();
    text(what);
    text(": pending, active, enabled, highest, running, ISR");
    number(get_bit(SET_PENDING, id));
    number(get_bit(SET_ACTIVE, id));
    number(get_bit(SET_ENABLE, id));
    number(get(ICC_HPPIR0));
    number(get(ICC_HPPIR1));
    number(get(ICC_RPR));
    number(read_sysreg(isr_el1));
    text("\n");
}

static u64 acknowledge(const char *what) {
    barrier();
    u64 id = get(ICC_IAR1);
    say(what, id);
    return id;
}

static void end(u64 id) {
    if (id < 1000) set(ICC_EOIR1, id);
}

static void reset(void) {
    store32(CTLR, 0x37 & ~7);
    set(ICC_IGRPEN0, 0);
    set(ICC_IGRPEN1, 0);
    for (u32 id = 0; id < 288; id += 32) {
        store32(BITS(CLEAR_ENABLE, id), ~0u);
        store32(BITS(CLEAR_PENDING, id), ~0u);
        store32(BITS(CLEAR_ACTIVE, id), ~0u);
        store32(BITS(GROUP, id), ~0u);
    }
    for (u32 id = 0; id < 288; id++) store8(PRIORITY(id), 0xa0);
    for (u32 id = 32; id < 288; id += 16) store32(CONFIGURATION(id), 0);
    for (u32 id = 32; id < 288; id++) store64(ROUTE(id), 0);
    set(ICC_AP0R0, 0);
    set(ICC_AP1R0, 0);
    set(ICC_PMR, 0xff);
    set(ICC_CTLR, 0);
    set(ICC_BPR0, 0);
    set(ICC_BPR1, 0);
    store32(CTLR, 3);
    set(ICC_IGRPEN1, 1);
    barrier();
}

static void waking(void) {
    heading("the redistributor wakes");
    say("waker", load32(WAKER));
    store32(WAKER, 0);
    say("waker", load32(WAKER));
    store32(WAKER, 2);
    say("waker", load32(WAKER));
    store32(WAKER, 0);
    say("waker", load32(WAKER));
    say("system registers", get(ICC_SRE));
    set(ICC_SRE, 0);
    say("system registers", get(ICC_SRE));
    say("control", get(ICC_CTLR) & 0x3fff);
    set(ICC_CTLR, ~0ull);
    say("control", get(ICC_CTLR) & 0x43);
    set(ICC_CTLR, 0);
}

static void software(void) {
    /* Interrupt 5 to a list of cores, to cores elsewhere, to all others. */
    static const u64 targets[] = {5ull << 24 | 1, 5ull << 24, 5ull << 24 | 2, 5ull << 24 | 1 | 1ull << 16, 5ull << 24 | 1 | 1ull << 32, 5ull << 24 | 1ull << 40, 5ull << 24 | 1 | 1ull << 44};
    heading("software-generated interrupts");
    store32(BITS(SET_ENABLE, 0), 0xffff);
    say("enabled", load32(BITS(SET_ENABLE, 0)));
    for (u32 i = 0; i < 7; i++) {
        set(ICC_SGI1R, targets[i]);
        say(" value", targets[i]);
        say_state("sent", 5);
        u64 id = acknowledge("acknowledged");
        if (id > 1000) continue;
        say_state("acknowledged", 5);
        end(id);
        say_state("ended", 5);
    }
    heading("for group 0, to an interrupt of either group");
    for (u32 group = 0; group < 2; group++) {
        store32(BITS(GROUP, 0), group ? ~0u : ~(1u << 5));
        set(ICC_SGI0R, targets[0]);
        say_state("sent to group 0", 5);
        set_bit(CLEAR_PENDING, 5);
        set(ICC_SGI1R, targets[0]);
        say_state("sent to group 1", 5);
        set_bit(CLEAR_PENDING, 5);
    }
    store32(BITS(GROUP, 0), ~0u);
    heading("in the order of their numbers, then of their priorities");
    for (int by_priority = 0; by_priority < 2; by_priority++) {
        for (u32 id = 0; id < 16; id++) store8(PRIORITY(id), by_priority ? 0xf0 - 0x10 * id : 0xa0);
        for (u64 id = 0; id < 16; id += 5) set(ICC_SGI1R, id << 24 | 1);
        for (int i = 0; i < 5; i++) end(acknowledge("acknowledged"));
    }
    reset();
}

static void states(u32 id) {
    heading("pending and active by registers, level and edge");
    for (u32 edge = 0; edge < 2; edge++) {
        store32(CONFIGURATION(id), edge ? 2u << id % 16 * 2 : 0);
        say(" configuration", load32(CONFIGURATION(id)) >> id % 16 * 2 & 3);
        set_bit(SET_PENDING, id);
        say_state("pending", id);
        set_bit(SET_ENABLE, id);
        say_state("enabled", id);
        set_bit(CLEAR_PENDING, id);
        say_state("cleared", id);
        set_bit(SET_ACTIVE, id);
        set_bit(SET_PENDING, id);
        say_state("active and pending", id);
        acknowledge("while it is active");
        set_bit(CLEAR_ACTIVE, id);
        say_state("not active any more", id);
        u64 taken = acknowledge("acknowledged");
        say_state("acknowledged", id);
        set_bit(SET_PENDING, id);
        say_state("pending again", id);
        end(taken);
        say_state("ended", id);
        taken = acknowledge("acknowledged");
        set_bit(CLEAR_ENABLE, id);
        end(taken);
        say_state("disabled, then ended", id);
        acknowledge("nothing");
    }
    reset();
}

static void priorities(void) {
    static const u32 masks[] = {0, 0x80, 0xa0, 0xa8, 0xff};
    heading("the priority mask");
    for (int i = 0; i < 5; i++) {
        set(ICC_PMR, masks[i]);
        say(" mask", get(ICC_PMR));
        set_bit(SET_ENABLE, SPARE);
        set_bit(SET_PENDING, SPARE);
        say_state("pending", SPARE);
        end(acknowledge("acknowledged"));
        set_bit(CLEAR_PENDING, SPARE);
    }
    reset();
    store8(PRIORITY(SPARE), 0xff);
    say("bits of a priority", load8(PRIORITY(SPARE)));
    reset();
    heading("preemption by groups of priorities");
    for (u32 point = 0; point < 8; point++) {
        set(ICC_BPR1, point);
        say(" binary point", get(ICC_BPR1));
        for (u32 i = 0; i < 4; i++) {
            set_bit(SET_ENABLE, SPARE + i);
            store8(PRIORITY(SPARE + i), 0xc0 - 0x18 * i);
        }
        u64 ids[4];
        for (u32 i = 0; i < 4; i++) {
            set_bit(SET_PENDING, SPARE + i);
            ids[i] = acknowledge("nested");
            say(" running", get(ICC_RPR));
            say(" active priorities", get(ICC_AP1R0));
        }
        for (int i = 3; i >= 0; i--) {
            end(ids[i]);
            say(" running", get(ICC_RPR));
        }
        for (u64 id; (id = acknowledge("left")) < 1000;) end(id);
    }
    reset();
}

static void ends(void) {
    heading("priority drop and deactivation in two steps");
    set_bit(SET_ENABLE, SPARE);
    set(ICC_CTLR, EOI_MODE);
    set_bit(SET_PENDING, SPARE);
    u64 id = acknowledge("acknowledged");
    say_state("acknowledged", SPARE);
    end(id);
    say_state("dropped", SPARE);
    set_bit(SET_PENDING, SPARE);
    say_state("pending while it is active", SPARE);
    acknowledge("not yet");
    set(ICC_DIR, id);
    say_state("deactivated", SPARE);
    id = acknowledge("acknowledged");
    end(id);
    set(ICC_DIR, id);
    say_state("done", SPARE);
    reset();
    heading("ends of what is not there");
    set(ICC_EOIR1, 1023);
    set(ICC_EOIR1, SPARE);
    set(ICC_EOIR1, 7);
    set(ICC_EOIR0, 7);
    set(ICC_DIR, SPARE);
    say_state("nothing happened", SPARE);
}

static void groups(void) {
    heading("two groups, four ways to enable them");
    set_bit(SET_ENABLE, SPARE);
    for (u32 enabled = 0; enabled < 16; enabled++) {
        store32(CTLR, enabled >> 2);
        set(ICC_IGRPEN0, enabled & 1);
        set(ICC_IGRPEN1, enabled >> 1 & 1);
        say(" enabled", enabled);
        for (u32 group = 0; group < 2; group++) {
            store32(BITS(GROUP, SPARE), group << SPARE % 32);
            set_bit(SET_PENDING, SPARE);
            say_state(group ? "group 1" : "group 0", SPARE);
            u64 id = acknowledge("acknowledged");
            end(id);
            id = get(ICC_IAR0);
            say("acknowledged as group 0", id);
            if (id < 1000) set(ICC_EOIR0, id);
            say_state("after", SPARE);
            set_bit(CLEAR_PENDING, SPARE);
            set_bit(CLEAR_ACTIVE, SPARE);
        }
    }
    reset();
    heading("one binary point for both");
    for (u32 point = 0; point < 8; point += 3) {
        set(ICC_CTLR, 0);
        set(ICC_BPR0, point);
        set(ICC_BPR1, 2);
        say("of group 0", get(ICC_BPR0));
        say("of group 1", get(ICC_BPR1));
        set(ICC_CTLR, COMMON_POINT);
        say("common", get(ICC_BPR1));
        set(ICC_BPR1, 7);
        say("of group 0", get(ICC_BPR0));
        set(ICC_CTLR, 0);
        say("of group 1", get(ICC_BPR1));
    }
    reset();
}

static void taking(void) {
    static const enum level levels[] = {EL1, EL1T, EL0};
    static const u64 masks[] = {ALL_MASKED, ALL_MASKED & ~MASK_I, ALL_MASKED & ~MASK_F, 0};
    heading("taken");
    for (u32 group = 0; group < 2; group++) {
        store32(BITS(GROUP, 0), group ? ~0u : 0);
        set(ICC_IGRPEN0, 1);
        for (int m = 0; m < 4; m++) {
            for (int i = 0; i < 3; i++) {
                setting.state = masks[m];
                set_bit(SET_ENABLE, 9);
                if (group) set(ICC_SGI1R, 9ull << 24 | 1);
                else set(ICC_SGI0R, 9ull << 24 | 1);
                TRY(levels[i], "nop");
                say(" ISR", read_sysreg(isr_el1));
                if (group) set(ICC_EOIR1, get(ICC_IAR1));
                else set(ICC_EOIR0, get(ICC_IAR0));
                TRY_AS(levels[i], "ended", "nop");
            }
        }
    }
    reset();
    heading("the mask of priorities is enough");
    set_bit(SET_ENABLE, 9);
    setting.state = ALL_MASKED & ~(u64)MASK_I;
    set(ICC_PMR, 0);
    set(ICC_SGI1R, 9ull << 24 | 1);
    TRY(EL1, "mov x0, #1");
    TRY(EL1, "mov x0, #0xff\nmsr s3_0_c4_c6_0, x0\nnop");
    set(ICC_EOIR1, get(ICC_IAR1));
    TRY_AS(EL1, "sends one to itself", "msr s3_0_c12_c11_5, x0\nisb\n1: b 1b", 9ull << 24 | 1);
    set(ICC_EOIR1, get(ICC_IAR1));
    heading("EL0 has none of these registers");
    TRY(EL0, "mrs x0, s3_0_c12_c12_0");
    TRY(EL0, "msr s3_0_c4_c6_0, x0");
    TRY(EL0, "mrs x0, s3_0_c12_c12_5");
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
        u64 id = acknowledge("acknowledged");
        say_state("acknowledged", ids[i]);
        end(id);
        say_state("ended", ids[i]);
        id = acknowledge("acknowledged");
        if (i) write_sysreg(cntp_ctl_el0, 3); else write_sysreg(cntv_ctl_el0, 3);
        say_state("masked", ids[i]);
        end(id);
        say_state("ended", ids[i]);
        if (i) { write_sysreg(cntp_tval_el0, LATER); write_sysreg(cntp_ctl_el0, 1); }
        else { write_sysreg(cntv_tval_el0, LATER); write_sysreg(cntv_ctl_el0, 1); }
        TRY(EL1, "1: wfi\nb 1b");
        id = acknowledge("acknowledged");
        if (i) write_sysreg(cntp_ctl_el0, 0); else write_sysreg(cntv_ctl_el0, 0);
        end(id);
        say_state("off", ids[i]);
    }
    fresh();
    reset();
}

static void devices(void) {
    heading("shared interrupts");
    set_bit(SET_ENABLE, UART);
    set_bit(SET_ENABLE, RTC);
    hold();
    store32(DEVICE_UART0 + 0x38, 1 << 5);
    say_state("serial port", UART);
    setting.state = ALL_MASKED & ~(u64)MASK_I;
    TRY(EL0, "nop");
    u64 id = acknowledge("acknowledged");
    store32(DEVICE_UART0 + 0x44, 1 << 5);
    say_state("cleared at the port", UART);
    end(id);
    say_state("ended", UART);
    store32(DEVICE_UART0 + 0x38, 0);
    release();
    store64(ROUTE(UART), 1);
    say("route", load64(ROUTE(UART)));
    set_bit(SET_PENDING, UART);
    say_state("to a core that is not there", UART);
    store64(ROUTE(UART), 0);
    say_state("to this one", UART);
    store64(ROUTE(UART), 1ull << 31);
    say_state("to any", UART);
    end(acknowledge("acknowledged"));
    set_bit(CLEAR_PENDING, UART);
    store32(DEVICE_RTC + 0x1c, 1);
    store32(DEVICE_RTC + 0x10, 1);
    store32(DEVICE_RTC + 0x4, load32(DEVICE_RTC));
    say_state("alarm", RTC);
    TRY(EL1, "nop");
    id = acknowledge("acknowledged");
    store32(DEVICE_RTC + 0x1c, 1);
    end(id);
    say_state("cleared", RTC);
    store32(DEVICE_RTC + 0x10, 0);
    fresh();
    reset();
}

void program(void) {
    waking();
    reset();
    software();
    states(SPARE);
    states(PRIVATE);
    priorities();
    ends();
    groups();
    taking();
    timers();
    devices();
}
