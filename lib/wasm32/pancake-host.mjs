// Runs WebAssembly modules made by `pancake compile --target wasm32`, in Node and in browsers. No dependencies: copy it.
//
// Provides the module's imports (host calls, faults, shared accesses), runs it, and says how it ended; for a fault with
// the Pancake functions and source lines that led there. Interface of modules: spec/abi/wasm32.md. Types beside it.

const BUFFER_BYTES = 4096;
const READ_HEADER_BYTES = 8;
const HEAP_BASE = 65536n;
const STATUS_MASK = 255n;

/** Thrown through the program when it cannot go on. */
export class PancakeFault extends Error {
  constructor(fault, address = null, bytes = null) {
    super(address === null ? fault : `${fault} at 0x${address.toString(16)}`);
    this.name = "PancakeFault";
    this.fault = fault;
    this.address = address;
    this.bytes = bytes;
  }
}

/** Thrown through the program by `@exit`. */
class ProgramExit extends Error {
  constructor(code) {
    super(`exit ${code}`);
    this.code = code;
  }
}

/** Compiles and instantiates a module from its bytes, without blocking. */
export async function loadProgram(bytes, host = {}) {
  return newProgram(await WebAssembly.compile(bytes), host);
}

/** The same at once, as Node allows it for any size. */
export function loadProgramSync(bytes, host = {}) {
  return newProgram(new WebAssembly.Module(bytes), host);
}

function newProgram(module, host) {
  const session = { host, memory: null, output: new Uint8Array(BUFFER_BYTES), pending: 0 };
  const instance = new WebAssembly.Instance(module, imports(session));
  session.memory = instance.exports.memory;
  const call = (name, args) => callExport({ session, module, instance }, name, args);
  return {
    instance,
    memory: session.memory,
    call,
    run() {
      const ending = call("pancake_main", []);
      if (ending.kind !== "returned") return ending;
      return { kind: "exit", code: Number(BigInt.asUintN(64, ending.value) & STATUS_MASK) };
    },
  };
}

function callExport({ session, module, instance }, name, args) {
  try {
    const value = instance.exports[name](...args);
    flush(session);
    return { kind: "returned", value };
  } catch (error) {
    flush(session);
    if (error instanceof ProgramExit) return { kind: "exit", code: error.code };
    const fault = faultOf(error);
    if (fault === null) throw error;
    return { kind: "fault", ...fault, frames: framesOf(error, fault, module) };
  }
}

/** What an error says about the program; null: it is not the program's. */
function faultOf(error) {
  if (error instanceof PancakeFault) {
    const { fault, address, bytes } = error;
    return { fault, address, bytes, message: error.message };
  }
  const plain = (fault) => ({ fault, address: null, bytes: null, message: error.message });
  if (error instanceof WebAssembly.RuntimeError) return plain("trap");
  // Engines have no class for it: V8 says RangeError, SpiderMonkey InternalError.
  if (/call stack|recursion/i.test(error?.message ?? "")) return plain("stackExhausted");
  return null;
}

// ---- Imports

function imports(session) {
  const fault = (name, bytes) => (address) => {
    throw new PancakeFault(name, address === undefined ? null : BigInt.asUintN(64, address), bytes);
  };
  return {
    pancake: { ...hostCalls(session), ...foreignFunctions(session) },
    "pancake.fault": {
      load8: fault("load", 1),
      load32: fault("load", 4),
      load64: fault("load", 8),
      store8: fault("store", 1),
      store32: fault("store", 4),
      store64: fault("store", 8),
      uncaughtException: fault("uncaughtException", null),
    },
    "pancake.shared": {
      load8: (address) => sharedLoad(session, 1, address),
      load16: (address) => sharedLoad(session, 2, address),
      load32: (address) => sharedLoad(session, 4, address),
      load64: (address) => sharedLoad(session, 8, address),
      store8: (address, value) => sharedStore(session, 1, address, value),
      store16: (address, value) => sharedStore(session, 2, address, value),
      store32: (address, value) => sharedStore(session, 4, address, value),
      store64: (address, value) => sharedStore(session, 8, address, value),
    },
  };
}

