// Pancake programs for the link interface of `cake --pancake`.

/** Functions that need some hundred bytes of stack, and that call back into C. */
const large = `
fun {1,1,1,1,1,1,1,1} eight(1 a, 1 b, 1 c, 1 d) {
  @probe(a, b, c, d);
  return <a + 1, b + 2, c + 3, d + 4, a * b, b * c, c * d, d * a>;
}
fun 1 sum(1 a, 1 b, 1 c, 1 d) {
  var {1,1,1,1,1,1,1,1} x = <0, 0, 0, 0, 0, 0, 0, 0>;
  x = eight(a, b, c, d);
  var {1,1,1,1,1,1,1,1} y = <0, 0, 0, 0, 0, 0, 0, 0>;
  y = eight(d, c, b, a);
  var {1,1,1,1,1,1,1,1} z = <0, 0, 0, 0, 0, 0, 0, 0>;
  z = eight(b, a, d, c);
  return x.0 + x.1 + x.2 + x.3 + x.4 + x.5 + x.6 + x.7 + y.0 + y.1 + y.2 + y.3 + y.4 + y.5 + y.6 + y.7
       + z.0 + z.1 + z.2 + z.3 + z.4 + z.5 + z.6 + z.7;
}
`;

const deep = `fun 1 deep(1 n) {
  if n == 0 { return 0; }
  var 1 rest = 0;
  rest = deep(n - 1);
  return rest + n;
}
`;

/** Everything that C can see: exports of 0 to 4 arguments, globals, heap words, foreign calls, recursion. */
export const fullProgram = `
var 1 counter = 5;
var 1 second = lds 1 (@base + @biw);

export fun 1 f0() { counter = counter + 1; return counter; }
export fun 1 f1(1 a) { return a + second; }
export fun 1 f2(1 a, 1 b) { return a - b; }
export fun 1 f3(1 a, 1 b, 1 c) { return (a - b) * c; }
export fun 1 f4(1 a, 1 b, 1 c, 1 d) { return (a - b) * c + d; }
export fun 1 again(1 a) { @reenter(a, 0, 0, 0); return 9; }
export fun 1 probe(1 a) { @probe(a, 0, 0, 0); return 1; }
${large}
export fun 1 big() {
  var 1 a = 0; a = sum(1, 2, 3, 4);
  var 1 b = 0; b = sum(4, 3, 2, 1);
  return a - b;
}
export ${deep}
fun 1 main() {
  @report(@base, @top, 2, 3);
  return 42;
}
`;

/** A program whose `main` recurses: the stack runs out while `cml_main` runs. */
export const deepMain = `${deep}fun 1 main() { var 1 all = 0; all = deep(65536); return all + 1; }\n`;

/** Without exported functions: what a program without `--main_return` looks like. */
export const plainMain = `${large}
fun 1 main() {
  @report(1, 2, 3, 4);
  var 1 all = 0; all = sum(1, 2, 3, 4);
  return all + 7;
}
`;
