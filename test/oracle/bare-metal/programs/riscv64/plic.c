/*
 * The PLIC with both contexts of a hart, fed by the serial port and the clock's alarm: priorities, thresholds, enables,
 * pending bits, claim and completion, and the interrupts that the hart takes.
 * Source: RISC-V PLIC 1.0.0; register maps of ns16550a and goldfish-rtc.
 */

#include "bare-metal.h"

enum { UART = INTERRUPT_UART0, RTC = INTERRUPT_RTC };
enum { MACHINE_CONTEXT = 0, SUPERVISOR_CONTEXT = 1 };

static u64 priority(u32 source) { return DEVICE_PLIC + 4 * source; }
static u64 pending(void) { return DEVICE_PLIC + 0x1000; }
static u64 enables(u32 context) { return DEVICE_PLIC + 0x2000 + 0x80 * context; }
static u64 threshold(u32 context) { return DEVICE_PLIC + 0x200000 + 0x1000 * context; }
static u64 claim(u32 context) { return threshold(context) + 4; }

/* The transmitter is always empty, so its interrupt is up while it is enabled. */
static void uart(int on) { *(volatile u8 *)(DEVICE_UART0 + 1) = on ? 2 : 0; }

/* An alarm in the past rings at once; clearing it silences it. */
static void rtc_on(void) {
    store32(DEVICE_RTC + 0x10, 1);
    store32(DEVICE_RTC + 0xc, 0);
    store32(DEVICE_RTC + 0x8, 0);
}

static void rtc_off(void) { store32(DEVICE_RTC + 0x1c, 1); }

static void say_state(const char *what) {
    text(what);
    text(": pending, mip");
    number(load32(pending()));
    number(read_csr(mip) & (MEI | SEI));
    text("\n");
}

static void reset(void) {
    uart(0);
    rtc_off();
    for (u32 context = 0; context < 2; context++) {
        store32(threshold(context), 0);
        store32(enables(context), 0xffffffff);
        for (u32 source; (source = load32(claim(context)));) store32(claim(context), source);
        store32(enables(context), 0);
    }
    for (u32 source = 1; source < 96; source++) store32(priority(source), 0);
}

static void registers(void) {
    heading("registers");
    for (u32 source = 0; source < 96; source += source < 12 ? 1 : 12) {
        store32(priority(source), 0xffffffff);
        number(load32(priority(source)));
        store32(priority(source), 0);
    }
    text("\n");
    for (u32 context = 0; context < 2; context++) {
        store32(threshold(context), 0xffffffff);
        say("threshold", load32(threshold(context)));
        store32(threshold(context), 0);
        for (u32 word = 0; word < 3; word++) {
            store32(enables(context) + 4 * word, 0xffffffff);
            say("enables", load32(enables(context) + 4 * word));
            store32(enables(context) + 4 * word, 0);
        }
    }
    store32(pending(), 0xffffffff);
    say("pending is not for software", load32(pending()));
    say("nothing to claim", load32(claim(0)));
}

static void one_source(void) {
    heading("one source");
    for (u32 context = 0; context < 2; context++) {
        reset();
        say_state("quiet");
        uart(1);
        say_state("raised, no priority, not enabled");
        store32(enables(context), 1 << UART);
        say_state("enabled");
        say("claim", load32(claim(context)));
        store32(priority(UART), 1);
        say_state("with a priority");
        store32(threshold(context), 1);
        say_state("threshold as high");
        store32(threshold(context), 0);
        say_state("threshold lower");
        say("the other context claims", load32(claim(1 - context)));
        say("claim", load32(claim(context)));
        say_state("claimed");
        say("claim again", load32(claim(context)));
        uart(0);
        say_state("lowered while claimed");
        store32(claim(context), UART);
        say_state("completed");
        uart(1);
        say_state("raised again");
        uart(0);
        say_state("lowered before it is claimed");
        say("claim", load32(claim(context)));
        store32(claim(context), UART);
        say_state("completed");
    }
    reset();
}

