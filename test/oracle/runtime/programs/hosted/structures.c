/* Memory and control: malloc and realloc under stress, a red-black tree, big numbers, SHA-256, a small interpreter
   with recursive descent, longjmp, function pointers, structures by value, bit fields and thread-local variables. */
#include <assert.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

static uint32_t seed = 12345;

static uint32_t next_random(void) { return seed = seed * 1664525u + 1013904223u; }

static void allocate(void) {
    enum { SLOTS = 300 };
    static unsigned char *slots[SLOTS];
    static size_t sizes[SLOTS];
    uint64_t sum = 0;
    for (int round = 0; round < 20000; round++) {
        int i = next_random() >> 8 & 255;
        size_t size = next_random() % 10 == 0 ? next_random() % 100000 : next_random() % 200;
        for (size_t j = 0; j < sizes[i]; j += 61) sum = sum * 31 + slots[i][j];
        if (next_random() & 1) {
            slots[i] = realloc(slots[i], size + 1);
            if (size > sizes[i]) memset(slots[i] + sizes[i], i, size - sizes[i]);
            sizes[i] = size;
        } else {
            free(slots[i]);
            slots[i] = NULL;
            sizes[i] = 0;
        }
    }
    size_t left = 0;
    for (int i = 0; i < SLOTS; i++) left += sizes[i], free(slots[i]);
    void *aligned = NULL;
    int failed = posix_memalign(&aligned, 4096, 100);
    printf("%016llx %zu %d %d\n", (unsigned long long)sum, left, failed, (int)((uintptr_t)aligned & 4095));
    free(aligned);
    char *large = malloc(40u << 20);
    for (size_t i = 0; i < 40u << 20; i += 4096) large[i] = (char)i;
    free(large);
}

enum colour { RED, BLACK };

struct node {
    int key;
    enum colour colour;
    struct node *child[2];
};

static struct node *rotate(struct node *n, int side) {
    struct node *up = n->child[!side];
    n->child[!side] = up->child[side];
    up->child[side] = n;
    up->colour = n->colour;
    n->colour = RED;
    return up;
}

static bool is_red(const struct node *n) { return n && n->colour == RED; }

static struct node *insert(struct node *n, int key) {
    if (!n) {
        n = calloc(1, sizeof *n);
        n->key = key;
        return n;
    }
    if (key == n->key) return n;
    int side = key > n->key;
    n->child[side] = insert(n->child[side], key);
    if (is_red(n->child[1]) && !is_red(n->child[0])) n = rotate(n, 0);
    if (is_red(n->child[0]) && is_red(n->child[0]->child[0])) n = rotate(n, 1);
    if (is_red(n->child[0]) && is_red(n->child[1])) {
        n->colour = RED;
        n->child[0]->colour = n->child[1]->colour = BLACK;
    }
    return n;
}

static int height(const struct node *n) {
    if (!n) return 0;
    int left = height(n->child[0]), right = height(n->child[1]);
    return 1 + (left > right ? left : right);
}

static int walk(const struct node *n, int *last) {
    if (!n) return 0;
    int count = walk(n->child[0], last);
    assert(*last < n->key);
    *last = n->key;
    return count + 1 + walk(n->child[1], last);
}

static void tree(void) {
    struct node *root = NULL;
    for (int i = 0; i < 5000; i++) {
        root = insert(root, (int)(next_random() >> 16));
        root->colour = BLACK;
    }
    int last = -1, count = walk(root, &last);
    printf("%d keys, height %d, last %d\n", count, height(root), last);
}

enum { LIMBS = 80 };

struct big {
    uint32_t limb[LIMBS];
    int used;
};

