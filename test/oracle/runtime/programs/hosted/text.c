/* Strings, formatted output and input: words of standard input in a hash table, printf's formats, string functions,
   searching, tokens and conversions of numbers. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct word {
    char *text;
    unsigned count;
    unsigned first_line;
    struct word *next;
};

struct table {
    struct word **slots;
    size_t size;
    size_t used;
};

static unsigned long hash_of(const char *text) {
    unsigned long h = 1469598103934665603ul;
    for (; *text; text++) h = (h ^ (unsigned char)*text) * 1099511628211ul;
    return h;
}

static void table_grow(struct table *t) {
    size_t size = t->size ? 2 * t->size : 4;
    struct word **slots = calloc(size, sizeof *slots);
    for (size_t i = 0; i < t->size; i++) {
        for (struct word *w = t->slots[i], *next; w; w = next) {
            next = w->next;
            size_t place = hash_of(w->text) % size;
            w->next = slots[place];
            slots[place] = w;
        }
    }
    free(t->slots);
    t->slots = slots;
    t->size = size;
}

static struct word *table_find(struct table *t, const char *text, unsigned line) {
    if (t->used >= t->size) table_grow(t);
    size_t place = hash_of(text) % t->size;
    for (struct word *w = t->slots[place]; w; w = w->next)
        if (strcmp(w->text, text) == 0) return w;
    struct word *w = malloc(sizeof *w);
    *w = (struct word){.text = strdup(text), .first_line = line, .next = t->slots[place]};
    t->slots[place] = w;
    t->used++;
    return w;
}

static int by_count(const void *a, const void *b) {
    const struct word *x = *(struct word *const *)a, *y = *(struct word *const *)b;
    if (x->count != y->count) return x->count < y->count ? 1 : -1;
    return strcmp(x->text, y->text);
}

static void count_words(void) {
    struct table t = {0};
    char *line = NULL;
    size_t capacity = 0;
    unsigned number = 0, words = 0;
    ssize_t length;
    while ((length = getline(&line, &capacity, stdin)) >= 0) {
        number++;
        for (char *save, *token = strtok_r(line, " \t\n,.;:!?\"()", &save); token;
             token = strtok_r(NULL, " \t\n,.;:!?\"()", &save)) {
            for (char *c = token; *c; c++) *c = (char)tolower((unsigned char)*c);
            table_find(&t, token, number)->count++;
            words++;
        }
    }
    free(line);
    struct word **all = malloc(t.used * sizeof *all);
    size_t n = 0;
    for (size_t i = 0; i < t.size; i++)
        for (struct word *w = t.slots[i]; w; w = w->next) all[n++] = w;
    qsort(all, n, sizeof *all, by_count);
    printf("%u lines, %u words, %zu different, %zu slots\n", number, words, n, t.size);
    for (size_t i = 0; i < n; i++) printf("%-12s|%4u|%3u\n", all[i]->text, all[i]->count, all[i]->first_line);
    for (size_t i = 0; i < n; i++) {
        free(all[i]->text);
        free(all[i]);
    }
    free(all);
    free(t.slots);
}

static void formats(void) {
    printf("[%d][%5d][%-5d][%05d][%+d][% d][%.3d]\n", 42, 42, 42, 42, 42, 42, 42);
    printf("[%u][%o][%#o][%x][%#X][%hhd][%hd]\n", UINT_MAX, 511u, 511u, 48879u, 48879u, 300, 70000);
    printf("[%ld][%lu][%lld][%zu][%jd][%td]\n", LONG_MIN, ULONG_MAX, LLONG_MAX, (size_t)-1, INTMAX_MIN, (ptrdiff_t)-7);
    printf("[%" PRIx64 "][%" PRIu32 "][%c][%5c][%-3c]\n", UINT64_MAX, UINT32_MAX, 'x', 'y', 'z');
    printf("[%s][%10s][%-10s][%.2s][%*.*s][%%]\n", "text", "text", "text", "text", 8, 3, "abcdef");
    printf("[%p][%n]", (void *)0x1234, &(int){0});
    printf("[%2$s %1$s]\n", "one", "two");
    char buffer[32];
    int needed = snprintf(buffer, sizeof buffer, "%s-%0*d", "a long text that does not fit", 9, 77);
    printf("%d [%s]\n", needed, buffer);
    int a, b;
    char word[16];
    unsigned hex;
    int found = sscanf(" 12 -34 word:beef rest", "%d %d %[a-z]:%x", &a, &b, word, &hex);
    printf("%d fields: %d %d %s %x\n", found, a, b, word, hex);
    fputs("fputs, ", stdout);
    putchar('p');
    puts("uts");
    fprintf(stderr, "to standard error\n");
}

static void numbers(void) {
    static const char *const texts[] = {"0", "-1", "0x7fff", "0777", "99999999999999999999", "  +12abc", "z", "-0x8000000000000000"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char *end;
        errno = 0;
        long value = strtol(texts[i], &end, 0);
        printf("strtol(\"%s\") = %ld, rest \"%s\", errno %d\n", texts[i], value, end, errno);
        errno = 0;
        unsigned long positive = strtoul(texts[i], &end, 36);
        printf("strtoul = %lu, rest \"%s\", errno %d\n", positive, end, errno);
    }
    printf("%d %ld %lld\n", atoi("-123"), atol("456789"), atoll("-98765432109876"));
}

static void strings(void) {
    char a[64] = "the quick brown fox", b[64];
    printf("%zu %s %s %td\n", strlen(a), strchr(a, 'q'), strrchr(a, 'o'), strstr(a, "brown") - a);
    printf("%zu %zu %s\n", strspn(a, "eht "), strcspn(a, "xyz"), strpbrk(a, "kxb"));
    strncpy(b, a, 9);
    b[9] = 0;
    strcat(b, "|");
    strncat(b, a + 4, 5);
    printf("%s %d %d %d\n", b, strcmp(a, b) > 0, strncmp(a, b, 9), strcasecmp("HeLLo", "hEllO"));
    memmove(a + 4, a, 10);
    printf("%s\n", a);
    memset(b, '-', 20);
    b[20] = 0;
    printf("%s %d %p\n", b, memcmp("abcd", "abce", 4) < 0, memchr("abc", 'z', 3));
    for (int align = 0; align < 9; align++) {
        char area[96], copy[96];
        for (int i = 0; i < 96; i++) area[i] = (char)(i * 7 + align);
        memcpy(copy, area + align, 80);
        unsigned sum = 0;
        for (int i = 0; i < 80; i++) sum = sum * 31 + (unsigned char)copy[i];
        area[align + 40] = 0;
        printf("%08x %zu%c", sum, strnlen(area + align + 41, 40), align % 3 == 2 ? '\n' : ' ');
    }
    unsigned classes[8] = {0};
    for (int c = 0; c < 256; c++) {
        classes[0] += isalpha(c) != 0;
        classes[1] += isdigit(c) != 0;
        classes[2] += isspace(c) != 0;
        classes[3] += ispunct(c) != 0;
        classes[4] += isxdigit(c) != 0;
        classes[5] += iscntrl(c) != 0;
        classes[6] += isupper(c) != 0;
        classes[7] += isgraph(c) != 0;
    }
    for (int i = 0; i < 8; i++) printf("%u ", classes[i]);
    printf("\n");
}

static int sum_of(int count, ...) {
    va_list args;
    va_start(args, count);
    int sum = 0;
    while (count--) sum = 3 * sum + va_arg(args, int);
    va_end(args);
    return sum;
}

static int compare_ints(const void *a, const void *b) {
    int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv) {
    printf("%d arguments:", argc - 1);
    for (int i = 1; i < argc; i++) printf(" <%s>", argv[i]);
    printf(" %s\n", getenv("NO_SUCH_NAME") ? "set" : "not set");
    count_words();
    formats();
    numbers();
    strings();
    int list[200], key = 1234;
    for (int i = 0; i < 200; i++) list[i] = (i * 7919) % 4001;
    list[100] = key;
    qsort(list, 200, sizeof *list, compare_ints);
    int *found = bsearch(&key, list, 200, sizeof *list, compare_ints);
    printf("%d %d %d %s\n", list[0], list[99], list[199], found && *found == key ? "found" : "not found");
    printf("%d\n", sum_of(12, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
    return 42;
}
