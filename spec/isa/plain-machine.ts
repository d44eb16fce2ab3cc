// The smallest machine for effects: registers, sparse memory, CSRs that were put there, one reservation, all as maps.
// For tests, examples and documents. Relies on effect-eval.ts and csr-fields.ts. Guarantees: nothing happens but what an effect asks for.

import { readCsrFields, writeCsrFields } from "./csr-fields.ts";
import type { AccessRequest, EffectMachine, Trap } from "./effect-eval.ts";
import type { CsrField, Csr } from "./schema.ts";

export class PlainMachine implements EffectMachine {
  readonly registers = new Map<string, bigint>();
  readonly csrs = new Map<number, bigint>();
  readonly memory = new Map<bigint, number>();
  /** Names and arguments of helpers in the order of their calls. */
  readonly helped: string[] = [];
  private reservation: bigint | null = null;
  private readonly views: ReadonlyMap<number, readonly CsrField[]>;

  /** `csrs`: those among them that are views of register files are there from the start. */
  constructor(csrs: readonly Csr[] = []) {
    this.views = new Map(
      csrs.flatMap(({ number, fields }) => (fields === undefined ? [] : [[number, fields]])),
    );
  }

  readReg(file: string, index: number): bigint {
    return this.registers.get(`${file}${String(index)}`) ?? 0n;
  }

  writeReg(file: string, index: number, value: bigint): void {
    this.registers.set(`${file}${String(index)}`, value);
  }

  load(address: bigint, access: AccessRequest): bigint | Trap {
    const trap = this.misaligned(address, access, "loadMisaligned");
    if (trap !== null) return trap;
    let value = 0n;
    for (let i = access.bytes - 1; i >= 0; i -= 1) {
      const byte = this.memory.get(address + BigInt(i));
      if (byte === undefined) return { kind: "trap", cause: "loadAccess", value: address };
      value = (value << 8n) | BigInt(byte);
    }
    return value;
  }

  store(address: bigint, value: bigint, access: AccessRequest): Trap | null {
    const trap = this.misaligned(address, access, "storeMisaligned");
    if (trap !== null) return trap;
    for (let i = 0; i < access.bytes; i += 1) {
      if (!this.memory.has(address + BigInt(i)))
        return { kind: "trap", cause: "storeAccess", value: address };
    }
    for (let i = 0; i < access.bytes; i += 1) {
      this.memory.set(address + BigInt(i), Number((value >> BigInt(8 * i)) & 255n));
    }
    return null;
  }

  atomic(address: bigint, update: (old: bigint) => bigint, access: AccessRequest): bigint | Trap {
    const trap = this.misaligned(address, access, "storeMisaligned");
    const old = trap ?? this.load(address, access);
    if (typeof old !== "bigint") return old;
    return this.store(address, update(old), access) ?? old;
  }

  reserve(address: bigint, access: AccessRequest): bigint | Trap {
    const value = this.load(address, access);
    if (typeof value === "bigint") this.reservation = address;
    return value;
  }

  conditional(address: bigint, value: bigint, access: AccessRequest): boolean | Trap {
    const holds = this.reservation === address;
    const trap = this.misaligned(address, access, "storeMisaligned");
    if (trap !== null) return trap;
    this.reservation = null;
    return holds ? (this.store(address, value, access) ?? true) : false;
  }

  readCsr(number: number): bigint | Trap {
    const view = this.views.get(number);
    if (view !== undefined) return readCsrFields(view, (file) => this.readReg(file, 0));
    return this.csrs.get(number) ?? { kind: "trap", cause: "illegalInstruction", value: 0n };
  }

  writeCsr(number: number, value: bigint): Trap | null {
    const view = this.views.get(number);
    if (view !== undefined) {
      writeCsrFields(view, value, (file, part) => this.writeReg(file, 0, part));
      return null;
    }
    if (!this.csrs.has(number)) return { kind: "trap", cause: "illegalInstruction", value: 0n };
    this.csrs.set(number, value);
    return null;
  }

  helper(name: string, args: readonly bigint[]): null {
    this.helped.push(`${name}(${args.join(", ")})`);
    return null;
  }

  private misaligned(address: bigint, access: AccessRequest, cause: string): Trap | null {
    const off = access.aligned && address % BigInt(access.bytes) !== 0n;
    return off ? { kind: "trap", cause, value: address } : null;
  }
}
