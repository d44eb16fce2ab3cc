/* Ordinary code of many kinds: sorting, 64-bit arithmetic, recursion, text, SHA-256, a heap, function pointers,
 * bit fields, switch tables, system calls. Prints what it finds; the same under every correct machine. */
#include "runtime.h"

/* --- pseudo-random numbers --- */
static u64 seed = 0x9e3779b97f4a7c15ul;
static u64 next_random(void) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

/* --- sorting: quick, merge, heap; all must agree --- */
#define COUNT 700
static i64 numbers[3][COUNT], spare[COUNT];

static void quick_sort(i64 *a, i64 low, i64 high) {
    if (low >= high) return;
    i64 pivot = a[(low + high) / 2], i = low, j = high;
    while (i <= j) {
        while (a[i] < pivot) i++;
        while (a[j] > pivot) j--;
        if (i <= j) {
            i64 t = a[i];
            a[i++] = a[j];
            a[j--] = t;
        }
    }
    quick_sort(a, low, j);
    quick_sort(a, i, high);
}

static void merge_sort(i64 *a, i64 n) {
    if (n < 2) return;
    i64 half = n / 2, i = 0, j = half, k = 0;
    merge_sort(a, half);
    merge_sort(a + half, n - half);
    while (i < half && j < n) spare[k++] = a[i] <= a[j] ? a[i++] : a[j++];
    while (i < half) spare[k++] = a[i++];
    while (j < n) spare[k++] = a[j++];
    memcpy(a, spare, n * sizeof *a);
}

static void sift_down(i64 *a, i64 root, i64 n) {
    for (;;) {
        i64 child = 2 * root + 1;
        if (child >= n) return;
        if (child + 1 < n && a[child + 1] > a[child]) child++;
        if (a[root] >= a[child]) return;
        i64 t = a[root];
        a[root] = a[child];
        a[child] = t;
        root = child;
    }
}

static void heap_sort(i64 *a, i64 n) {
    for (i64 i = n / 2; i-- > 0;) sift_down(a, i, n);
    for (i64 end = n - 1; end > 0; end--) {
        i64 t = a[0];
        a[0] = a[end];
        a[end] = t;
        sift_down(a, 0, end);
    }
}

static void test_sorting(void) {
    for (int i = 0; i < COUNT; i++) numbers[0][i] = numbers[1][i] = numbers[2][i] = (i64)next_random() >> (i % 40);
    quick_sort(numbers[0], 0, COUNT - 1);
    merge_sort(numbers[1], COUNT);
    heap_sort(numbers[2], COUNT);
    i64 ordered = 1, sum = 0;
    for (int i = 0; i < COUNT; i++) {
        if (i && numbers[0][i - 1] > numbers[0][i]) ordered = 0;
        sum = sum * 31 + numbers[0][i];
    }
    i64 same = !memcmp(numbers[0], numbers[1], sizeof numbers[0]) && !memcmp(numbers[0], numbers[2], sizeof numbers[0]);
    print("sorting: ordered %d, same %d, sum %x\n", ordered, same, sum);
}

/* --- arithmetic at the edges --- */
static void test_arithmetic(void) {
    static const i64 values[] = {0, 1, -1, 2, -2, 7, 255, -128, 0x7fffffff, -0x80000000l, 0x100000000l,
        0x7fffffffffffffffl, -0x7fffffffffffffffl - 1, 0x123456789abcdefl};
    const int n = sizeof values / sizeof values[0];
    u64 sum = 0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            volatile i64 a = values[i], b = values[j];
            sum = sum * 1000003 + (u64)a * (u64)b;
            sum = sum * 1000003 + (u64)(((__int128)a * b) >> 64);
            sum = sum * 1000003 + (u64)(((unsigned __int128)(u64)a * (u64)b) >> 64);
            if (b != 0) {
                sum = sum * 1000003 + (u64)a / (u64)b + (u64)a % (u64)b;
                if (!(b == -1 && a == values[12])) sum = sum * 1000003 + (a / b) * 3 + a % b;
                if ((i32)b != 0 && !((i32)b == -1)) sum = sum * 1000003 + (i32)a / (i32)b * 3 + (i32)a % (i32)b;
                if ((u32)b != 0) sum = sum * 1000003 + (u32)a / (u32)b + (u32)a % (u32)b;
            }
            sum = sum * 1000003 + (a < b) + 2 * (a <= b) + 4 * ((u64)a < (u64)b) + 8 * (a == b);
            sum = sum * 1000003 + (a << (b & 63)) + (a >> (b & 63)) + ((u64)a >> (b & 63));
            sum = sum * 1000003 + ((i32)a << (b & 31)) + ((i32)a >> (b & 31)) + ((u32)a >> (b & 31));
            sum = sum * 1000003 + (i8)a + (i16)b + (u8)b + (u16)a + (i32)(a + b) + (u32)(a - b);
        }
    print("arithmetic: %x\n", sum);
}