function foreignFunctions(session) {
  const wrapped = Object.entries(session.host.foreign ?? {}).map(([name, implementation]) => [
    name,
    (...words) => void implementation(words.map(unsigned), session.memory),
  ]);
  return Object.fromEntries(wrapped);
}

const unsigned = (word) => BigInt.asUintN(64, word);

function hostCalls(session) {
  return {
    putchar: (c) => put(session, [Number(c & 255n)]),
    puthex: (w) => putText(session, `${unsigned(w).toString(16).padStart(16, "0")}\n`),
    putint: (w) => putText(session, `${w.toString()}\n`),
    write: (p, n) => put(session, memoryAt(session, p, n, "load")),
    ewrite(p, n) {
      const bytes = memoryAt(session, p, n, "load");
      flush(session);
      session.host.writeOutput?.("stderr", bytes.slice());
    },
    read: (_, __, p, n) => read(session, p, unsigned(n)),
    exit(code) {
      throw new ProgramExit(Number(code & STATUS_MASK));
    },
  };
}

function putText(session, text) {
  put(session, new TextEncoder().encode(text));
}

function put(session, bytes) {
  for (const byte of bytes) {
    session.output[session.pending++] = byte;
    if (session.pending === BUFFER_BYTES) flush(session);
  }
}

function flush(session) {
  const bytes = session.output.slice(0, session.pending);
  session.pending = 0;
  if (bytes.length > 0) session.host.writeOutput?.("stdout", bytes);
}

function read(session, p, n) {
  if (n < READ_HEADER_BYTES) return;
  flush(session);
  const room = Number(n) - READ_HEADER_BYTES;
  const input = room === 0 ? new Uint8Array(0) : (session.host.readInput?.(room) ?? new Uint8Array(0));
  const target = memoryAt(session, p, BigInt(READ_HEADER_BYTES + input.length), "store");
  view(target).setBigUint64(0, BigInt(input.length), true);
  target.set(input, READ_HEADER_BYTES);
}

/** `count` bytes of the program's memory; a fault if they are not all there. */
function memoryAt(session, address, count, fault) {
  const [start, length] = [unsigned(address), unsigned(count)];
  const end = BigInt(session.memory.buffer.byteLength);
  if (length === 0n) return new Uint8Array(0);
  if (start < HEAP_BASE || start >= end) throw new PancakeFault(fault, start, 1);
  if (length > end - start) throw new PancakeFault(fault, end, 1);
  return new Uint8Array(session.memory.buffer, Number(start), Number(length));
}

const view = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

