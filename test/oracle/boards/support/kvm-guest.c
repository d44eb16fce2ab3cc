/*
 * A virtual machine under Linux's KVM: one processor, a GICv3 of the kernel's and a few instructions, which take the
 * interrupt of the virtual timer, tell its number through a device of ours, and switch off through PSCI.
 */

#include <fcntl.h>
#include <linux/kvm.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

enum { MEMORY = 0x40000000, MEMORY_BYTES = 0x10000, GUEST_BYTES = 0xc00, DISTRIBUTOR = 0x08000000, REDISTRIBUTOR = 0x080a0000 };

/* Where MEMORY is; the vector table is its second half. */
extern const char guest[];
asm(".pushsection .rodata\n.balign 2048\nguest:\n"
    "adr x0, guest + 2048\n msr vbar_el1, x0\n"
    "mov x19, #0x10000000\n"
    "mov x1, #0x08000000\n mov w2, #2\n str w2, [x1]\n"
    "movz x1, #0x080b, lsl #16\n mov w2, #-1\n str w2, [x1, #0x80]\n"
    "mov w2, #(1 << 27)\n str w2, [x1, #0x100]\n"
    "mov x2, #0xf0\n msr s3_0_c4_c6_0, x2\n mov x2, #1\n msr s3_0_c12_c12_7, x2\n isb\n"
    "mov x2, #10000\n msr cntv_tval_el0, x2\n mov x2, #1\n msr cntv_ctl_el0, x2\n"
    "msr daifclr, #2\n"
    "1: wfi\n b 1b\n"
    ".org guest + 2048 + 0x280\n"
    "mrs x2, s3_0_c12_c12_0\n str w2, [x19]\n"
    "msr cntv_ctl_el0, xzr\n msr s3_0_c12_c12_1, x2\n"
    "movz w0, #0x8400, lsl #16\n movk w0, #8\n hvc #0\n b .\n"
    ".org guest + 0xc00\n.popsection");

static int must(int result, const char *what) {
    if (result < 0) {
        perror(what);
        exit(1);
    }
    return result;
}

#define DO(fd, request, argument) must(ioctl(fd, request, argument), #request)

static void set_gic(int gic, uint32_t group, uint64_t attribute, uint64_t *value) {
    struct kvm_device_attr attr = {.group = group, .attr = attribute, .addr = (uintptr_t)value};
    DO(gic, KVM_SET_DEVICE_ATTR, &attr);
}

int main(void) {
    int kvm = must(open("/dev/kvm", O_RDWR), "/dev/kvm");
    int machine = DO(kvm, KVM_CREATE_VM, 0);
    char *memory = mmap(0, MEMORY_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    memcpy(memory, guest, GUEST_BYTES);
    struct kvm_userspace_memory_region region = {0, 0, MEMORY, MEMORY_BYTES, (uintptr_t)memory};
    DO(machine, KVM_SET_USER_MEMORY_REGION, &region);

    int cpu = DO(machine, KVM_CREATE_VCPU, 0);
    struct kvm_vcpu_init init;
    DO(machine, KVM_ARM_PREFERRED_TARGET, &init);
    init.features[0] |= 1u << KVM_ARM_VCPU_PSCI_0_2;
    DO(cpu, KVM_ARM_VCPU_INIT, &init);
    uint64_t pc = MEMORY;
    uint64_t number = KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE | KVM_REG_ARM_CORE_REG(regs.pc);
    struct kvm_one_reg reg = {number, (uintptr_t)&pc};
    DO(cpu, KVM_SET_ONE_REG, &reg);

    struct kvm_create_device device = {.type = KVM_DEV_TYPE_ARM_VGIC_V3};
    DO(machine, KVM_CREATE_DEVICE, &device);
    uint64_t distributor = DISTRIBUTOR, redistributor = REDISTRIBUTOR;
    set_gic(device.fd, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_DIST, &distributor);
    set_gic(device.fd, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_REDIST, &redistributor);
    set_gic(device.fd, KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT, 0);

    int bytes = DO(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
    struct kvm_run *run = mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, cpu, 0);
    for (;;) {
        DO(cpu, KVM_RUN, 0);
        if (run->exit_reason == KVM_EXIT_SYSTEM_EVENT) break;
        if (run->exit_reason != KVM_EXIT_MMIO) {
            printf("left for reason %u\n", run->exit_reason);
            return 1;
        }
        printf("the guest stored %u to %llx\n", *(uint32_t *)run->mmio.data, run->mmio.phys_addr);
    }
    printf("the guest switched off: event %u\n", run->system_event.type);
    return 0;
}
