/*
 * Drives every virtio device that it finds and prints what it sees, the same on every machine.
 *
 * Registers and layouts: VIRTIO 1.2, 2.7, 4.2.2 and 4.2.4 (legacy). It polls, but for one request of each device
 * whose interrupt is taken.
 */

#include "bare-metal.h"

enum { SIZE = 16 };
enum { NEXT = 1, WRITE = 2, INDIRECT = 4 };
enum { READ_ONLY_FEATURE = 1 << 5, INDIRECT_FEATURE = 1 << 28, EVENT_FEATURE = 1 << 29 };
enum { NET = 1, BLOCK = 2, ENTROPY = 4 };

struct descriptor { u64 address; u32 bytes; u16 flags, next; };
struct available { u16 flags, index, ring[SIZE], event; };
struct used_entry { u32 head, bytes; };
struct used { u16 flags, index; struct used_entry ring[SIZE]; u16 event; };

/* Legacy layout: the used ring in the second page. */
struct queue {
    struct descriptor descriptors[SIZE];
    volatile struct available available;
    u8 gap[PAGE - SIZE * sizeof(struct descriptor) - sizeof(struct available)];
    volatile struct used used;
    u8 rest[PAGE - sizeof(struct used)];
};

static struct queue queues[2] __attribute__((aligned(PAGE)));
static struct descriptor table[SIZE] __attribute__((aligned(16)));
static u8 data[4096] __attribute__((aligned(16)));
static u8 header[64] __attribute__((aligned(8))), status[16] __attribute__((aligned(8)));
static volatile u8 *device;
static u32 slot;
static u16 next_head, sent;

static u32 get(u32 offset) { return *(volatile u32 *)(device + offset); }
static void set(u32 offset, u32 value) { *(volatile u32 *)(device + offset) = value; }

static int is_legacy(void) { return get(4) == 1; }

/* The queue's registers, and the queue as new. */
static void place(u32 index) {
    struct queue *q = &queues[index];
    u64 at = (u64)q;
    clear(q, sizeof *q);
    set(0x30, index);
    say("queue size at most", get(0x34));
    set(0x38, SIZE);
    if (is_legacy()) {
        set(0x3c, PAGE);
        set(0x40, at / PAGE);
        say("placed", get(0x40) == at / PAGE);
    } else {
        say("ready before", get(0x44));
        set(0x80, at);
        set(0x84, at >> 32);
        set(0x90, (u64)&q->available);
        set(0x94, (u64)&q->available >> 32);
        set(0xa0, (u64)&q->used);
        set(0xa4, (u64)&q->used >> 32);
        set(0x44, 1);
        say("ready", get(0x44));
    }
}

/* From reset to DRIVER_OK with these features (of the first word), as far as they are offered. */
static void start(u32 features, u32 count) {
    u32 now = 3;
    next_head = sent = 0;
    if (is_legacy()) set(0x28, PAGE);
    set(0x70, 0);
    say("status after reset", get(0x70));
    say("interrupts after reset", get(0x60));
    set(0x70, now);
    set(0x14, 0);
    features &= get(0x10);
    say("features", features);
    set(0x14, 1);
    say("version 1 offered", get(0x10) & 1);
    set(0x24, 0);
    set(0x20, features);
    if (!is_legacy()) {
        set(0x24, 1);
        set(0x20, 1);
        now |= 8;
        set(0x70, now);
    }
    for (u32 i = 0; i < count; i++) place(i);
    set(0x70, now | 4);
    say("status", get(0x70));
}

static void describe(struct descriptor *where, void *at, u32 bytes, u32 flags, u32 next) {
    where->address = (u64)at;
    where->bytes = bytes;
    where->flags = flags;
    where->next = next;
}

/* One more part of the chain that begins at next_head; `rest` parts follow. */
static void part(struct queue *q, void *at, u32 bytes, u32 flags, int rest) {
    u16 i = next_head;
    next_head = (next_head + 1) % SIZE;
    describe(&q->descriptors[i], at, bytes, flags | (rest ? NEXT : 0), next_head);
}

static void publish(u32 index, u16 head) {
    volatile struct available *available = &queues[index].available;
    available->ring[available->index % SIZE] = head;
    barrier();
    available->index++;
    barrier();
}

