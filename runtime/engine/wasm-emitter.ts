// Writes WebAssembly binary modules: a small byte emitter for code that is made while the guest runs.
//
// Relies on nothing (WebAssembly core specification, chapter 5). The caller keeps the stack discipline; V8 validates.
// Hot: bytes go straight into a growing buffer, because a general assembler would cost more than the compilation.

/** Value types. */
export const I32 = 0x7f;
export const I64 = 0x7e;
export const F32 = 0x7d;
export const F64 = 0x7c;
export type ValueType = typeof I32 | typeof I64 | typeof F32 | typeof F64;

/** What a function takes and gives. */
export interface FunctionType {
  readonly params: readonly ValueType[];
  readonly result: ValueType;
}

/** Block type without parameters and results. */
export const EMPTY_BLOCK = 0x40;

/** Opcodes that translations use (core specification, 5.4). */
// prettier-ignore
export const OP = {
  unreachable: 0x00, block: 0x02, loop: 0x03, if: 0x04, else: 0x05, end: 0x0b, br: 0x0c, brIf: 0x0d, brTable: 0x0e, return: 0x0f,
  call: 0x10, callIndirect: 0x11, drop: 0x1a, select: 0x1b, localGet: 0x20, localSet: 0x21, localTee: 0x22,
  i32Load: 0x28, i64Load: 0x29, i32Load8U: 0x2d, i32Load16U: 0x2f, i64Load8S: 0x30, i64Load8U: 0x31,
  i64Load16S: 0x32, i64Load16U: 0x33, i64Load32S: 0x34, i64Load32U: 0x35,
  i32Store: 0x36, i64Store: 0x37, i32Store8: 0x3a, i32Store16: 0x3b, i64Store8: 0x3c, i64Store16: 0x3d,
  i64Store32: 0x3e, i32Const: 0x41, i64Const: 0x42,
  i32Eqz: 0x45, i32Eq: 0x46, i32Ne: 0x47, i32LtS: 0x48, i32LtU: 0x49, i32GtS: 0x4a, i32GtU: 0x4b, i32LeS: 0x4c, i32LeU: 0x4d,
  i64Eqz: 0x50, i64Eq: 0x51, i64Ne: 0x52, i64LtS: 0x53, i64LtU: 0x54, i64GtU: 0x56, i64LeS: 0x57, i64LeU: 0x58,
  i32Clz: 0x67, i32Ctz: 0x68, i32Popcnt: 0x69, i32Add: 0x6a, i32Sub: 0x6b, i32Mul: 0x6c, i32DivS: 0x6d,
  i32DivU: 0x6e, i32RemS: 0x6f, i32RemU: 0x70, i32And: 0x71, i32Or: 0x72, i32Xor: 0x73, i32Shl: 0x74,
  i32ShrS: 0x75, i32ShrU: 0x76, i32Rotl: 0x77, i32Rotr: 0x78,
  i64Clz: 0x79, i64Ctz: 0x7a, i64Popcnt: 0x7b, i64Add: 0x7c, i64Sub: 0x7d, i64Mul: 0x7e, i64DivS: 0x7f,
  i64DivU: 0x80, i64RemS: 0x81, i64RemU: 0x82, i64And: 0x83, i64Or: 0x84, i64Xor: 0x85, i64Shl: 0x86,
  i64ShrS: 0x87, i64ShrU: 0x88, i64Rotl: 0x89, i64Rotr: 0x8a,
  i32WrapI64: 0xa7, i64ExtendI32S: 0xac, i64ExtendI32U: 0xad, i32Extend8S: 0xc0, i32Extend16S: 0xc1,
  i64Extend8S: 0xc2, i64Extend16S: 0xc3, i64Extend32S: 0xc4,
  f32Eq: 0x5b, f32Ne: 0x5c, f32Lt: 0x5d, f32Gt: 0x5e, f32Le: 0x5f, f32Ge: 0x60,
  f64Eq: 0x61, f64Ne: 0x62, f64Lt: 0x63, f64Gt: 0x64, f64Le: 0x65, f64Ge: 0x66,
  f32Abs: 0x8b, f32Ceil: 0x8d, f32Floor: 0x8e, f32Trunc: 0x8f, f32Nearest: 0x90, f32Sqrt: 0x91, f32Add: 0x92, f32Sub: 0x93,
  f32Mul: 0x94, f32Div: 0x95, f32Min: 0x96, f32Max: 0x97, f32Copysign: 0x98,
  f64Abs: 0x99, f64Ceil: 0x9b, f64Floor: 0x9c, f64Trunc: 0x9d, f64Nearest: 0x9e, f64Sqrt: 0x9f, f64Add: 0xa0, f64Sub: 0xa1,
  f64Mul: 0xa2, f64Div: 0xa3, f64Min: 0xa4, f64Max: 0xa5, f64Copysign: 0xa6,
  i32TruncF32S: 0xa8, i32TruncF32U: 0xa9, i32TruncF64S: 0xaa, i32TruncF64U: 0xab,
  i64TruncF32S: 0xae, i64TruncF32U: 0xaf, i64TruncF64S: 0xb0, i64TruncF64U: 0xb1,
  f32ConvertI32S: 0xb2, f32ConvertI32U: 0xb3, f32ConvertI64S: 0xb4, f32ConvertI64U: 0xb5, f32DemoteF64: 0xb6,
  f64ConvertI32S: 0xb7, f64ConvertI32U: 0xb8, f64ConvertI64S: 0xb9, f64ConvertI64U: 0xba, f64PromoteF32: 0xbb,
  i32ReinterpretF32: 0xbc, i64ReinterpretF64: 0xbd, f32ReinterpretI32: 0xbe, f64ReinterpretI64: 0xbf,
  f32Const: 0x43, f64Const: 0x44,
} as const;

