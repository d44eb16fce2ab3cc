/*
 * Virtual interrupts of either GIC: EL2 lists them, a guest at EL1 takes and completes them, and EL2 hears of what needs
 * maintenance. Arm IHI 0048B.b, chapter 5; Arm IHI 0069H, chapter 6.
 */

#include "bare-metal.h"

enum { MAINTENANCE = 25, BEHIND = FIRST_SHARED + 100, NOT_LISTED = 99 };
enum { PENDING = 1, ACTIVE = 2 };
enum { LISTED_ENABLE = 1, UNDERFLOW = 2, NOT_PRESENT = 4, NONE_PENDING = 8, GROUP1_ENABLED = 64, GROUP1_DISABLED = 128 };
/* EOI asks for maintenance: a bit of the field for a physical number. */
enum { ASK = 1 << 9 };

/* What is listed. */
struct entry { u32 id, physical, priority, group, is_hardware, state; };

#ifdef DEVICE_GIC_HYPERVISOR

#define GICH(offset) (DEVICE_GIC_HYPERVISOR + (offset))
#define GICC(offset) (DEVICE_GIC_CPU + (offset))
static const u64 window = DEVICE_GIC_VCPU;
/* At EL1, with the window in x0 and a number in x1. */
#define TAKE "ldr w0, [x0, #0xc]\nisb"
#define TAKE_GROUP0 TAKE
#define END "str w1, [x0, #0x10]\nisb"
#define DEACTIVATE "mov x2, #0x1000\nstr w1, [x0, x2]\nisb"
#define RUNNING "ldr w0, [x0, #0x14]"
#define HIGHEST "ldr w0, [x0, #0x18]"
#define MASK_PRIORITY "str w1, [x0, #4]\nisb"

static u64 controls(void) { return load32(GICH(0)); }
static void set_controls(u64 value) { store32(GICH(0), value); }
static u64 reasons(void) { return load32(GICH(0x10)); }
static u64 completed(void) { return load32(GICH(0x20)); }
static u64 empty(void) { return load32(GICH(0x30)); }
static u64 active_priorities(void) { return load32(GICH(0xf0)); }
static void forget_priorities(void) { store32(GICH(0xf0), 0); }
static u64 listed(int n) { return load32(GICH(0x100 + 4 * n)); }
static void list(int n, struct entry e) {
    u32 low = e.id | e.physical << 10 | e.priority >> 3 << 23;
    store32(GICH(0x100 + 4 * n), low | e.state << 28 | e.group << 30 | e.is_hardware << 31);
}
/* Both groups, group 0 as FIQ, group 1 told by IAR; `split`: EOI does not deactivate. */
static void open(int split) { store32(GICH(8), 0xf84c0000 | 0xf | (split ? 1 << 9 : 0)); }

static void open_physical(void) {
    store32(GICC(4), 0xff);
    store32(GICC(0), 0x5 | 1 << 9);
    store32(DEVICE_GIC_DISTRIBUTOR, 1);
}
static u64 take_physical(void) { return load32(GICC(0xc)); }
static void drop_physical(u64 id) { store32(GICC(0x10), id); }
static void deactivate_physical(u64 id) { store32(GICC(0x1000), id); }
#define PRIVATE_FRAME DEVICE_GIC_DISTRIBUTOR

#else

static const u64 window = 0;
#define TAKE "mrs x0, s3_0_c12_c12_0\nisb"
#define TAKE_GROUP0 "mrs x0, s3_0_c12_c8_0\nisb"
#define END "msr s3_0_c12_c12_1, x1\nisb"
#define DEACTIVATE "msr s3_0_c12_c11_1, x1\nisb"
#define RUNNING "mrs x0, s3_0_c12_c11_3"
#define HIGHEST "mrs x0, s3_0_c12_c12_2"
#define MASK_PRIORITY "msr s3_0_c4_c6_0, x1\nisb"

#define ICH_HCR s3_4_c12_c11_0
#define get(name) read_sysreg_(name)
#define read_sysreg_(name) read_sysreg(name)
#define set(name, value) write_sysreg_(name, value)
#define write_sysreg_(name, value) write_sysreg(name, value)
static u64 controls(void) { return get(ICH_HCR); }
static void set_controls(u64 value) { set(ICH_HCR, value); }
static u64 reasons(void) { return read_sysreg(s3_4_c12_c11_2); }
static u64 completed(void) { return read_sysreg(s3_4_c12_c11_3); }
static u64 empty(void) { return read_sysreg(s3_4_c12_c11_5); }
static u64 active_priorities(void) { return read_sysreg(s3_4_c12_c8_0) | read_sysreg(s3_4_c12_c9_0) << 32; }
static void forget_priorities(void) {
    write_sysreg(s3_4_c12_c8_0, 0);
    write_sysreg(s3_4_c12_c9_0, 0);
}
static u64 listed(int n) {
    return n == 0 ? read_sysreg(s3_4_c12_c12_0) : n == 1 ? read_sysreg(s3_4_c12_c12_1) : n == 2 ? read_sysreg(s3_4_c12_c12_2) : read_sysreg(s3_4_c12_c12_3);
}
static void list(int n, struct entry e) {
    u64 value = e.id | (u64)e.physical << 32 | (u64)e.priority << 48 | (u64)e.group << 60 | (u64)e.is_hardware << 61 | (u64)e.state << 62;
    if (n == 0) write_sysreg(s3_4_c12_c12_0, value);
    if (n == 1) write_sysreg(s3_4_c12_c12_1, value);
    if (n == 2) write_sysreg(s3_4_c12_c12_2, value);
    if (n == 3) write_sysreg(s3_4_c12_c12_3, value);
}
static void open(int split) { write_sysreg(s3_4_c12_c11_7, 0xf84c0003 | (split ? 1 << 9 : 0)); }