static void two_sources(void) {
    heading("two sources: the higher priority first, else the lower number");
    for (u32 uart_priority = 1; uart_priority < 4; uart_priority++) {
        reset();
        store32(priority(UART), uart_priority);
        store32(priority(RTC), 2);
        store32(enables(0), 1 << UART | 1 << RTC);
        store32(enables(1), 1 << UART | 1 << RTC);
        uart(1);
        rtc_on();
        say_state("both");
        u32 first = load32(claim(0));
        say("first", first);
        u32 second = load32(claim(0));
        say("second", second);
        say("third", load32(claim(0)));
        uart(0);
        rtc_off();
        store32(claim(0), first);
        store32(claim(0), second);
        say_state("completed");
        uart(1);
        rtc_on();
        store32(threshold(0), 2);
        say_state("threshold 2 of the machine's context");
        say("claim for the supervisor", first = load32(claim(1)));
        say("claim for the machine", second = load32(claim(0)));
        uart(0);
        rtc_off();
        store32(claim(1), first);
        store32(claim(0), second);
    }
    reset();
}

static void odd_completions(void) {
    heading("completions of what is not claimed, not enabled, not there");
    store32(priority(UART), 1);
    store32(enables(0), 1 << UART);
    store32(claim(0), UART);
    store32(claim(0), 0);
    store32(claim(0), 95);
    store32(claim(0), 0xffffffff);
    say_state("nothing happened");
    uart(1);
    say("claim", load32(claim(0)));
    uart(0);
    store32(claim(1), UART);
    say_state("completed by a context where it is not enabled");
    uart(1);
    say_state("raised");
    uart(0);
    store32(claim(0), UART);
    reset();
}

static void taking(void) {
    heading("the hart takes it");
    static const enum level levels[] = {MACHINE, SUPERVISOR, USER};
    store32(priority(UART), 7);
    for (u32 context = 0; context < 2; context++) {
        store32(enables(context), 1 << UART);
        for (int delegated = 0; delegated < 2; delegated++) {
            for (int i = 0; i < 3; i++) {
                write_csr(mideleg, delegated ? SEI : 0);
                write_csr(mie, MEI | SEI);
                setting.status = MPIE | SIE | SPIE;
                uart(1);
                TRY(levels[i], "nop");
                TRY(levels[i], "csrr a0, 0x5c0");
                say("claim", load32(claim(context)));
                TRY_AS(levels[i], "while claimed", "nop");
                uart(0);
                store32(claim(context), UART);
                TRY_AS(levels[i], "completed", "nop");
            }
        }
        store32(enables(context), 0);
    }
    fresh();
    heading("the wire and software together hold up SEIP");
    store32(enables(1), 1 << UART);
    write_csr(mip, SEI);
    say_state("software");
    uart(1);
    say_state("both");
    write_csr(mip, 0);
    say_state("software takes it back");
    u32 source = load32(claim(1));
    say_state("claimed");
    uart(0);
    write_csr(mip, SEI);
    say_state("software alone");
    write_csr(mip, 0);
    say_state("and not");
    store32(claim(1), source);
    say_state("completed");
    reset();
}

/* Software's part of SEIP is down, then up, before `code` writes while the wire is up; it stays when the wire goes down. */
static void write_under_wire(const char *what, const void *code) {
    for (u32 before = 0; before < 2; before++) {
        write_csr(mip, before ? SEI : 0);
        uart(1);
        text(what);
        say(": software's part before", before);
        say(" shown", attempt(MACHINE, code, (struct arguments){{SEI, SSI}}).a0 & (SEI | SSI));
        say(" then", read_csr(mip) & (SEI | SSI));
        uart(0);
        store32(claim(1), load32(claim(1)));
        say(" wire down", read_csr(mip) & (SEI | SSI));
    }
}