/* Tells the device, waits for its answer and prints it. */
static void finish(u32 index, const char *what) {
    struct queue *q = &queues[index];
    u16 before = q->used.index;
    set(0x50, index);
    for (u32 tries = 0; q->used.index == before && tries < 100000000; tries++) barrier();
    u32 causes = get(0x60);
    set(0x64, causes);
    struct used_entry entry = *(struct used_entry *)&q->used.ring[before % SIZE];
    text(what);
    text(": head, written, interrupts, used");
    number(entry.head);
    number(entry.bytes);
    number(causes);
    number(q->used.index);
    text("\n");
}

static void request(u32 type, u64 sector) {
    clear(header, sizeof header);
    *(u32 *)header = type;
    *(u64 *)(header + 8) = sector;
    status[0] = 0xee;
}

static void simple(const char *what, u32 type, u64 sector, u32 bytes, u32 flags) {
    u16 head = next_head;
    request(type, sector);
    part(&queues[0], header, 16, 0, 1);
    if (bytes) part(&queues[0], data, bytes, flags, 1);
    part(&queues[0], status, 1, WRITE, 0);
    publish(0, head);
    finish(0, what);
    say("  status", *(volatile u8 *)status);
    say("  checksum", checksum(data, sizeof data));
}

static void block_layouts(void) {
    struct queue *q = &queues[0];
    u16 head = next_head;
    request(0, 2);
    clear(data, sizeof data);
    part(q, header, 3, 0, 7);
    part(q, header + 3, 1, 0, 6);
    part(q, header + 4, 12, 0, 5);
    part(q, data + 700, 500, WRITE, 4);
    part(q, data, 10, WRITE, 3);
    part(q, data + 100, 2, WRITE, 2);
    part(q, data + 300, 1, WRITE, 1);
    part(q, status, 1, WRITE, 0);
    publish(0, head);
    finish(0, "block in eight parts, one byte short");
    head = next_head;
    part(q, header, 16, 0, 2);
    part(q, data + 700, 500, WRITE, 1);
    part(q, data + 200, 13, WRITE, 0);
    publish(0, head);
    finish(0, "status behind data");
    say("  status", data[212]);
    say("  checksum", checksum(data, sizeof data));
}

static void block_indirect(void) {
    u16 head = next_head;
    request(0, 5);
    clear(data, sizeof data);
    describe(&table[0], header, 8, NEXT, 4);
    describe(&table[4], header + 8, 8, NEXT, 2);
    describe(&table[2], data + 1, 511, NEXT | WRITE, 9);
    describe(&table[9], data + 1000, 513, NEXT | WRITE, 1);
    describe(&table[1], status, 1, WRITE, 0);
    part(&queues[0], table, sizeof table, INDIRECT, 0);
    publish(0, head);
    finish(0, "block indirect");
    say("  status", *(volatile u8 *)status);
    say("  checksum", checksum(data, sizeof data));
}

/* Requests one by one; an interrupt is due when the second one is done. QEMU interrupts for the first ever anyway. */
static void block_events(void) {
    simple("block with events, the first", 0, 0, 512, WRITE);
    queues[0].available.event = queues[0].used.index + 1;
    for (int i = 0; i < 3; i++) {
        simple("block with events", 0, i, 512, WRITE);
        say("  notify at", queues[0].used.event);
    }
    queues[0].available.event = queues[0].used.index;
    simple("block with an event at once", 0, 0, 512, WRITE);
}

/* A loop, then signs of life before and after a reset. */
static void block_mistake(void) {
    u16 head = next_head;
    describe(&queues[0].descriptors[head], header, 16, NEXT, head);
    publish(0, head);
    set(0x50, 0);
    say("status after a loop", get(0x70));
    say("used after a loop", queues[0].used.index);
    start(0, 1);
    simple("block after a reset", 0, 0, 512, WRITE);
}

static void silence(void) { set(0x64, get(0x60)); }

/* A chain that is there already: its answer interrupts. */
static void interrupted(u32 index, u16 head) {
    u16 before = queues[index].used.index;
    open_line(INTERRUPT_VIRTIO0 + slot);
    publish(index, head);
    set(0x50, index);
    take_line(INTERRUPT_VIRTIO0 + slot, silence);
    say("used meanwhile", queues[index].used.index != before);
    say("causes left", get(0x60));
}

