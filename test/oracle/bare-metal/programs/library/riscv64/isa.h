/* RISC-V: levels, what a trap tells, and access to CSRs. Included by bare-metal.h. */

enum level { USER = 0, SUPERVISOR = 1, MACHINE = 3 };

/* a7 of the ecall that ends a fragment. */
#define FRAGMENT_END 0xfade

#define CODE(body)                                                                                       \
    ({                                                                                                   \
        const void *at;                                                                                  \
        asm("lla %0, 770f\n.pushsection .fragments, \"ax\"\n.option push\n.option norvc\n.balign 8\n"    \
            "770: " body "\nli a7, 0xfade\necall\n.option pop\n.popsection"                              \
            : "=r"(at));                                                                                 \
        at;                                                                                              \
    })

/* As start.S writes it. */
struct outcome {
    u64 taken_at;
    u64 cause, pc, value, status;
    u64 a0, a1, a7;
};

extern struct outcome outcome;

/* How fragments begin; `fresh` sets all of it to its default. */
struct setting {
    /* mstatus but for MPP. */
    u64 status;
};
extern struct setting setting;

/* Nothing delegated, enabled or translated; all memory open to all levels. */
void fresh(void);

/* True if the fragment came to its end. */
int is_end(const struct outcome *o);

/*
 * An atomic read-modify-write that faults. QEMU 7.2 calls it a load (causes 4, 5, 13); the manual wants a store (6, 7, 15;
 * privileged manual 1.12, 3.1.15). Both are printed as a store.
 */
#define TRY_ATOMIC(level, body, ...) report_atomic(level, body, CODE(body), (struct arguments){{__VA_ARGS__}})

#define read_csr(name)                                                \
    ({                                                                \
        u64 value;                                                    \
        asm volatile("csrr %0, " #name : "=r"(value) : : "memory");   \
        value;                                                        \
    })
#define write_csr(name, value) asm volatile("csrw " #name ", %0" : : "r"((u64)(value)) : "memory")
#define set_csr(name, value) asm volatile("csrs " #name ", %0" : : "r"((u64)(value)) : "memory")
#define clear_csr(name, value) asm volatile("csrc " #name ", %0" : : "r"((u64)(value)) : "memory")

/* Registers of devices. */
static inline u32 load32(u64 address) { return *(volatile u32 *)address; }
static inline void store32(u64 address, u32 value) { *(volatile u32 *)address = value; }
static inline u64 load64(u64 address) { return *(volatile u64 *)address; }
static inline void store64(u64 address, u64 value) { *(volatile u64 *)address = value; }

static inline void barrier(void) { asm volatile("fence iorw, iorw" : : : "memory"); }
static inline void flush_translations(void) { asm volatile("sfence.vma" : : : "memory"); }

enum {
    SIE = 1 << 1, MIE = 1 << 3, SPIE = 1 << 5, MPIE = 1 << 7, SPP = 1 << 8,
    MPP_SHIFT = 11, FS_INITIAL = 1 << 13, FS_CLEAN = 2 << 13, FS_DIRTY = 3 << 13,
    MPRV = 1 << 17, SUM = 1 << 18, MXR = 1 << 19, TVM = 1 << 20, TW = 1 << 21, TSR = 1 << 22,
};
/* Of mie and mip. */
enum { SSI = 1 << 1, MSI = 1 << 3, STI = 1 << 5, MTI = 1 << 7, SEI = 1 << 9, MEI = 1 << 11 };
/* Of menvcfg: stimecmp drives STI. */
#define STCE (1ull << 63)

/* CLINT: one word for each hart's software interrupt, one doubleword for its timer, and the time. */
#define CLINT_SOFTWARE(hart) (DEVICE_CLINT + 4 * (hart))
#define CLINT_COMPARE(hart) (DEVICE_CLINT + 0x4000 + 8 * (hart))
#define CLINT_TIME (DEVICE_CLINT + 0xbff8)
enum { TICKS_PER_MILLISECOND = 10000 };

#define INTERRUPT (1ull << 63)
