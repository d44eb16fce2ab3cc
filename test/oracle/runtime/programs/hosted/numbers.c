/* Numbers: doubles and singles through printf, strtod and libm, exact results in hexadecimal, conversions at the edges,
   64-bit and 128-bit division, a linear system, a Fourier transform, integration, roundings and exception flags. */
#include <complex.h>
#include <fenv.h>
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

static uint64_t state = 88172645463325252ull;

static uint64_t next_random(void) {
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

static double random_double(void) { return (double)(int64_t)next_random() / 9.0e15; }

static uint64_t bits_of(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static void shown(void) {
    static const double values[] = {0.0, -0.0, 1.0, -1.5, 1.0 / 3, 1e10, 123456789.125, 1e-5, 6.02214076e23, 5e-324, DBL_MAX,
                                    DBL_MIN, 0.1, 2.5, 3.5, 1e21, 999999.5, INFINITY, -INFINITY, NAN};
    for (size_t i = 0; i < COUNT(values); i++) {
        double v = values[i];
        printf("%f|%g|%e|%.3f|%10.2f|%-12g|%+.17g|%a|%.0f|%G\n", v, v, v, v, v, v, v, v, v, v);
    }
    static const char *const texts[] = {"1e400", "-2.5e-3", "0x1.8p3", "inf", "nan", "1.7976931348623157e308", "4.9e-324", "1.5abc", ".5"};
    for (size_t i = 0; i < COUNT(texts); i++) {
        char *end;
        double v = strtod(texts[i], &end);
        printf("%s -> %.17g rest '%s', float %.9g\n", texts[i], v, end, (double)strtof(texts[i], NULL));
    }
    double a, b;
    float c;
    printf("%d %g %g %g\n", sscanf("3.25 -1e3 0.1", "%lf %lf %f", &a, &b, &c), a, b, (double)c);
    printf("%Lf %.20Lg\n", 1.25L, 1.0L / 3.0L);
}

static void library(void) {
    typedef double (*function)(double);
    static const struct {
        const char *name;
        function f;
    } functions[] = {{"sqrt", sqrt},   {"exp", exp},     {"log", log},     {"log2", log2},   {"sin", sin},
                     {"cos", cos},     {"tan", tan},     {"asin", asin},   {"acos", acos},   {"atan", atan},
                     {"sinh", sinh},   {"tanh", tanh},   {"cbrt", cbrt},   {"floor", floor}, {"ceil", ceil},
                     {"trunc", trunc}, {"round", round}, {"rint", rint},   {"fabs", fabs},   {"expm1", expm1},
                     {"log1p", log1p}, {"erf", erf},     {"tgamma", tgamma}};
    static const double at[] = {0.0, 0.5, -0.5, 0.999, 1.0, 2.5, -2.5, 10.1, 100.0, 1e-8};
    for (size_t i = 0; i < COUNT(functions); i++) {
        printf("%-6s", functions[i].name);
        uint64_t mix = 0;
        for (size_t j = 0; j < COUNT(at); j++) {
            double v = functions[i].f(at[j]);
            printf(" %.12g", v);
            mix = mix * 31 + (isnan(v) ? 1 : bits_of(v));
        }
        printf(" %016llx\n", (unsigned long long)mix);
    }
    int exponent;
    double whole, part = modf(-3.75, &whole), mantissa = frexp(1000.5, &exponent);
    printf("%g %g %g %d %g %g %g\n", part, whole, mantissa, exponent, ldexp(0.75, 10), fmod(17.5, 5), remainder(17.5, 5));
    printf("%.15g %.15g %.15g %.15g\n", pow(2.5, 3.5), pow(-2, 3), hypot(3e200, 4e200), atan2(-1, -2));
    printf("%.17g %.17g %g %g\n", fma(0.1, 10, -1), nextafter(1, 2), fmin(NAN, 2), fmax(1, NAN));
    printf("%ld %ld %lld %d %d\n", lrint(2.5), lround(2.5), llrint(-3.5), ilogb(1000), (int)signbit(-0.0));
    double complex z = cexp(I * 1.0) * (2 + 3 * I);
    printf("%.15g %.15g %.15g\n", creal(z), cimag(z), cabs(z));
}

static void conversions(void) {
    static const double edges[] = {0, 1.9, -1.9, 2147483647.5, -2147483648.5, 4294967295.9, 9.2e18, -9.2e18, 1.8e19, 0.49999999999999994};
    for (size_t i = 0; i < COUNT(edges); i++) {
        double v = edges[i];
        if (fabs(v) < 2147483648.0) printf("%d ", (int)v);
        if (v >= 0 && v < 4294967296.0) printf("%u ", (unsigned)v);
        if (fabs(v) < 9.3e18) printf("%lld ", (long long)v);
        if (v >= 0) printf("%llu ", (unsigned long long)v);
        printf("%.9g\n", (double)(float)v);
    }
    static const uint64_t integers[] = {0, 1, 16777217, 9007199254740993ull, 1ull << 63, UINT64_MAX, 0x7ffffffffffffdffull};
    for (size_t i = 0; i < COUNT(integers); i++) {
        uint64_t n = integers[i];
        printf("%a %a %a %a\n", (double)n, (double)(int64_t)n, (double)(float)n, (double)(float)(int32_t)n);
    }
    uint64_t mix = 0;
    float single = 1;
    for (int i = 0; i < 5000; i++) {
        double a = random_double(), b = random_double();
        float f = (float)a, g = (float)b;
        single = single * 0.5f + f / (g * g + 1) - sqrtf(fabsf(f));
        mix = mix * 1099511628211ull + bits_of(a * b + single) + bits_of(a / (b + 0.1)) + (uint64_t)(int64_t)(a * 1000) +
              (uint64_t)(a < b) + 2 * (uint64_t)(f >= g);
    }
    printf("%.9g %016llx\n", (double)single, (unsigned long long)mix);
}

static void integers(void) {
    uint64_t mix = 0;
    for (int i = 0; i < 3000; i++) {
        uint64_t a = next_random(), b = next_random() >> (i % 60);
        unsigned __int128 wide = (unsigned __int128)a * b + i;
        __int128 negative = -(__int128)(wide >> 3);
        b |= 1;
        mix = mix * 31 + a / b + a % b * 7 + (uint64_t)((int64_t)a / (int64_t)b) + (uint64_t)((int64_t)a % (int64_t)(b | 2));
        mix ^= (uint64_t)(wide / b) + (uint64_t)(wide >> 64) + (uint64_t)(negative / (int64_t)(b >> 1 | 1)) + (uint64_t)(negative % 1000003);
        mix += (uint32_t)a / (uint32_t)(b | 1) + (uint64_t)((int32_t)a % ((int32_t)(b & 0xffff) | 1));
        mix += __builtin_clzll(a | 1) + __builtin_ctzll(b) + __builtin_popcountll(a) + __builtin_bswap32((uint32_t)a);
    }
    printf("%016llx\n", (unsigned long long)mix);
    lldiv_t d = lldiv(-1000000007ll * 1000003, 12345);
    printf("%lld %lld %lld\n", d.quot, d.rem, llabs(-5));
}

enum { N = 24 };

static void linear_system(void) {
    static double a[N][N + 1];
    for (int i = 0; i < N; i++)
        for (int j = 0; j <= N; j++) a[i][j] = random_double();
    for (int k = 0; k < N; k++) {
        int best = k;
        for (int i = k + 1; i < N; i++)
            if (fabs(a[i][k]) > fabs(a[best][k])) best = i;
        for (int j = 0; j <= N; j++) {
            double t = a[k][j];
            a[k][j] = a[best][j];
            a[best][j] = t;
        }
        for (int i = k + 1; i < N; i++) {
            double factor = a[i][k] / a[k][k];
            for (int j = k; j <= N; j++) a[i][j] -= factor * a[k][j];
        }
    }
    double x[N];
    for (int i = N - 1; i >= 0; i--) {
        x[i] = a[i][N];
        for (int j = i + 1; j < N; j++) x[i] -= a[i][j] * x[j];
        x[i] /= a[i][i];
    }
    for (int i = 0; i < N; i += 4) printf("%.10g ", x[i]);
    printf("\n");
}

static void transform(double *re, double *im, int n, int sign) {
    for (int i = 1, j = 0; i < n; i++) {
        int bit = n >> 1;
        for (; j & bit; bit >>= 1) j ^= bit;
        j ^= bit;
        if (i >= j) continue;
        double t = re[i];
        re[i] = re[j], re[j] = t;
        t = im[i];
        im[i] = im[j], im[j] = t;
    }
    for (int length = 2; length <= n; length *= 2) {
        double angle = sign * 2 * M_PI / length;
        for (int i = 0; i < n; i += length) {
            for (int k = 0; k < length / 2; k++) {
                double c = cos(angle * k), s = sin(angle * k);
                int p = i + k, q = p + length / 2;
                double x = re[q] * c - im[q] * s, y = re[q] * s + im[q] * c;
                re[q] = re[p] - x, im[q] = im[p] - y;
                re[p] += x, im[p] += y;
            }
        }
    }
}

static double simpson(double (*f)(double), double from, double to, int steps) {
    double h = (to - from) / steps, sum = f(from) + f(to);
    for (int i = 1; i < steps; i++) sum += f(from + i * h) * (i & 1 ? 4 : 2);
    return sum * h / 3;
}

static double bell(double x) { return exp(-x * x); }

static void numerical(void) {
    linear_system();
    enum { SIZE = 256 };
    static double re[SIZE], im[SIZE];
    for (int i = 0; i < SIZE; i++) re[i] = sin(i * 0.3) + 0.25 * cos(i * 1.1);
    transform(re, im, SIZE, 1);
    printf("%.10g %.10g %.10g\n", re[12], im[12], hypot(re[45], im[45]));
    transform(re, im, SIZE, -1);
    printf("%.10g %.3f\n", re[7] / SIZE, fabs(im[7]) < 1e-9 ? 0.0 : im[7]);
    printf("%.14f\n", simpson(bell, -5, 5, 2000));
    double root = 2;
    for (int i = 0; i < 6; i++) root -= (root * root * root - 2 * root - 5) / (3 * root * root - 2);
    printf("%.16g\n", root);
}

static void environment(void) {
    static const int roundings[] = {FE_TONEAREST, FE_TOWARDZERO, FE_DOWNWARD, FE_UPWARD};
    volatile double one = 1, three = 3, tiny = DBL_MIN, huge = DBL_MAX, zero = 0;
    for (size_t i = 0; i < COUNT(roundings); i++) {
        fesetround(roundings[i]);
        printf("%a %a %a %.3f %ld\n", one / three, -one / three, (double)((float)one / (float)three), 2.0005, lrint(-2.5));
    }
    fesetround(FE_TONEAREST);
    double results[5];
    int flags[5];
    for (int i = 0; i < 5; i++) {
        feclearexcept(FE_ALL_EXCEPT);
        switch (i) {
            case 0: results[i] = one / three; break;
            case 1: results[i] = one / zero; break;
            case 2: results[i] = huge * three; break;
            case 3: results[i] = tiny / three; break;
            default: results[i] = zero / zero;
        }
        flags[i] = fetestexcept(FE_ALL_EXCEPT);
    }
    for (int i = 0; i < 5; i++) {
        printf("%.6g%s%s%s%s%s\n", fabs(results[i]), flags[i] & FE_INEXACT ? " inexact" : "", flags[i] & FE_DIVBYZERO ? " zero" : "",
               flags[i] & FE_OVERFLOW ? " overflow" : "", flags[i] & FE_UNDERFLOW ? " underflow" : "", flags[i] & FE_INVALID ? " invalid" : "");
    }
    printf("%d %d %d %d\n", fpclassify(tiny / 4) == FP_SUBNORMAL, isgreater(one, three), isunordered(one, NAN), isinf(huge * 2) != 0);
}

int main(void) {
    shown();
    library();
    conversions();
    integers();
    numerical();
    environment();
    return 7;
}
