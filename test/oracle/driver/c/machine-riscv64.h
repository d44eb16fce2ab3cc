/* What of the harness only RV64 has: system calls, signal frames, loads and stores, marks in registers. */

static word system_call(word n, word a, word b, word c, word d, word e, word f) {
  register word a0 asm("a0") = a;
  register word a1 asm("a1") = b;
  register word a2 asm("a2") = c;
  register word a3 asm("a3") = d;
  register word a4 asm("a4") = e;
  register word a5 asm("a5") = f;
  register word a7 asm("a7") = n;
  asm volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5), "r"(a7) : "memory");
  return a0;
}

/* struct rt_sigframe of Linux: the registers are pc, x1 to x31. */
struct context {
  byte before[176];
  word regs[32];
};

#define PC(context) ((context)->regs[0])
#define GET_SP "mv %0, sp"

static int operands(struct context *context, struct access *to, int reg, int base, long offset) {
  to->reg = reg ? context->regs + reg : 0;
  to->address = context->regs[base] + offset;
  return 1;
}

static int decode(struct context *context, struct access *to) {
  word pc = PC(context);
  u32 low = *(unsigned short *)pc;
  if ((low & 3) == 3) {
    u32 ins = low | (u32) * (unsigned short *)(pc + 2) << 16;
    int kind = ins >> 12 & 7;
    to->size = 4;
    to->store = (ins & 127) == 35;
    if (!to->store && (ins & 127) != 3) return 0;
    to->bytes = 1 << (kind & 3);
    to->is_signed = !(kind & 4);
    long offset = to->store ? ((int)ins >> 25) * 32 + (int)(ins >> 7 & 31) : (int)ins >> 20;
    return operands(context, to, to->store ? ins >> 20 & 31 : ins >> 7 & 31, ins >> 15 & 31, offset);
  }
  /* c.lw, c.ld, c.sw, c.sd */
  int kind = low >> 13;
  if ((low & 3) != 0 || (kind & 3) < 2) return 0;
  to->size = 2;
  to->store = kind >> 2;
  to->bytes = kind & 1 ? 8 : 4;
  to->is_signed = 1;
  long offset = (low >> 10 & 7) << 3;
  offset |= kind & 1 ? (low >> 5 & 3) << 6 : (low >> 6 & 1) << 2 | (low >> 5 & 1) << 6;
  return operands(context, to, 8 + (low >> 2 & 7), 8 + (low >> 7 & 7), offset);
}

word call_marked(void *function, word a, word b, word c, word d);
asm(".pushsection .text\n.globl call_marked\ncall_marked:\n"
    "addi sp, sp, -128\nsd ra, 0(sp)\nsd gp, 104(sp)\nsd tp, 112(sp)\n"
    "sd s0, 8(sp)\nsd s1, 16(sp)\nsd s2, 24(sp)\nsd s3, 32(sp)\nsd s4, 40(sp)\nsd s5, 48(sp)\n"
    "sd s6, 56(sp)\nsd s7, 64(sp)\nsd s8, 72(sp)\nsd s9, 80(sp)\nsd s10, 88(sp)\nsd s11, 96(sp)\n"
    "mv t0, a0\nmv a0, a1\nmv a1, a2\nmv a2, a3\nmv a3, a4\nla t1, marked_sp\nsd sp, 0(t1)\n"
    "li s0, 1000\nli s1, 1001\nli s2, 1002\nli s3, 1003\nli s4, 1004\nli s5, 1005\n"
    "li s6, 1006\nli s7, 1007\nli s8, 1008\nli s9, 1009\nli s10, 1010\nli s11, 1011\n"
    "jalr t0\nli t2, 0\n"
    ".macro mark reg, value\nli t1, \\value\nbeq \\reg, t1, 1f\naddi t2, t2, 1\n1:\n.endm\n"
    "mark s0, 1000\nmark s1, 1001\nmark s2, 1002\nmark s3, 1003\nmark s4, 1004\nmark s5, 1005\n"
    "mark s6, 1006\nmark s7, 1007\nmark s8, 1008\nmark s9, 1009\nmark s10, 1010\nmark s11, 1011\n"
    "la t1, marked_sp\nld t1, 0(t1)\nbeq sp, t1, 2f\naddi t2, t2, 100\n2:mv sp, t1\n"
    "ld t1, 104(sp)\nbeq gp, t1, 3f\naddi t2, t2, 200\n3:mv gp, t1\n"
    "ld t1, 112(sp)\nbeq tp, t1, 4f\naddi t2, t2, 400\n4:mv tp, t1\n"
    "la t1, marks_lost\nld t3, 0(t1)\nadd t2, t2, t3\nsd t2, 0(t1)\n"
    "ld s0, 8(sp)\nld s1, 16(sp)\nld s2, 24(sp)\nld s3, 32(sp)\nld s4, 40(sp)\nld s5, 48(sp)\n"
    "ld s6, 56(sp)\nld s7, 64(sp)\nld s8, 72(sp)\nld s9, 80(sp)\nld s10, 88(sp)\nld s11, 96(sp)\n"
    "ld ra, 0(sp)\naddi sp, sp, 128\nret\n.popsection\n"
    ".pushsection .bss\n.balign 8\nmarked_sp: .skip 8\n.popsection\n");

asm(".pushsection .text\n.globl _start\n_start:\n.option push\n.option norelax\nla gp, __global_pointer$\n"
    ".option pop\nandi sp, sp, -16\ncall run\n.popsection\n");
