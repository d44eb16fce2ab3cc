// Writes WebAssembly binary modules: a small byte emitter for code that is made while the guest runs.
//
// Relies on nothing (WebAssembly core specification, chapter 5). The caller keeps the stack discipline; V8 validates.
// Hot: bytes go straight into a growing buffer, because a general assembler would cost more than the compilation.

/** Value types. */
export const I32 = 0x7f;
export const I64 = 0x7e;
export type ValueType = typeof I32 | typeof I64;

/** Block type without parameters and results. */
export const EMPTY_BLOCK = 0x40;

/** Opcodes that translations use (core specification, 5.4). */
// prettier-ignore
export const OP = {
  unreachable: 0x00, block: 0x02, loop: 0x03, if: 0x04, else: 0x05, end: 0x0b, br: 0x0c, brIf: 0x0d, brTable: 0x0e, return: 0x0f,
  callIndirect: 0x11, drop: 0x1a, select: 0x1b, localGet: 0x20, localSet: 0x21, localTee: 0x22,
  i32Load: 0x28, i64Load: 0x29, i32Load8U: 0x2d, i32Load16U: 0x2f, i64Load8S: 0x30, i64Load8U: 0x31,
  i64Load16S: 0x32, i64Load16U: 0x33, i64Load32S: 0x34, i64Load32U: 0x35,
  i32Store: 0x36, i64Store: 0x37, i32Store8: 0x3a, i32Store16: 0x3b, i64Store8: 0x3c, i64Store16: 0x3d,
  i64Store32: 0x3e, i32Const: 0x41, i64Const: 0x42,
  i32Eqz: 0x45, i32Eq: 0x46, i32Ne: 0x47, i32LtS: 0x48, i32LtU: 0x49, i32GtS: 0x4a, i32LeS: 0x4c, i32LeU: 0x4d,
  i64Eqz: 0x50, i64Eq: 0x51, i64Ne: 0x52, i64LtS: 0x53, i64LtU: 0x54, i64GtU: 0x56, i64LeS: 0x57, i64LeU: 0x58,
  i32Clz: 0x67, i32Ctz: 0x68, i32Popcnt: 0x69, i32Add: 0x6a, i32Sub: 0x6b, i32Mul: 0x6c, i32DivS: 0x6d,
  i32DivU: 0x6e, i32RemS: 0x6f, i32RemU: 0x70, i32And: 0x71, i32Or: 0x72, i32Xor: 0x73, i32Shl: 0x74,
  i32ShrS: 0x75, i32ShrU: 0x76, i32Rotl: 0x77, i32Rotr: 0x78,
  i64Clz: 0x79, i64Ctz: 0x7a, i64Popcnt: 0x7b, i64Add: 0x7c, i64Sub: 0x7d, i64Mul: 0x7e, i64DivS: 0x7f,
  i64DivU: 0x80, i64RemS: 0x81, i64RemU: 0x82, i64And: 0x83, i64Or: 0x84, i64Xor: 0x85, i64Shl: 0x86,
  i64ShrS: 0x87, i64ShrU: 0x88, i64Rotl: 0x89, i64Rotr: 0x8a,
  i32WrapI64: 0xa7, i64ExtendI32S: 0xac, i64ExtendI32U: 0xad, i32Extend8S: 0xc0, i32Extend16S: 0xc1,
  i64Extend8S: 0xc2, i64Extend16S: 0xc3, i64Extend32S: 0xc4,
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

/** One function's code: locals by number, instructions in order, labels by nesting. All functions take nothing. */
export class FunctionWriter {
  readonly code = new ByteWriter(1024);
  private readonly locals: ValueType[] = [];
  private depth = 0;

  /** Number of a new local, which starts as zero. */
  local(type: ValueType): number {
    this.locals.push(type);
    return this.locals.length - 1;
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

/** What a module consists of. Every function has type () -> i32 and imports the memory `m.memory`. */
export interface ModuleParts {
  /** Bodies; function i is exported under the name `f<i>`. */
  readonly functions: readonly Uint8Array[];
  /** Declared maximum of the imported memory in 64 KiB pages. */
  readonly maxMemoryPages: number;
  /** Size of an own, exported function table named `table`; null for none. */
  readonly tableSize: number | null;
}

const SECTION = { type: 1, import: 2, function: 3, table: 4, export: 7, code: 10 } as const;
const MAGIC = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const FUNCTION_TYPE = 0x60;
const FUNCREF = 0x70;
const EXPORT = { function: 0, table: 1 } as const;
const MEMORY_IMPORT = 2;
const WITH_MAXIMUM = 1;

/** The binary module. */
export function buildModule(parts: ModuleParts): Uint8Array<ArrayBuffer> {
  const out = new ByteWriter(1024);
  for (const byte of MAGIC) out.byte(byte);
  section(out, SECTION.type, (w) => {
    w.unsigned(1);
    for (const byte of [FUNCTION_TYPE, 0, 1, I32]) w.byte(byte);
  });
  section(out, SECTION.import, (w) => {
    w.unsigned(1);
    w.text("m");
    w.text("memory");
    w.byte(MEMORY_IMPORT);
    w.byte(WITH_MAXIMUM);
    w.unsigned(0);
    w.unsigned(parts.maxMemoryPages);
  });
  section(out, SECTION.function, (w) => {
    w.unsigned(parts.functions.length);
    parts.functions.forEach(() => {
      w.unsigned(0);
    });
  });
  if (parts.tableSize !== null) writeTable(out, parts.tableSize);
  section(out, SECTION.export, (w) => {
    writeExports(w, parts);
  });
  section(out, SECTION.code, (w) => {
    w.unsigned(parts.functions.length);
    for (const body of parts.functions) w.append(body);
  });
  return new Uint8Array(out.bytes());
}

function writeTable(out: ByteWriter, size: number): void {
  section(out, SECTION.table, (w) => {
    w.unsigned(1);
    w.byte(FUNCREF);
    w.byte(0);
    w.unsigned(size);
  });
}

function writeExports(w: ByteWriter, parts: ModuleParts): void {
  w.unsigned(parts.functions.length + (parts.tableSize === null ? 0 : 1));
  parts.functions.forEach((_, i) => {
    w.text(`f${String(i)}`);
    w.byte(EXPORT.function);
    w.unsigned(i);
  });
  if (parts.tableSize === null) return;
  w.text("table");
  w.byte(EXPORT.table);
  w.unsigned(0);
}

function section(out: ByteWriter, id: number, write: (w: ByteWriter) => void): void {
  const w = new ByteWriter(256);
  write(w);
  out.byte(id);
  out.unsigned(w.size);
  out.append(w.bytes());
}
