// Driver-like Pancake text of any length, for measuring the compiler: a queue library, register access through
// macros, and as many ring-handling functions as the length asks for, each calling an earlier one.

const HEADER = `
#define BIT(n) (1 << (n))
#define REG(base, offset) (base + offset)
#define STATUS 0
#define DATA 8
#define READY BIT(3)

struct Ring { 1 head, 1 tail, {1,1} limits }
exception Overrun : {1,1};
var 1 interrupts = 0;
var Ring last = Ring <head = 0, tail = 0, limits = <64, 4096> >;

inline fun 1 ring_length(Ring ring) {
    return (ring.tail - ring.head) & (ring.limits.0 - 1);
}

fun 1 step_0(1 base, 1 index) {
    return base + index;
}
`;

function ringFunction(index: number): string {
  const previous = index - 1;
  return `
/* Moves what is ready from device ${String(index)} into its ring. */
fun Ring provide_${String(index)}(Ring ring, 1 base) {
    var 1 head = ring.head;
    var 1 moved = 0;
    while moved < 8 {
        var 1 status = 0;
        !ld32 status, REG(base, STATUS);
        if (status & READY) == 0 { break; }
        var 1 value = 0;
        !ld32 value, REG(base, DATA);
        var 1 slot = @base + ((head & (ring.limits.0 - 1)) * 16);
        st slot, <value, moved ^ ${String(index)}>;
        if ring_length(ring) >=+ ring.limits.0 { throw Overrun <head, value>; }
        head = head + 1;
        moved = moved + 1;
    }
    interrupts = interrupts + moved;
    var Ring next = Ring <head = head, tail = ring.tail, limits = ring.limits>;
    return next;
}

fun 1 step_${String(index)}(1 base, 1 index) {
    var 1 sum = step_${String(previous)}(base, index + ${String(index)});
    var {1,1} caught = <0, 0>;
    var Ring ring = Ring <head = sum, tail = base, limits = <64, 4096> >;
    try ring = provide_${String(index)}(ring, base) catch Overrun => caught {
        st8 @base + (caught.0 & 255), caught.1;
        sum = sum + (ld8 @base + 3);
    }
    if sum <+ base { last = ring; } else { sum = sum >>> 2; }
    return sum + (lds 1 @base);
}
`;
}

/** A program of about `lines` lines (never fewer than the header) that stock rules and ours accept. */
export function driverText(lines: number): string {
  const parts = [HEADER];
  let count = HEADER.split("\n").length;
  let index = 0;
  while (count < lines) {
    index += 1;
    const text = ringFunction(index);
    parts.push(text);
    count += text.split("\n").length - 1;
  }
  parts.push(`
fun 1 main() {
    var 1 result = step_${String(index)}(@base, 1);
    return result;
}
`);
  return parts.join("");
}