static void writing(void) {
    heading("what instructions write to mip while the wire is up");
    store32(priority(UART), 7);
    store32(enables(1), 1 << UART);
    write_csr(mideleg, SEI | SSI);
    write_under_wire("nothing", CODE("csrr a0, mip"));
    write_under_wire("set SEIP", CODE("csrrs a0, mip, a0"));
    write_under_wire("clear SEIP", CODE("csrrc a0, mip, a0"));
    write_under_wire("write SEIP", CODE("csrrw a0, mip, a0"));
    write_under_wire("write zero", CODE("csrrw a0, mip, zero"));
    write_under_wire("set SSIP", CODE("csrrs a0, mip, a1"));
    write_under_wire("clear SSIP", CODE("csrrc a0, mip, a1"));
    write_under_wire("set SSIP at once", CODE("csrrsi a0, mip, 2"));
    write_under_wire("clear SSIP at once", CODE("csrrci a0, mip, 2"));
    write_under_wire("set SSIP of sip", CODE("csrrs a0, sip, a1"));
    write_under_wire("set SEIP of sip", CODE("csrrs a0, sip, a0"));
    write_under_wire("clear SEIP of sip", CODE("csrrc a0, sip, a0"));
    write_under_wire("write all of sip", CODE("li a0, -1\ncsrrw a0, sip, a0"));
    reset();
    fresh();
}

/* What is sent comes back while MCR.LOOP is on, so nothing leaves. */
static void receiver(void) {
    volatile u8 *port = (volatile u8 *)DEVICE_UART0;
    heading("the serial port's receiver");
    store32(priority(UART), 1);
    store32(enables(0), 1 << UART);
    for (u32 fifo = 0; fifo < 2; fifo++) {
        port[2] = fifo ? 0x07 : 0;
        port[4] = 0x10;
        port[1] = 1;
        say_state("quiet");
        port[0] = 'a';
        say_state("one came");
        say("identification", port[2]);
        say("line status", port[5]);
        say("claim", load32(claim(0)));
        say("data", port[0]);
        store32(claim(0), UART);
        say_state("read and completed");
        say("identification", port[2]);
        port[1] = 0;
    }
    port[4] = 0;
    port[2] = 0;
    reset();
}

static void alarm(void) {
    heading("the clock's alarm");
    u64 now = load32(DEVICE_RTC);
    now |= (u64)load32(DEVICE_RTC + 4) << 32;
    u64 later = load32(DEVICE_RTC);
    later |= (u64)load32(DEVICE_RTC + 4) << 32;
    say("time goes forward", later >= now);
    store32(DEVICE_RTC + 0x10, 1);
    u64 when = later + 3000000;
    store32(DEVICE_RTC + 0xc, when >> 32);
    store32(DEVICE_RTC + 0x8, when);
    say("alarm is set", load32(DEVICE_RTC + 0x18));
    store32(priority(RTC), 1);
    store32(enables(0), 1 << RTC);
    write_csr(mie, MEI);
    setting.status = MPIE;
    TRY(MACHINE, "1: wfi\nj 1b");
    say("claim", load32(claim(0)));
    say("alarm is set", load32(DEVICE_RTC + 0x18));
    u64 rang = load32(DEVICE_RTC);
    rang |= (u64)load32(DEVICE_RTC + 4) << 32;
    say("not too early", rang >= when);
    rtc_off();
    store32(claim(0), RTC);
    say_state("completed");
    when = rang + 1000000000000;
    store32(DEVICE_RTC + 0xc, when >> 32);
    store32(DEVICE_RTC + 0x8, when);
    say("alarm is set", load32(DEVICE_RTC + 0x18));
    store32(DEVICE_RTC + 0x14, 1);
    say("alarm is cleared", load32(DEVICE_RTC + 0x18));
    say_state("quiet");
    fresh();
}

void program(void) {
    /* To QEMU 7.2 each character sent is another rise of a line that is up, to the PLIC's gateways (and ours) it is not. */
    hold();
    reset();
    registers();
    one_source();
    two_sources();
    odd_completions();
    taking();
    writing();
    reset();
    receiver();
    alarm();
    release();
}