/* --- SHA-256 --- */
static const u32 sha_k[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static u32 rotate(u32 x, int n) { return x >> n | x << (32 - n); }

static void sha_block(u32 *h, const u8 *p) {
    u32 w[64], v[8];
    for (int i = 0; i < 16; i++) w[i] = (u32)p[4 * i] << 24 | p[4 * i + 1] << 16 | p[4 * i + 2] << 8 | p[4 * i + 3];
    for (int i = 16; i < 64; i++) {
        u32 a = w[i - 15], b = w[i - 2];
        w[i] = w[i - 16] + (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) + w[i - 7] + (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
    }
    for (int i = 0; i < 8; i++) v[i] = h[i];
    for (int i = 0; i < 64; i++) {
        u32 s1 = rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25);
        u32 t1 = v[7] + s1 + ((v[4] & v[5]) ^ (~v[4] & v[6])) + sha_k[i] + w[i];
        u32 s0 = rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22);
        u32 t2 = s0 + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
        for (int j = 7; j > 0; j--) v[j] = v[j - 1];
        v[4] += t1;
        v[0] = t1 + t2;
    }
    for (int i = 0; i < 8; i++) h[i] += v[i];
}

static void sha256(const u8 *data, u64 n, u32 *h) {
    static const u32 start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    u8 tail[128];
    memcpy(h, start, sizeof start);
    u64 whole = n / 64 * 64, rest = n - whole, size = rest < 56 ? 64 : 128;
    for (u64 i = 0; i < whole; i += 64) sha_block(h, data + i);
    memset(tail, 0, sizeof tail);
    memcpy(tail, data + whole, rest);
    tail[rest] = 0x80;
    for (int i = 0; i < 8; i++) tail[size - 1 - i] = (u8)(n * 8 >> 8 * i);
    for (u64 i = 0; i < size; i += 64) sha_block(h, tail + i);
}

static void test_sha(void) {
    static u8 data[20000];
    static const u64 sizes[] = {0, 3, 55, 56, 63, 64, 1000, 20000};
    for (u64 i = 0; i < sizeof data; i++) data[i] = (u8)(i * 7 + (i >> 8));
    data[0] = 'a', data[1] = 'b', data[2] = 'c';
    for (u64 i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        u32 h[8];
        sha256(data, sizes[i], h);
        print("sha256 of %5u bytes: ", sizes[i]);
        for (int j = 0; j < 8; j++) print("%08x", (u64)h[j]);
        print("\n");
    }
}

/* --- a heap on brk, a search tree in it, recursion --- */
static u8 *heap_end, *heap_at;
static void *allocate(u64 n) {
    n = (n + 15) & ~15ul;
    if (!heap_at) heap_at = heap_end = (u8 *)system_call(214, 0, 0, 0);
    if (heap_at + n > heap_end) heap_end = (u8 *)system_call(214, (i64)(heap_end + 65536), 0, 0);
    void *p = heap_at;
    heap_at += n;
    return p;
}

struct node {
    struct node *left, *right;
    u64 key;
    u32 count : 20, depth : 12;
};

static struct node *insert(struct node *n, u64 key, u32 depth) {
    if (!n) {
        n = allocate(sizeof *n);
        n->left = n->right = 0;
        n->key = key, n->count = 1, n->depth = depth;
    } else if (key < n->key) n->left = insert(n->left, key, depth + 1);
    else if (key > n->key) n->right = insert(n->right, key, depth + 1);
    else n->count++;
    return n;
}

static void walk(const struct node *n, u64 *sum, u64 *deepest) {
    if (!n) return;
    walk(n->left, sum, deepest);
    *sum = *sum * 17 + n->key * n->count;
    if (n->depth > *deepest) *deepest = n->depth;
    walk(n->right, sum, deepest);
}

static void test_tree(void) {
    struct node *root = 0;
    u64 sum = 0, deepest = 0;
    for (int i = 0; i < 3000; i++) root = insert(root, next_random() % 2000, 0);
    walk(root, &sum, &deepest);
    print("tree: sum %x, deepest %u\n", sum, deepest);
}