static struct big multiply(struct big a, uint32_t by) {
    uint64_t carry = 0;
    for (int i = 0; i < a.used; i++) {
        carry += (uint64_t)a.limb[i] * by;
        a.limb[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry) a.limb[a.used++] = (uint32_t)carry;
    return a;
}

static void print_big(struct big a) {
    char digits[LIMBS * 10];
    int n = 0;
    while (a.used > 0) {
        uint64_t rest = 0;
        for (int i = a.used - 1; i >= 0; i--) {
            rest = rest << 32 | a.limb[i];
            a.limb[i] = (uint32_t)(rest / 10);
            rest %= 10;
        }
        digits[n++] = (char)('0' + rest);
        while (a.used > 0 && a.limb[a.used - 1] == 0) a.used--;
    }
    while (n) putchar(digits[--n]);
    putchar('\n');
}

static uint32_t turn(uint32_t x, int n) { return x >> n | x << (32 - n); }

/* The constants are the first bits of the fractional parts of roots of primes; integers suffice to find them. */
static uint32_t root_bits(unsigned prime, int cube) {
    unsigned __int128 target = (unsigned __int128)prime << (cube ? 96 : 64);
    uint64_t low = 0, high = 1ull << 40;
    while (low + 1 < high) {
        uint64_t middle = (low + high) / 2;
        unsigned __int128 power = (unsigned __int128)middle * middle;
        bool above = cube ? middle != 0 && power > target / middle : power > target;
        if (above) high = middle;
        else low = middle;
    }
    return (uint32_t)low;
}

static void sha256(const unsigned char *data, size_t length, uint32_t h[8]) {
    static uint32_t k[64];
    unsigned primes[64];
    int found = 0;
    for (unsigned n = 2; found < 64; n++) {
        bool is_prime = true;
        for (unsigned d = 2; d * d <= n; d++) is_prime = is_prime && n % d != 0;
        if (is_prime) primes[found++] = n;
    }
    for (int i = 0; i < 64; i++) k[i] = root_bits(primes[i], 1);
    for (int i = 0; i < 8; i++) h[i] = root_bits(primes[i], 0);
    size_t blocks = (length + 9 + 63) / 64;
    unsigned char *padded = calloc(blocks, 64);
    memcpy(padded, data, length);
    padded[length] = 0x80;
    for (int i = 0; i < 8; i++) padded[blocks * 64 - 1 - i] = (unsigned char)(length * 8 >> 8 * i);
    for (size_t b = 0; b < blocks; b++) {
        uint32_t w[64], v[8];
        for (int i = 0; i < 16; i++) {
            const unsigned char *p = padded + b * 64 + i * 4;
            w[i] = (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
        }
        for (int i = 16; i < 64; i++)
            w[i] = w[i - 16] + w[i - 7] + (turn(w[i - 15], 7) ^ turn(w[i - 15], 18) ^ w[i - 15] >> 3) +
                   (turn(w[i - 2], 17) ^ turn(w[i - 2], 19) ^ w[i - 2] >> 10);
        memcpy(v, h, sizeof v);
        for (int i = 0; i < 64; i++) {
            uint32_t t = v[7] + (turn(v[4], 6) ^ turn(v[4], 11) ^ turn(v[4], 25)) + ((v[4] & v[5]) ^ (~v[4] & v[6])) + k[i] + w[i];
            uint32_t u = (turn(v[0], 2) ^ turn(v[0], 13) ^ turn(v[0], 22)) + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
            memmove(v + 1, v, 7 * sizeof *v);
            v[4] += t;
            v[0] = t + u;
        }
        for (int i = 0; i < 8; i++) h[i] += v[i];
    }
    free(padded);
}

static void print_hash(const char *text, int times) {
    size_t length = strlen(text) * times;
    char *all = malloc(length + 1);
    for (int i = 0; i < times; i++) memcpy(all + i * strlen(text), text, strlen(text));
    uint32_t h[8];
    sha256((unsigned char *)all, length, h);
    for (int i = 0; i < 8; i++) printf("%08x", h[i]);
    printf("\n");
    free(all);
}

/* expression = term {("+" | "-") term}; term = factor {("*" | "/" | "%") factor}; factor = number | "(" expression ")" */
static const char *at;
static jmp_buf on_error;

static long expression(void);

static long factor(void) {
    while (*at == ' ') at++;
    if (*at == '-') return at++, -factor();
    if (*at == '(') {
        at++;
        long value = expression();
        if (*at != ')') longjmp(on_error, 1);
        at++;
        return value;
    }
    if (*at < '0' || *at > '9') longjmp(on_error, 2);
    char *end;
    long value = strtol(at, &end, 10);
    at = end;
    while (*at == ' ') at++;
    return value;
}

static long term(void) {
    long value = factor();
    for (;; ) {
        char op = *at;
        if (op != '*' && op != '/' && op != '%') return value;
        at++;
        long right = factor();
        if (op != '*' && right == 0) longjmp(on_error, 3);
        value = op == '*' ? value * right : op == '/' ? value / right : value % right;
    }
}

static long expression(void) {
    long value = term();
    while (*at == '+' || *at == '-') value = *at++ == '+' ? value + term() : value - term();
    return value;
}

static void calculate(void) {
    static const char *const texts[] = {"1+2*3", "(1+2)*-3 - 4", "100/7%5", "7/(3-3)", "2*(3+", "x", "((((8))))*12345678901"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        at = texts[i];
        int error = setjmp(on_error);
        if (error) printf("%s: error %d at %td\n", texts[i], error, at - texts[i]);
        else printf("%s = %ld\n", texts[i], expression());
    }
}

struct small { char a; short b; };
struct pair { long a, b; };
struct large { int list[20]; };
struct floats { double x, y; float z; };
struct bits { unsigned a : 3; int b : 7; unsigned long c : 40; };

static struct small swap_small(struct small s) { return (struct small){(char)s.b, s.a}; }
static struct pair swap_pair(struct pair p) { return (struct pair){p.b, p.a}; }
static struct large reverse(struct large l) {
    struct large r;
    for (int i = 0; i < 20; i++) r.list[i] = l.list[19 - i];
    return r;
}
static struct floats scale(struct floats f, double by, float also) { return (struct floats){f.x * by, f.y + also, f.z * (float)by}; }
static long many(int a, long b, short c, char d, unsigned e, long f, int g, long h, int i, long j, struct pair k, double l) {
    return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i + 10 * j + 11 * k.a + 12 * k.b + (long)(13 * l);
}

static _Thread_local int per_thread = 5;

static void values(void) {
    struct small s = swap_small((struct small){'a', 98});
    struct pair p = swap_pair((struct pair){1, -2});
    struct large l;
    for (int i = 0; i < 20; i++) l.list[i] = i * i;
    l = reverse(l);
    struct floats f = scale((struct floats){1.5, 2.5, 3.5f}, 2, 0.25f);
    struct bits b = {.a = 9, .b = -5, .c = 1ul << 39};
    printf("%c %d %ld %ld %d %d\n", s.a, s.b, p.a, p.b, l.list[0], l.list[15]);
    printf("%g %g %g %u %d %lx %zu\n", f.x, f.y, (double)f.z, b.a, b.b, (unsigned long)b.c, sizeof b);
    printf("%ld %d %zu\n", many(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, p, 0.5), per_thread += 2, offsetof(struct floats, z));
}

static void done(void) { printf("at exit\n"); }

int main(void) {
    atexit(done);
    allocate();
    tree();
    struct big factorial = {{1}, 1};
    for (uint32_t i = 2; i <= 200; i++) factorial = multiply(factorial, i);
    print_big(factorial);
    print_hash("", 1);
    print_hash("abc", 1);
    print_hash("0123456789", 1000);
    calculate();
    values();
    struct utsname name;
    time_t never = 86400;
    struct tm *day = gmtime(&never);
    printf("%d %s %d-%d-%d\n", uname(&name), name.sysname, day->tm_year, day->tm_mon, day->tm_mday);
    printf("%d %d %ld\n", getpid() > 0, isatty(0), sysconf(_SC_PAGESIZE));
    signal(SIGINT, SIG_IGN);
    fflush(stdout);
    return write(1, "unbuffered\n", 11) == 11 ? 3 : 4;
}