/* Physical interrupts stay in group 0. */
static void open_physical(void) {
    store32(DEVICE_GIC_REDISTRIBUTOR + 0x14, 0);
    write_sysreg(s3_0_c4_c6_0, 0xff);
    write_sysreg(s3_0_c12_c12_4, 2);
    write_sysreg(s3_0_c12_c12_6, 1);
    store32(DEVICE_GIC_DISTRIBUTOR, 1);
}
static u64 take_physical(void) { return read_sysreg(s3_0_c12_c8_0); }
static void drop_physical(u64 id) { write_sysreg(s3_0_c12_c8_1, id); }
static void deactivate_physical(u64 id) { write_sysreg(s3_0_c12_c11_1, id); }
#define PRIVATE_FRAME (DEVICE_GIC_REDISTRIBUTOR + 0x10000)

#endif

enum { SET_ENABLE = 0x100, SET_PENDING = 0x200, CLEAR_PENDING = 0x280, SET_ACTIVE = 0x300 };
static u64 bits(u32 base, u32 id) { return (id < 32 ? PRIVATE_FRAME : DEVICE_GIC_DISTRIBUTOR) + base + id / 32 * 4; }
static void set_bit(u32 base, u32 id) { store32(bits(base, id), 1u << id % 32); }
static u32 get_bit(u32 base, u32 id) { return load32(bits(base, id)) >> id % 32 & 1; }

static void say_state(const char *what) {
    barrier();
    text(what);
    text(": reasons, completed, empty, priorities, controls");
    number(reasons());
    number(completed());
    number(empty());
    number(active_priorities());
    number(controls());
    text("; listed");
    for (int n = 0; n < 4; n++) number(listed(n));
    text("; behind, maintenance");
    number(get_bit(SET_PENDING, BEHIND));
    number(get_bit(SET_ACTIVE, BEHIND));
    number(get_bit(SET_PENDING, MAINTENANCE));
    number(read_sysreg(isr_el1));
    text("\n");
}

/* Nothing listed, the guest's interface open, the hypervisor's interrupts of its own, the guest's masked. */
static void begin(const char *what, int split) {
    heading(what);
    fresh();
    write_sysreg(hcr_el2, RW | IMO | FMO | AMO);
    set_controls(LISTED_ENABLE);
    for (int n = 0; n < 4; n++) list(n, (struct entry){0});
    forget_priorities();
    open(split);
}

static void unmask(void) { setting.state = ALL_MASKED & ~(u64)(MASK_I | MASK_F); }
static void mask(void) { setting.state = ALL_MASKED; }

static u64 guest(const char *what, const void *code, u64 id) {
    return report(EL1, what, code, (struct arguments){{window, id}}).x0;
}
#define take() guest("take", CODE(TAKE), 0)
#define end(id) guest("end", CODE(END), id)
#define deactivate(id) guest("deactivate", CODE(DEACTIVATE), id)
#define nothing() TRY(EL1, "nop")
#define pending() TRY(EL1, "mrs x0, isr_el1")

static void one(u32 group) {
    begin(group ? "one of group 1" : "one of group 0", 0);
    list(1, (struct entry){.id = 40, .priority = 0x80, .group = group, .state = PENDING});
    say_state("listed");
    pending();
    nothing();
    unmask();
    nothing();
    TRY(EL0, "nop");
    mask();
    guest("highest of group 1", CODE(HIGHEST), 0);
    u64 id = group ? take() : guest("take of group 0", CODE(TAKE_GROUP0), 0);
    guest("running", CODE(RUNNING), 0);
    say_state("taken");
    unmask();
    nothing();
    mask();
    end(id);
    say_state("ended");
}

static void hardware(int split) {
    begin(split ? "one with hardware behind it, completed in two steps" : "one with hardware behind it", split);
    set_bit(SET_PENDING, BEHIND);
    /* The hypervisor hears of it while the guest runs, masks or not. */
    nothing();
    u64 id = take_physical();
    say("physical", id);
    drop_physical(id);
    list(0, (struct entry){.id = 50, .physical = BEHIND, .priority = 0x40, .group = 1, .is_hardware = 1, .state = PENDING});
    say_state("listed");
    unmask();
    nothing();
    mask();
    end(take());
    say_state("ended");
    deactivate(50);
    say_state("deactivated");
    if (get_bit(SET_ACTIVE, BEHIND)) deactivate_physical(BEHIND);
}

