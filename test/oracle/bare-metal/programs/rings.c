/*
 * The rings of a virtio queue at their limits: one entry, as many as can be, indices that wrap around at 65536, tables and
 * buffers at odd places. The disk's name (type 8) is asked for, since that is always the same. Modern devices only.
 * VIRTIO 1.2: 2.7 (split queues), 4.2.2 (registers), 5.2.6 (requests of a disk).
 */

#include "bare-metal.h"

enum { MAX_SIZE = 1024, BLOCK = 2, NAME = 8, NAME_BYTES = 20 };
enum { NEXT = 1, WRITE = 2, INDIRECT = 4 };
enum { INDIRECT_FEATURE = 1 << 28 };

struct descriptor { u64 address; u32 bytes; u16 flags, next; };

/* Room for tables and rings of any size at any place in it. */
static u8 room[3][MAX_SIZE * 16 + 2 * PAGE] __attribute__((aligned(PAGE)));
static u8 buffers[4 * PAGE] __attribute__((aligned(PAGE)));

static volatile u8 *device;
static struct descriptor *descriptors;
static volatile u16 *available, *used;
static u32 size;

/* Where a request's parts are. */
static u8 *header, *name, *status;

static u32 get(u32 offset) { return *(volatile u32 *)(device + offset); }
static void set(u32 offset, u32 value) { *(volatile u32 *)(device + offset) = value; }

/* A fresh device with one queue of that size, its parts that many bytes into their rooms. */
static void start(u32 count, u32 table_at, u32 available_at, u32 used_at) {
    size = count;
    clear(room, sizeof room);
    descriptors = (struct descriptor *)(room[0] + table_at);
    available = (volatile u16 *)(room[1] + available_at);
    used = (volatile u16 *)(room[2] + used_at);
    set(0x70, 0);
    set(0x70, 3);
    set(0x24, 0);
    set(0x20, INDIRECT_FEATURE);
    set(0x24, 1);
    set(0x20, 1);
    set(0x70, 0xb);
    set(0x30, 0);
    set(0x38, count);
    set(0x80, (u64)descriptors);
    set(0x84, (u64)descriptors >> 32);
    set(0x90, (u64)available);
    set(0x94, (u64)available >> 32);
    set(0xa0, (u64)used);
    set(0xa4, (u64)used >> 32);
    set(0x44, 1);
    set(0x70, 0xf);
    say("status", get(0x70));
}

static void describe(struct descriptor *where, void *at, u32 bytes, u32 flags, u32 next) {
    where->address = (u64)at;
    where->bytes = bytes;
    where->flags = flags;
    where->next = next;
}

/* A request for the name, its three parts at these numbers of `table`. */
static void ask(struct descriptor *table, u32 first, u32 second, u32 third) {
    for (u32 i = 0; i < 16; i++) header[i] = i ? 0 : NAME;
    for (u32 i = 0; i < NAME_BYTES; i++) name[i] = 0;
    *status = 0xee;
    describe(&table[first], header, 16, NEXT, second);
    describe(&table[second], name, NAME_BYTES, NEXT | WRITE, third);
    describe(&table[third], status, 1, WRITE, 0);
}

/* Makes `count` more entries of the ring, which are all there already, the device's; waits until it is done with them. */
static void give(u32 count) {
    u16 until = used[1] + count;
    barrier();
    available[1] += count;
    barrier();
    set(0x50, 0);
    for (u32 tries = 0; used[1] != until && tries < 100000000; tries++) barrier();
    set(0x64, get(0x60));
}

/* The last entry of the used ring, and what the request left. */
static void tell(const char *what) {
    volatile u32 *entry = (volatile u32 *)(used + 2) + 2 * ((u16)(used[1] - 1) % size);
    text(what);
    text(": used, head, written, status, name");
    number(used[1]);
    number(entry[0]);
    number(entry[1]);
    number(*(volatile u8 *)status);
    number(checksum(name, NAME_BYTES));
    text("\n");
}

static void one_entry(void) {
    struct descriptor *table = (struct descriptor *)(buffers + 2 * PAGE - 32);
    heading("a queue of one entry, whose table is elsewhere and crosses a page");
    start(1, 0, 0, 0);
    describe(descriptors, table, 48, INDIRECT, 0);
    for (int i = 0; i < 3; i++) {
        ask(table, 0, 1, 2);
        give(1);
        tell("asked");
    }
}

static void most_entries(void) {
    heading("as many entries as can be");
    start(get(0x34), 0, 0, 0);
    ask(descriptors, size - 1, 0, size / 2);
    for (u32 i = 0; i < size; i++) available[2 + i] = size - 1;
    give(1);
    tell("asked once");
    give(size - 1);
    tell("asked as often as there is room");
    give(1);
    tell("and again");
}

static void wrap_around(void) {
    heading("indices wrap around");
    start(256, 0, 0, 0);
    ask(descriptors, 7, 8, 9);
    for (u32 i = 0; i < size; i++) available[2 + i] = 7;
    for (u32 i = 0; i < 0x10000 / 256 - 1; i++) give(256);
    tell("before");
    give(255);
    tell("at the end");
    ask(descriptors, 7, 8, 9);
    give(3);
    tell("behind it");
    give(254);
    tell("once more around the ring");
}

static void odd_places(void) {
    heading("tables and buffers at odd places");
    /* The table crosses a page between two entries, the rings within one. */
    static const u32 shifts[][3] = {{16, 2, 4}, {PAGE - 16, PAGE - 6, PAGE - 4}, {PAGE - 32, PAGE - 2, PAGE - 12}};
    for (int i = 0; i < 3; i++) {
        start(8, shifts[i][0], shifts[i][1], shifts[i][2]);
        header = buffers + PAGE - 1 - i;
        name = buffers + 2 * PAGE - 7 - i;
        status = buffers + 3 * PAGE - 1 + i;
        ask(descriptors, 0, 1, 2);
        for (u32 j = 0; j < size; j++) available[2 + j] = 0;
        give(1);
        tell("asked");
        give(8);
        tell("around the ring");
    }
    header = buffers;
    name = buffers + 64;
    status = buffers + 128;
}

static void sizes(void) {
    heading("sizes");
    header = buffers;
    name = buffers + 64;
    status = buffers + 128;
    for (u32 count = 4; count <= 512; count *= 2) {
        start(count, 0, 0, 0);
        ask(descriptors, 1, 3, 2);
        for (u32 i = 0; i < size; i++) available[2 + i] = 1;
        give(1);
        give(count);
        tell("asked");
    }
}

void program(void) {
    for (u32 slot = 0; slot < VIRTIO_SLOTS; slot++) {
        device = (volatile u8 *)(u64)(DEVICE_VIRTIO0 + slot * (DEVICE_VIRTIO1 - DEVICE_VIRTIO0));
        if (get(8) == BLOCK) break;
    }
    sizes();
    one_entry();
    most_entries();
    wrap_around();
    odd_places();
}