// The module does aligned accesses to its memory itself. The host's devices come before what is left of the memory.
function sharedLoad(session, bytes, address) {
  const at = unsigned(address);
  const answered = session.host.sharedLoad?.(bytes, at) ?? null;
  if (answered !== null) return BigInt.asUintN(8 * bytes, answered);
  const inMemory = sharedBytes(session, bytes, at);
  if (inMemory === null) throw new PancakeFault("sharedLoad", at, bytes);
  return inMemory.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

function sharedStore(session, bytes, address, value) {
  const at = unsigned(address);
  const low = BigInt.asUintN(8 * bytes, value);
  if (session.host.sharedStore?.(bytes, at, low) === true) return;
  const inMemory = sharedBytes(session, bytes, at);
  if (inMemory === null) throw new PancakeFault("sharedStore", at, bytes);
  for (let i = 0; i < bytes; i++) inMemory[i] = Number((low >> BigInt(8 * i)) & 255n);
}

function sharedBytes({ memory }, bytes, address) {
  const inside = address >= HEAP_BASE && address + BigInt(bytes) <= BigInt(memory.buffer.byteLength);
  return inside ? new Uint8Array(memory.buffer, Number(address), bytes) : null;
}

// ---- Where it was

// Frames inside a module as engines write them: `at name (wasm://wasm/1a2b:wasm-function[3]:0x84)`, `name@...`.
const FRAMES = [
  /^\s*at (\S+) \(.*wasm-function\[\d+\]:0x([0-9a-f]+)\)/,
  /^([^@\s]+)@.*wasm-function\[\d+\]:0x([0-9a-f]+)/,
  /(wasm-function\[\d+\]):0x([0-9a-f]+)/,
];

function framesOf(error, { fault }, module) {
  const { at, after } = placeFinder(module);
  const found = (error.stack ?? "").split("\n").flatMap((line) => {
    const match = FRAMES.map((frame) => frame.exec(line)).find((found) => found !== null);
    return match === undefined ? [] : [match];
  });
  return found.flatMap(([, name, hex], i) => {
    const offset = parseInt(hex, 16);
    const compiled = name.split(".")[0];
    // The stack runs out where a function begins, before its first line.
    const isEntry = fault === "stackExhausted" && i === 0 && compiled === name;
    const place = at(offset) ?? (isEntry ? after(offset) : null);
    // A dot is in no Pancake name: such a function is the compiler's and works for the one that called it.
    if (place === null && compiled !== name) return [];
    const written = place?.function ?? compiled;
    return [{ function: written, inlinedInto: written === compiled ? null : compiled, offset, place }];
  });
}

/** From offsets in the module to places in the source, as the module's own source map says. */
export function sourcePlaces(module) {
  return placeFinder(module).at;
}

/** `at`: the place of an offset; `after`: the first place after it. */
function placeFinder(module) {
  const map = sourceMapOf(module);
  if (map === null) return { at: () => null, after: () => null };
  const mappings = decodeMappings(map.mappings);
  const placeOf = (found) => {
    if (found?.source === undefined) return null;
    return {
      file: decodeURIComponent(map.sources[found.source]),
      line: found.line + 1,
      column: found.column + 1,
      function: map.names?.[found.name] ?? null,
    };
  };
  return {
    at: (offset) => placeOf(mappings[firstAfter(mappings, offset) - 1]),
    after: (offset) =>
      placeOf(mappings.slice(firstAfter(mappings, offset)).find((m) => m.source !== undefined)),
  };
}

function sourceMapOf(module) {
  const [section] = WebAssembly.Module.customSections(module, "sourceMappingURL");
  if (section === undefined) return null;
  const bytes = new Uint8Array(section);
  const start = bytes.findIndex((byte) => byte < 0x80) + 1;
  const url = new TextDecoder().decode(bytes.subarray(start));
  const data = /^data:application\/json;base64,(.*)$/.exec(url);
  if (data === null) return null;
  const json = Uint8Array.from(atob(data[1]), (c) => c.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(json));
}

/** Mappings in the order of `offset`; those without a source end what came before. */
function decodeMappings(text) {
  const state = { offset: 0, source: 0, line: 0, column: 0, name: 0 };
  return text.split(",").flatMap((segment) => {
    const [offset, source, line, column, name] = decodeNumbers(segment);
    if (offset === undefined) return [];
    state.offset += offset;
    if (source === undefined) return [{ offset: state.offset }];
    state.source += source;
    state.line += line;
    state.column += column;
    state.name += name ?? 0;
    return [name === undefined ? { ...state, name: undefined } : { ...state }];
  });
}

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

function decodeNumbers(segment) {
  const numbers = [];
  let [value, shift] = [0, 0];
  for (const char of segment) {
    const digit = DIGITS.indexOf(char);
    value += (digit & 31) << shift;
    shift += 5;
    if (digit >= 32) continue;
    numbers.push((value & 1) === 1 ? -(value >> 1) : value >> 1);
    [value, shift] = [0, 0];
  }
  return numbers;
}

/** The index of the first mapping after `offset`. */
function firstAfter(mappings, offset) {
  let [low, high] = [0, mappings.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (mappings[middle].offset <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