static u64 ackermann(u64 m, u64 n) {
    return m == 0 ? n + 1 : n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1));
}

/* --- function pointers, a switch, a small stack machine --- */
static i64 op_add(i64 a, i64 b) { return a + b; }
static i64 op_sub(i64 a, i64 b) { return a - b; }
static i64 op_mul(i64 a, i64 b) { return a * b; }
static i64 op_mix(i64 a, i64 b) { return (a ^ b) + (a & b); }

static i64 evaluate(const char *p) {
    static i64 (*const operations[4])(i64, i64) = {op_add, op_sub, op_mul, op_mix};
    i64 stack[32];
    int top = 0;
    for (; *p; p++)
        switch (*p) {
        case '0': case '1': case '2': case '3': case '4':
        case '5': case '6': case '7': case '8': case '9': stack[top++] = *p - '0'; break;
        case '+': top--; stack[top - 1] = operations[0](stack[top - 1], stack[top]); break;
        case '-': top--; stack[top - 1] = operations[1](stack[top - 1], stack[top]); break;
        case '*': top--; stack[top - 1] = operations[2](stack[top - 1], stack[top]); break;
        case '#': top--; stack[top - 1] = operations[3](stack[top - 1], stack[top]); break;
        case '!': stack[top - 1] = -stack[top - 1]; break;
        case '~': stack[top - 1] = ~stack[top - 1]; break;
        case 'd': stack[top] = stack[top - 1]; top++; break;
        case 's': { i64 t = stack[top - 1]; stack[top - 1] = stack[top - 2]; stack[top - 2] = t; break; }
        case '@': stack[top - 1] = (i64)ackermann(2, stack[top - 1] & 7); break;
        default: break;
        }
    return stack[0];
}

/* --- accesses of every size at every alignment --- */
static void test_alignment(void) {
    static u8 area[8192 + 64] __attribute__((aligned(4096)));
    u64 sum = 0;
    for (u64 at = 4096 - 9; at < 4096 + 9; at++) {
        *(volatile u64 *)(area + at) = 0x0123456789abcdeful * (at + 1);
        *(volatile u32 *)(area + at + 3) ^= (u32)at * 77777;
        *(volatile u16 *)(area + at + 5) += (u16)at;
        sum = sum * 31 + *(volatile u64 *)(area + at - 2) + *(volatile i32 *)(area + at + 1) + *(volatile i16 *)(area + at);
    }
    print("alignment: %x\n", sum);
}

/* --- atomics --- */
static void test_atomics(void) {
    static u64 wide = 5;
    static u32 narrow = 0x80000001u;
    u64 sum = 0;
    for (int i = 0; i < 100; i++) {
        sum += __atomic_fetch_add(&wide, i * 3, __ATOMIC_ACQ_REL);
        sum ^= __atomic_exchange_n(&narrow, (u32)sum, __ATOMIC_SEQ_CST);
        sum += __atomic_fetch_or(&wide, 1ul << (i % 60), __ATOMIC_RELAXED) + __atomic_fetch_and(&narrow, ~(u32)i, __ATOMIC_ACQUIRE);
        u64 expected = wide;
        sum += __atomic_compare_exchange_n(&wide, &expected, expected ^ 0xff, 0, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
        u32 wrong = narrow + 1;
        sum += __atomic_compare_exchange_n(&narrow, &wrong, 7, 0, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED) ? 1000 : 1;
        sum = sum * 31 + __atomic_fetch_xor(&narrow, (u32)sum, __ATOMIC_RELEASE);
    }
    print("atomics: %x %x %x\n", sum, wide, (u64)narrow);
}

int main(int argc, char **argv) {
    print("arguments: %d", (i64)argc);
    for (int i = 1; i < argc; i++) print(" [%s]=%u", argv[i], text_length(argv[i]));
    print("\n");
    test_arithmetic();
    test_sorting();
    test_sha();
    test_tree();
    print("ackermann: %u\n", ackermann(2, 60));
    print("stack machine: %d %d %d\n", evaluate("12+3*4-d*"), evaluate("99*d*8#~!7s-"), evaluate("5@3*d*9#"));
    test_alignment();
    test_atomics();
    char line[64];
    i64 n, total = 0;
    while ((n = system_call(63, 0, (i64)line, sizeof line)) > 0)
        for (i64 i = 0; i < n; i++) total = total * 131 + line[i];
    print("input: %x\n", total);
    return 42;
}
