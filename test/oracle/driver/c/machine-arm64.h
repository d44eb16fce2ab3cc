/* What of the harness only Arm64 has: system calls, signal frames, loads and stores, marks in registers. */

static word system_call(word n, word a, word b, word c, word d, word e, word f) {
  register word x0 asm("x0") = a;
  register word x1 asm("x1") = b;
  register word x2 asm("x2") = c;
  register word x3 asm("x3") = d;
  register word x4 asm("x4") = e;
  register word x5 asm("x5") = f;
  register word x8 asm("x8") = n;
  asm volatile("svc #0" : "+r"(x0) : "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5), "r"(x8) : "memory");
  return x0;
}

/* struct rt_sigframe of Linux: behind the fault's address the registers x0 to x30, sp, pc. */
struct context {
  byte before[184];
  word regs[33];
};

#define PC(context) ((context)->regs[32])
#define GET_SP "mov %0, sp"

/* The register that an index of a load or store names, extended and shifted as its option says. */
static word index_of(word value, int option, int shift) {
  if (option == 2) value = (u32)value;
  if (option == 6) value = (word)(long)(int)value;
  return value << shift;
}

static int decode(struct context *context, struct access *to) {
  word *regs = context->regs;
  u32 ins = *(u32 *)PC(context);
  int scale = ins >> 30, opc = ins >> 22 & 3, mode = ins >> 10 & 3, is_register = ins >> 21 & 1;
  int reg = ins & 31, base = ins >> 5 & 31;
  long near = (int)(ins << 11) >> 23;
  if ((ins >> 24 & 0x3a) != 0x38 || (opc == 2 && scale == 3)) return 0;
  to->size = 4;
  to->bytes = 1 << scale;
  to->store = opc == 0;
  to->is_signed = opc == 2;
  to->reg = reg == 31 ? 0 : regs + reg;
  to->address = regs[base];
  if (ins >> 24 & 1) to->address += (word)(ins >> 10 & 4095) << scale;
  else if (is_register) {
    int index = ins >> 16 & 31;
    to->address += index_of(index == 31 ? 0 : regs[index], ins >> 13 & 7, ins >> 12 & 1 ? scale : 0);
  } else {
    if (mode != 1) to->address += near;
    if (mode & 1) regs[base] += near;
  }
  return opc != 3;
}

word call_marked(void *function, word a, word b, word c, word d);
asm(".pushsection .text\n.globl call_marked\ncall_marked:\n"
    "sub sp, sp, #128\nstr x30, [sp]\nstr x18, [sp, #8]\n"
    "str x19, [sp, #16]\nstr x20, [sp, #24]\nstr x21, [sp, #32]\nstr x22, [sp, #40]\n"
    "str x23, [sp, #48]\nstr x24, [sp, #56]\nstr x25, [sp, #64]\nstr x26, [sp, #72]\n"
    "str x27, [sp, #80]\nstr x28, [sp, #88]\nstr x29, [sp, #96]\n"
    "mov x9, x0\nmov x0, x1\nmov x1, x2\nmov x2, x3\nmov x3, x4\n"
    "adrp x10, marked_sp\nadd x10, x10, :lo12:marked_sp\nmov x11, sp\nstr x11, [x10]\n"
    "mov x19, #1000\nmov x20, #1001\nmov x21, #1002\nmov x22, #1003\n"
    "mov x23, #1004\nmov x24, #1005\nmov x25, #1006\nmov x26, #1007\n"
    "mov x27, #1008\nmov x28, #1009\nmov x29, #1010\n"
    "blr x9\nmov x12, #0\n"
    ".macro mark reg, value\ncmp \\reg, #\\value\ncinc x12, x12, ne\n.endm\n"
    "mark x19, 1000\nmark x20, 1001\nmark x21, 1002\nmark x22, 1003\n"
    "mark x23, 1004\nmark x24, 1005\nmark x25, 1006\nmark x26, 1007\n"
    "mark x27, 1008\nmark x28, 1009\nmark x29, 1010\n"
    "adrp x10, marked_sp\nadd x10, x10, :lo12:marked_sp\nldr x10, [x10]\nmov x11, sp\n"
    "cmp x11, x10\nb.eq 1f\nadd x12, x12, #100\n1:mov sp, x10\n"
    "ldr x10, [sp, #8]\ncmp x18, x10\nb.eq 2f\nadd x12, x12, #200\n2:mov x18, x10\n"
    "adrp x10, marks_lost\nadd x10, x10, :lo12:marks_lost\nldr x11, [x10]\nadd x11, x11, x12\nstr x11, [x10]\n"
    "ldr x19, [sp, #16]\nldr x20, [sp, #24]\nldr x21, [sp, #32]\nldr x22, [sp, #40]\n"
    "ldr x23, [sp, #48]\nldr x24, [sp, #56]\nldr x25, [sp, #64]\nldr x26, [sp, #72]\n"
    "ldr x27, [sp, #80]\nldr x28, [sp, #88]\nldr x29, [sp, #96]\n"
    "ldr x30, [sp]\nadd sp, sp, #128\nret\n.popsection\n"
    ".pushsection .bss\n.balign 8\nmarked_sp: .skip 8\n.popsection\n");

asm(".pushsection .text\n.globl _start\n_start:\nbl run\n.popsection\n");
