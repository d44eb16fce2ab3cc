// Plain data as bytes: what snapshots of a machine hold, in a form that a file can keep.
//
// Relies on nothing. Null, booleans, numbers, strings, big integers, byte arrays, arrays, maps and objects of these;
// anything else is a mistake of ours. Guarantees: equal data in equal order give equal bytes; reading never throws,
// never makes more than its input has room for, and answers null for what is no encoding.

const TAG = {
  null: 0,
  false: 1,
  true: 2,
  number: 3,
  string: 4,
  bigint: 5,
  bytes: 6,
  array: 7,
  map: 8,
  object: 9,
} as const;

const MAX_DEPTH = 64;

/** The bytes of `value`. */
export function encodePlain(value: unknown): Uint8Array {
  const writer = new Writer();
  writer.value(value);
  return writer.bytes();
}

/** The value of all of `bytes`; null if they are no encoding. */
export function decodePlain(bytes: Uint8Array): { readonly value: unknown } | null {
  const reader = new Reader(bytes);
  const value = reader.value(0);
  return reader.isWrong || !reader.isAtEnd ? null : { value };
}

/**
 * True if `value` has the shape of `model`: the same kinds of values, objects with the same fields. Lists and maps may
 * be of any length, and null in the model stands for anything.
 */
export function hasShapeOf(value: unknown, model: unknown): boolean {
  if (model === null) return true;
  if (value === null || typeof value !== typeof model) return false;
  if (typeof value !== "object" || typeof model !== "object") return true;
  if (value instanceof Uint8Array || model instanceof Uint8Array)
    return value.constructor === model.constructor;
  if (value instanceof Map || model instanceof Map) {
    return (
      value instanceof Map && model instanceof Map && haveShapeOf([...value.values()], [...model.values()])
    );
  }
  if (Array.isArray(value) || Array.isArray(model)) {
    return Array.isArray(value) && Array.isArray(model) && haveShapeOf(value, model);
  }
  const fields = Object.entries(model);
  const found = new Map(Object.entries(value));
  return found.size === fields.length && fields.every(([key, part]) => found.has(key) && hasShapeOf(found.get(key), part)); // prettier-ignore
}

// Elements that the model has none of are like its first one.
function haveShapeOf(values: readonly unknown[], models: readonly unknown[]): boolean {
  return models.length === 0 || values.every((value, i) => hasShapeOf(value, models[i] ?? models[0]));
}

class Writer {
  private buffer = new Uint8Array(1 << 12);
  private length = 0;

  bytes(): Uint8Array {
    return this.buffer.slice(0, this.length);
  }

  value(value: unknown): void {
    if (value === null) this.byte(TAG.null);
    else if (typeof value === "boolean") this.byte(value ? TAG.true : TAG.false);
    else if (typeof value === "number") this.number(value);
    else if (typeof value === "string") this.text(TAG.string, value);
    else if (typeof value === "bigint") this.text(TAG.bigint, value.toString());
    else if (value instanceof Uint8Array) this.block(TAG.bytes, value);
    else if (Array.isArray(value)) this.list(value);
    else if (value instanceof Map) this.entries(TAG.map, [...value].flat());
    else if (typeof value === "object") this.entries(TAG.object, Object.entries(value).flat());
    else throw new Error(`a ${typeof value} is no plain data`);
  }

  private list(values: readonly unknown[]): void {
    this.byte(TAG.array);
    this.count(values.length);
    for (const value of values) this.value(value);
  }

  // Keys and values in turn.
  private entries(tag: number, flat: readonly unknown[]): void {
    this.byte(tag);
    this.count(flat.length / 2);
    for (const value of flat) this.value(value);
  }

  private number(value: number): void {
    this.byte(TAG.number);
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, value, true);
    this.append(bytes);
  }

  private text(tag: number, text: string): void {
    this.block(tag, new TextEncoder().encode(text));
  }

  private block(tag: number, bytes: Uint8Array): void {
    this.byte(tag);
    this.count(bytes.length);
    this.append(bytes);
  }

  private count(value: number): void {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, value, true);
    this.append(bytes);
  }

  private byte(value: number): void {
    this.append(Uint8Array.of(value));
  }

  private append(bytes: Uint8Array): void {
    if (this.length + bytes.length > this.buffer.length) {
      const larger = new Uint8Array(2 * (this.length + bytes.length));
      larger.set(this.buffer.subarray(0, this.length));
      this.buffer = larger;
    }
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }
}

class Reader {
  /** Something was read that is no encoding; what was answered then means nothing. */
  isWrong = false;
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private at = 0;

  constructor(bytes: Uint8Array) {
    // Node's Buffer is one too, whose parts would be of its kind.
    this.bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isAtEnd(): boolean {
    return this.at === this.bytes.length;
  }

  value(depth: number): unknown {
    const [tag] = this.take(1);
    const read = tag === undefined || depth > MAX_DEPTH ? undefined : this.readers[tag];
    return read === undefined ? this.wrong() : read(depth);
  }

  private readonly readers: Readonly<Record<number, (depth: number) => unknown>> = {
    [TAG.null]: () => null,
    [TAG.false]: () => false,
    [TAG.true]: () => true,
    [TAG.number]: () => this.number(),
    [TAG.string]: () => this.text(),
    [TAG.bigint]: () => this.bigint(),
    [TAG.bytes]: () => this.take(this.count()).slice(),
    [TAG.array]: (depth) => this.list(this.count(), depth),
    [TAG.map]: (depth) => new Map(this.pairs(depth)),
    [TAG.object]: (depth) => this.object(depth),
  };

  private number(): number {
    const { at } = this;
    return this.take(8).length === 8 ? this.view.getFloat64(at, true) : 0;
  }

  private text(): string {
    return new TextDecoder().decode(this.take(this.count()));
  }

  private bigint(): unknown {
    const text = this.text();
    return /^-?\d+$/.test(text) ? BigInt(text) : this.wrong();
  }

  private object(depth: number): unknown {
    const pairs = this.pairs(depth);
    return pairs.every(([key]) => typeof key === "string") ? Object.fromEntries(pairs) : this.wrong();
  }

  private pairs(depth: number): readonly (readonly [PropertyKey, unknown])[] {
    const flat = this.list(2 * this.count(), depth);
    return Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i] as PropertyKey, flat[2 * i + 1]]);
  }

  // Every element takes a byte at least, so a wrong count ends soon.
  private list(count: number, depth: number): unknown[] {
    const values: unknown[] = [];
    while (values.length < count && !this.isWrong) values.push(this.value(depth + 1));
    return values;
  }

  private count(): number {
    const { at } = this;
    return this.take(4).length === 4 ? this.view.getUint32(at, true) : 0;
  }

  private take(count: number): Uint8Array {
    const { at } = this;
    if (at + count > this.bytes.length) {
      this.isWrong = true;
      return new Uint8Array();
    }
    this.at += count;
    return this.bytes.subarray(at, this.at);
  }

  private wrong(): null {
    this.isWrong = true;
    return null;
  }
}