const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** A growing byte buffer with the number forms of the binary format. */
export class ByteWriter {
  private buffer: Uint8Array;
  private length = 0;

  constructor(capacity = 256) {
    this.buffer = new Uint8Array(capacity);
  }

  get size(): number {
    return this.length;
  }

  byte(value: number): void {
    if (this.length === this.buffer.length) this.reserve(1);
    this.buffer[this.length] = value;
    this.length += 1;
  }

  append(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Unsigned LEB128 of a number below 2^32. */
  unsigned(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.byte((rest & 0x7f) | 0x80);
      rest = Math.floor(rest / 128);
    }
    this.byte(rest);
  }

  /** Signed LEB128 of a safe integer. */
  signed(value: number): void {
    let rest = value;
    while (rest < -64 || rest > 63) {
      this.byte((((rest % 128) + 128) % 128) | 0x80);
      rest = Math.floor(rest / 128);
    }
    this.byte(((rest % 128) + 128) % 128);
  }

  /** Signed LEB128 of a 64-bit value given signed or unsigned. */
  signedWide(value: bigint): void {
    let rest = BigInt.asIntN(64, value);
    while (rest > SAFE || rest < -SAFE) {
      this.byte(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    this.signed(Number(rest));
  }

  text(value: string): void {
    const bytes = new TextEncoder().encode(value);
    this.unsigned(bytes.length);
    this.append(bytes);
  }

  bytes(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }

  private reserve(count: number): void {
    if (this.length + count <= this.buffer.length) return;
    const larger = new Uint8Array(Math.max(2 * this.buffer.length, this.length + count));
    larger.set(this.buffer.subarray(0, this.length));
    this.buffer = larger;
  }
}

/** One function's code: locals by number (parameters come first), instructions in order, labels by nesting. */
export class FunctionWriter {
  readonly code = new ByteWriter(1024);
  private readonly params: number;
  private readonly locals: ValueType[] = [];
  private depth = 0;
  private called = false;

  constructor(params: readonly ValueType[] = []) {
    this.params = params.length;
  }

  /** True if the code calls a function by its number. */
  get calls(): boolean {
    return this.called;
  }

  /** Number of a new local, which starts as zero. */
  local(type: ValueType): number {
    this.locals.push(type);
    return this.params + this.locals.length - 1;
  }

  /** Calls the function with that number; a module's imports come first. */
  call(number: number): void {
    this.called = true;
    this.opIndex(OP.call, number);
  }

  f64(value: number): void {
    this.code.byte(OP.f64Const);
    this.code.append(new Uint8Array(new Float64Array([value]).buffer));
  }

  f32(value: number): void {
    this.code.byte(OP.f32Const);
    this.code.append(new Uint8Array(new Float32Array([value]).buffer));
  }

  op(opcode: number): void {
    this.code.byte(opcode);
  }

  /** An instruction with one index: local, label. */
  opIndex(opcode: number, index: number): void {
    this.code.byte(opcode);
    this.code.unsigned(index);
  }

  i32(value: number): void {
    this.code.byte(OP.i32Const);
    this.code.signed(value | 0);
  }

  i64(value: bigint): void {
    this.code.byte(OP.i64Const);
    this.code.signedWide(value);
  }

  /** A load or store; alignment 0 makes no promise. */
  memory(opcode: number, offset: number): void {
    this.code.byte(opcode);
    this.code.unsigned(0);
    this.code.unsigned(offset);
  }

  /** Opens a block, loop or if; answers its label. */
  open(opcode: number, type: number = EMPTY_BLOCK): number {
    this.code.byte(opcode);
    this.code.byte(type);
    this.depth += 1;
    return this.depth;
  }

  /** Closes the innermost block, loop or if. */
  end(): void {
    this.code.byte(OP.end);
    this.depth -= 1;
  }

  /** `br` or `br_if` to a label that is still open. */
  branch(opcode: typeof OP.br | typeof OP.brIf, label: number): void {
    this.opIndex(opcode, this.depth - label);
  }

  /** `br_table`: an index on the stack chooses the label, the last one if it is too large. */
  branchTable(labels: readonly number[]): void {
    this.code.byte(OP.brTable);
    this.code.unsigned(labels.length - 1);
    for (const label of labels) this.code.unsigned(this.depth - label);
  }

  get(local: number): void {
    this.opIndex(OP.localGet, local);
  }

  set(local: number): void {
    this.opIndex(OP.localSet, local);
  }

  tee(local: number): void {
    this.opIndex(OP.localTee, local);
  }

  /** The function's entry in the code section. */
  body(): Uint8Array {
    const inner = new ByteWriter(this.code.size + 64);
    inner.unsigned(this.locals.length);
    for (const type of this.locals) {
      inner.unsigned(1);
      inner.byte(type);
    }
    inner.append(this.code.bytes());
    inner.byte(OP.end);
    const out = new ByteWriter(inner.size + 8);
    out.unsigned(inner.size);
    out.append(inner.bytes());
    return out.bytes();
  }
}

/** A function of a module; exported under the name `f<number>` unless it has one. */
export interface ModuleFunction {
  readonly body: Uint8Array;
  readonly type: FunctionType;
  readonly name: string | null;
}

/** What a module consists of; it imports the memory `m.memory`. */
export interface ModuleParts {
  /** Bodies of functions of type () -> i32; function i is exported under the name `f<i>`. */
  readonly functions: readonly Uint8Array[];
  /** Imported functions in the order of their numbers, from the module `l`. */
  readonly imports?: readonly { readonly name: string; readonly type: FunctionType }[];
  /** Declared maximum of the imported memory in 64 KiB pages. */
  readonly maxMemoryPages: number;
  /** Size of an own, exported function table named `table`; null for none. */
  readonly tableSize: number | null;
}

const SECTION = { type: 1, import: 2, function: 3, table: 4, export: 7, code: 10 } as const;
const MAGIC = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const FUNCTION_TYPE = 0x60;
const FUNCREF = 0x70;
const KIND = { function: 0, table: 1, memory: 2 } as const;
const WITH_MAXIMUM = 1;
const ENTRY_TYPE: FunctionType = { params: [], result: I32 };

/** The binary module of entries that work on a memory. */
export function buildModule(parts: ModuleParts): Uint8Array<ArrayBuffer> {
  const imports = parts.imports ?? [];
  const functions = parts.functions.map((body) => ({ body, type: ENTRY_TYPE, name: null }));
  return assembleModule(functions, imports, { memory: parts.maxMemoryPages, table: parts.tableSize });
}

/** The binary module of pure functions that may call each other: nothing is imported. */
export function buildLibrary(functions: readonly ModuleFunction[]): Uint8Array<ArrayBuffer> {
  return assembleModule(functions, [], { memory: null, table: null });
}

interface ModuleSizes {
  readonly memory: number | null;
  readonly table: number | null;
}

function assembleModule(
  functions: readonly ModuleFunction[],
  imports: NonNullable<ModuleParts["imports"]>,
  sizes: ModuleSizes,
): Uint8Array<ArrayBuffer> {
  const out = new ByteWriter(1024);
  for (const byte of MAGIC) out.byte(byte);
  const types = [...imports, ...functions].map((f) => f.type);
  section(out, SECTION.type, (w) => {
    list(w, types, (type) => {
      w.byte(FUNCTION_TYPE);
      list(w, type.params, (param) => w.byte(param));
      w.unsigned(1);
      w.byte(type.result);
    });
  });
  if (imports.length > 0 || sizes.memory !== null) {
    section(out, SECTION.import, (w) => writeImports(w, imports, sizes.memory));
  }
  section(out, SECTION.function, (w) => {
    list(w, functions, (_, i) => w.unsigned(imports.length + i));
  });
  const { table } = sizes;
  if (table !== null) writeTable(out, table);
  section(out, SECTION.export, (w) => writeExports(w, functions, { first: imports.length, table }));
  section(out, SECTION.code, (w) => {
    list(w, functions, ({ body }) => w.append(body));
  });
  return new Uint8Array(out.bytes());
}

function list<T>(w: ByteWriter, items: readonly T[], write: (item: T, i: number) => void): void {
  w.unsigned(items.length);
  items.forEach(write);
}

function writeImports(
  w: ByteWriter,
  imports: NonNullable<ModuleParts["imports"]>,
  maxMemoryPages: number | null,
): void {
  w.unsigned(imports.length + (maxMemoryPages === null ? 0 : 1));
  imports.forEach(({ name }, i) => {
    w.text("l");
    w.text(name);
    w.byte(KIND.function);
    w.unsigned(i);
  });
  if (maxMemoryPages === null) return;
  w.text("m");
  w.text("memory");
  w.byte(KIND.memory);
  w.byte(WITH_MAXIMUM);
  w.unsigned(0);
  w.unsigned(maxMemoryPages);
}

function writeTable(out: ByteWriter, size: number): void {
  section(out, SECTION.table, (w) => {
    w.unsigned(1);
    w.byte(FUNCREF);
    w.byte(0);
    w.unsigned(size);
  });
}

function writeExports(
  w: ByteWriter,
  functions: readonly ModuleFunction[],
  more: { readonly first: number; readonly table: number | null },
): void {
  w.unsigned(functions.length + (more.table === null ? 0 : 1));
  functions.forEach(({ name }, i) => {
    w.text(name ?? `f${String(i)}`);
    w.byte(KIND.function);
    w.unsigned(more.first + i);
  });
  if (more.table === null) return;
  w.text("table");
  w.byte(KIND.table);
  w.unsigned(0);
}

function section(out: ByteWriter, id: number, write: (w: ByteWriter) => void): void {
  const w = new ByteWriter(256);
  write(w);
  out.byte(id);
  out.unsigned(w.size);
  out.append(w.bytes());
}
