/* Arm64: levels, what an exception tells, and access to system registers. Included by bare-metal.h. */

/* As SPSR holds it: level and which stack pointer. */
enum level { EL0 = 0, EL1T = 4, EL1 = 5, EL2T = 8, EL2 = 9 };

/* Immediate of the svc that ends a fragment. */
#define FRAGMENT_END 0xfade

#define CODE(body)                                                                                        \
    ({                                                                                                    \
        const void *at;                                                                                   \
        asm("adrp %0, 770f\nadd %0, %0, :lo12:770f\n.pushsection .fragments, \"ax\"\n.balign 8\n"         \
            "770: " body "\nsvc #0xfade\n.popsection"                                                     \
            : "=r"(at));                                                                                  \
        at;                                                                                               \
    })

/* As start.S writes it. */
struct outcome {
    /* 1 or 2. */
    u64 taken_at;
    /* Entry of the vector table, 0 to 15. */
    u64 vector;
    u64 syndrome, pc, address, state;
    /* HPFAR_EL2; zero at EL1. */
    u64 intermediate;
    u64 x0, x1;
    /* DAIF and SPSel in the handler. */
    u64 masks, stack;
};

extern struct outcome outcome;

/* How fragments begin; `fresh` sets all of it to its default. */
struct setting {
    /* SPSR but for the level. */
    u64 state;
    u64 sp;
};
extern struct setting setting;

/* Nothing translated, enabled or trapped; interrupts masked. */
void fresh(void);

/* True if the fragment came to its end. */
int is_end(const struct outcome *o);

/* 1 or 2: where the program runs. */
extern u64 top_level;

#define read_sysreg(name)                                              \
    ({                                                                 \
        u64 value;                                                     \
        asm volatile("mrs %0, " #name : "=r"(value) : : "memory");     \
        value;                                                         \
    })
#define write_sysreg(name, value) asm volatile("msr " #name ", %0\nisb" : : "r"((u64)(value)) : "memory")

/* Registers of devices. */
static inline u8 load8(u64 address) { return *(volatile u8 *)address; }
static inline void store8(u64 address, u8 value) { *(volatile u8 *)address = value; }
static inline u32 load32(u64 address) { return *(volatile u32 *)address; }
static inline void store32(u64 address, u32 value) { *(volatile u32 *)address = value; }
static inline u64 load64(u64 address) { return *(volatile u64 *)address; }
static inline void store64(u64 address, u64 value) { *(volatile u64 *)address = value; }

static inline void barrier(void) { asm volatile("dsb sy\nisb" : : : "memory"); }
static inline void flush_translations(void) {
    if (top_level == 2) asm volatile("dsb ish\ntlbi alle1is\ntlbi alle2is\ndsb ish\nisb" : : : "memory");
    else asm volatile("dsb ish\ntlbi vmalle1is\ndsb ish\nisb" : : : "memory");
}

/* HCR_EL2. */
enum { VM = 1 << 0, FMO = 1 << 3, IMO = 1 << 4, AMO = 1 << 5, VF = 1 << 6, VI = 1 << 7, TWI = 1 << 13, TWE = 1 << 14, TSC = 1 << 19, TGE = 1 << 27 };
#define RW (1ull << 31)
#define HCD (1ull << 29)

/* Masks of SPSR and `setting.state`: all, and without one. */
enum { MASK_F = 1 << 6, MASK_I = 1 << 7, ALL_MASKED = 0x3c0 };

/* Bits of CNTx_CTL. */
enum { TIMER_ENABLE = 1, TIMER_MASK = 2, TIMER_STATUS = 4 };

/* Numbers of interrupts at the controller. */
enum { FIRST_SHARED = 32, PPI_HYPERVISOR_TIMER = 26, PPI_VIRTUAL_TIMER = 27, PPI_SECURE_TIMER = 29, PPI_PHYSICAL_TIMER = 30 };

u64 firmware(u64 number, ...);