static void priorities(void) {
    begin("the most urgent first", 0);
    for (int n = 0; n < 4; n++) list(n, (struct entry){.id = 60 + n, .priority = n == 3 ? 0x80 : 0xa0 - 0x20 * n, .group = 1, .state = PENDING});
    u64 first = take();
    say_state("taken");
    list(0, (struct entry){.id = 70, .priority = 0x20, .group = 1, .state = PENDING});
    unmask();
    nothing();
    mask();
    u64 second = take();
    guest("running", CODE(RUNNING), 0);
    end(second);
    end(first);
    say_state("both ended");
    guest("mask the rest", CODE(MASK_PRIORITY), 0x80);
    pending();
    take();
    guest("mask none", CODE(MASK_PRIORITY), 0xff);
    pending();
    end(take());
    end(take());
    say_state("all ended");
}

static void maintenance(void) {
    begin("maintenance after an end", 0);
    set_bit(SET_ENABLE, MAINTENANCE);
    list(2, (struct entry){.id = 80, .physical = ASK, .priority = 0x80, .group = 1, .state = PENDING});
    u64 id = take();
    /* The guest is interrupted behind its store, where that is felt. */
    struct outcome o = attempt(EL1, CODE(END), (struct arguments){{window, id}});
    say("ended: vector", o.taken_at << 4 | o.vector);
    say_state("ended");
    say("physical", id = take_physical());
    list(2, (struct entry){0});
    drop_physical(id);
    deactivate_physical(id);
    say_state("emptied");
    nothing();

    static const u32 causes[] = {UNDERFLOW, NONE_PENDING, GROUP1_ENABLED, GROUP1_DISABLED, NOT_PRESENT | 3u << 27};
    for (int i = 0; i < 5; i++) {
        begin("a reason by itself", 0);
        set_controls(LISTED_ENABLE | causes[i]);
        say_state("asked for");
        nothing();
        set_controls(causes[i]);
        say_state("not enabled");
        set_controls(0);
    }
}

static void counted(void) {
    begin("ends of what is not listed", 1);
    list(0, (struct entry){.id = 90, .priority = 0x80, .group = 1, .state = PENDING});
    u64 id = take();
    end(id);
    deactivate(NOT_LISTED);
    say_state("deactivated another");
    set_controls(controls() | NOT_PRESENT);
    nothing();
    set_controls(LISTED_ENABLE);
    deactivate(id);
    say_state("deactivated");
    list(0, (struct entry){.id = 91, .priority = 0x80, .group = 1, .state = PENDING | ACTIVE});
    pending();
    deactivate(91);
    say_state("was active, is pending");
    end(take());
    say_state("its priority dropped");
}

#ifndef DEVICE_GIC_HYPERVISOR
static void traps(void) {
    static const struct { const char *what; u64 bit; } controls_of[] = {{"TC", 1 << 10}, {"TALL0", 1 << 11}, {"TALL1", 1 << 12}, {"TDIR", 1 << 14}};
    begin("registers that trap", 0);
    TRY(EL1, "msr s3_0_c12_c11_5, x0");
    TRY(EL1, "mrs x0, s3_4_c12_c11_0");
    for (int i = 0; i < 4; i++) {
        heading(controls_of[i].what);
        set_controls(LISTED_ENABLE | controls_of[i].bit);
        TRY(EL1, "mrs x0, s3_0_c4_c6_0");
        TRY(EL1, "mrs x0, s3_0_c12_c8_0");
        TRY(EL1, "mrs x0, s3_0_c12_c12_0");
        TRY(EL1, "msr s3_0_c12_c12_1, x0", 1023);
        TRY(EL1, "msr s3_0_c12_c11_1, x0", 1023);
        TRY(EL1, "mrs x0, s3_0_c12_c12_4");
        TRY(EL1, "mrs x0, s3_0_c12_c12_5");
        TRY(EL2, "mrs x0, s3_0_c12_c12_4");
    }
    heading("physical registers where nothing is routed to EL2");
    set_controls(LISTED_ENABLE);
    for (u64 routed = 0; routed < 4; routed++) {
        write_sysreg(hcr_el2, RW | routed << 3);
        say(" FMO, IMO", routed);
        TRY(EL1, "mrs x0, s3_0_c12_c8_3");
        TRY(EL1, "mrs x0, s3_0_c12_c12_7");
        TRY(EL1, "mrs x0, s3_0_c4_c6_0");
    }
}
#endif

void program(void) {
    open_physical();
    set_bit(SET_ENABLE, BEHIND);
    one(1);
    one(0);
    hardware(0);
    hardware(1);
    priorities();
    maintenance();
    counted();
#ifndef DEVICE_GIC_HYPERVISOR
    traps();
#endif
}
