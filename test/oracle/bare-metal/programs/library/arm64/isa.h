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

static inline void barrier(void) { asm volatile("dsb sy\nisb" : : : "memory"); }
static inline void flush_translations(void) {
    if (top_level == 2) asm volatile("dsb ish\ntlbi alle1is\ntlbi alle2is\ndsb ish\nisb" : : : "memory");
    else asm volatile("dsb ish\ntlbi vmalle1is\ndsb ish\nisb" : : : "memory");
}