static void block(void) {
    say("capacity", get(0x100) | (u64)get(0x104) << 32);
    say("block size", get(0x114));
    say("segments", get(0x10c));
    start(1 << 2 | READ_ONLY_FEATURE | 1 << 6 | 1 << 9, 1);
    simple("block read", 0, 0, 1024, WRITE);
    u16 head = next_head;
    request(0, 1);
    part(&queues[0], header, 16, 0, 2);
    part(&queues[0], data, 512, WRITE, 1);
    part(&queues[0], status, 1, WRITE, 0);
    interrupted(0, head);
    for (u32 i = 0; i < sizeof data; i++) data[i] = i * 11;
    simple("block write", 1, 3, 1536, 0);
    clear(data, sizeof data);
    simple("block read back", 0, 2, 4096, WRITE);
    simple("block flush", 4, 0, 0, 0);
    clear(data, sizeof data);
    simple("block name", 8, 0, 20, WRITE);
    simple("block beyond the end", 0, 64, 512, WRITE);
    simple("block over the end", 0, 63, 1024, WRITE);
    simple("block far away", 1, ~0ull, 512, 0);
    simple("block half a sector", 0, 0, 256, WRITE);
    simple("block unknown", 77, 0, 512, WRITE);
    queues[0].available.flags = 1;
    simple("block without interrupt", 0, 0, 512, WRITE);
    queues[0].available.flags = 0;
    block_layouts();
    start(1 << 9 | INDIRECT_FEATURE, 1);
    block_indirect();
    start(1 << 9 | EVENT_FEATURE, 1);
    block_events();
    block_mistake();
}

static void net(void) {
    u32 header_bytes = is_legacy() ? 10 : 12;
    for (u32 i = 0; i < 6; i++) number(device[0x100 + i]);
    text("\n");
    start(1 << 5 | 1 << 16, 2);
    say("link", device[0x106] | device[0x107] << 8);
    clear(header, sizeof header);
    for (u32 i = 0; i < 200; i++) data[i] = i < 6 ? 0xff : i * 5;
    part(&queues[1], header, header_bytes, 0, 1);
    part(&queues[1], data, 60, 0, 0);
    publish(1, 0);
    finish(1, "net frame of 60");
    u16 head = next_head;
    part(&queues[1], header, header_bytes - 1, 0, 3);
    part(&queues[1], header, 1, 0, 2);
    part(&queues[1], data, 14, 0, 1);
    part(&queues[1], data + 14, 186, 0, 0);
    publish(1, head);
    finish(1, "net frame of 200 in pieces");
    head = next_head;
    part(&queues[1], header, header_bytes, 0, 1);
    part(&queues[1], data, 100, 0, 0);
    interrupted(1, head);
}

static void entropy(void) {
    start(0, 1);
    clear(data, sizeof data);
    part(&queues[0], data, 16, WRITE, 1);
    part(&queues[0], data + 32, 16, WRITE, 0);
    publish(0, 0);
    finish(0, "entropy");
    say("  something there", checksum(data, 48) != checksum(data + 64, 48));
    say("  nothing between", checksum(data + 16, 16) == checksum(data + 64, 16));
    u16 head = next_head;
    part(&queues[0], data, 16, WRITE, 0);
    interrupted(0, head);
}

static void narrow(void) {
    say("narrow loads", device[0] | *(volatile u16 *)(device + 4));
    *(volatile u8 *)(device + 0x70) = 1;
    say("after a narrow store", get(0x70));
}

void program(void) {
    for (slot = 0; slot < VIRTIO_SLOTS; slot++) {
        device = (volatile u8 *)(u64)(DEVICE_VIRTIO0 + slot * (DEVICE_VIRTIO1 - DEVICE_VIRTIO0));
        text("slot");
        number(slot);
        number(get(0));
        number(get(4));
        number(get(8));
        number(get(12));
        text("\n");
        u32 id = get(8);
        set(0x70, 1);
        say("status", get(0x70));
        if (id) narrow();
        if (id == BLOCK) block();
        if (id == NET) net();
        if (id == ENTROPY) entropy();
    }
}
