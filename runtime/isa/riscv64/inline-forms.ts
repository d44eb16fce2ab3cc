// CSRs of RISC-V as plain statements (runtime/isa/inline-forms.ts), by privilege.
//
// Relies on spec/isa/riscv64/privileged.ts, as system-registers.ts does. A register of which writes change nothing else is
// bits of its file; of mstatus those fields that no mode depends on, as long as no pending interrupt is let in.
// Whatever depends on other control bits, and counters, are left to the port.

import type { Expr, Stmt } from "../../../spec/isa/effect.ts";
import { privilegedFiles, type StoredRegister } from "../../../spec/isa/riscv64/privileged.ts";
import { PRIVILEGE, STATUS } from "../../../spec/isa/riscv64/status.ts";
import { fieldMask } from "../../core/bit-field.ts";
import {
  anyOf,
  binary,
  contents,
  hasAny,
  isUnder,
  number,
  setContents,
  ticks,
  type InlineChange,
  type InlineForms,
  type InlineValue,
} from "../inline-forms.ts";
import { isReadOnly, lowestPrivilege, registerOf } from "./system-registers.ts";
import { NS_PER_TIME_TICK } from "./time.ts";

const ALL = (1n << 64n) - 1n;
const widths = new Map(privilegedFiles.map(({ name, width }) => [name, width]));

function valueOf(file: string): Expr {
  return contents(file, widths.get(file) ?? 64);
}

const enables = fieldMask(STATUS.SIE) | fieldMask(STATUS.MIE);
// Fields of mstatus that no mode and no translation depends on.
const plainStatus = enables | fieldMask(STATUS.SPIE) | fieldMask(STATUS.MPIE) | fieldMask(STATUS.SPP);

/** What is at `privilege`. */
export function inlineForms(privilege: bigint): InlineForms {
  // The register, if it is bits of the first entry of a file whatever control bits say.
  const stored = (csr: number): StoredRegister | null => {
    const register = privilege < lowestPrivilege(csr) ? null : registerOf(csr);
    return register?.kind === "stored" && register.rule === null && register.index === 0 ? register : null;
  };
  return {
    readCsr: (csr) => {
      const register = stored(csr);
      return register === null ? readTime(csr, privilege) : readStored(register);
    },
    writeCsr: (csr, value) => {
      const register = isReadOnly(csr) ? null : stored(csr);
      if (register === null) return null;
      if (register.file === "mstatus") return writeStatus(register, value);
      const isPlain = register.effects.length === 0 && register.legal.length === 0;
      return isPlain ? { unless: null, body: [write(register, register.writable, value)] } : null;
    },
    helper: () => null,
  };
}

// `time`, where the counter enables of higher privileges allow it.
function readTime(csr: number, privilege: bigint): InlineValue | null {
  const register = registerOf(csr);
  if (register?.kind !== "computed" || register.what !== "time") return null;
  const { rule } = register;
  if (rule?.kind !== "counter") return null;
  const gates = [
    ...(privilege < PRIVILEGE.machine ? ["mcounteren"] : []),
    ...(privilege < PRIVILEGE.supervisor ? ["scounteren"] : []),
  ];
  const shut = gates.map((file) => isUnder(valueOf(file), 1n << BigInt(rule.counter), 0n));
  return { unless: anyOf(shut), value: ticks(NS_PER_TIME_TICK) };
}

function readStored({ file, visible, through, summary }: StoredRegister): InlineValue {
  const all = valueOf(file);
  const seen = binary("and", all, number(visible));
  const shown = through === null ? seen : binary("and", seen, valueOf(through));
  if (summary === null) return { unless: null, value: shown };
  const { bit, field, value } = summary;
  const isSet = isUnder(all, fieldMask(field), value << BigInt(field.low));
  const wide: Expr = {
    kind: "choose",
    width: 64,
    cond: isSet,
    then: number(fieldMask(bit)),
    else: number(0n),
  };
  return { unless: null, value: binary("or", shown, wide) };
}

function write({ file }: StoredRegister, mask: bigint, value: Expr): Stmt {
  const kept = binary("and", valueOf(file), number(ALL & ~mask));
  return setContents(file, widths.get(file) ?? 64, binary("or", kept, binary("and", value, number(mask))));
}

function writeStatus(register: StoredRegister, value: Expr): InlineChange {
  const before = valueOf(register.file);
  const changed = binary("xor", before, value);
  const changesMore = hasAny(changed, register.writable & ~plainStatus);
  // Software's and the wires' interrupts that are enabled one by one, whoever would take them.
  const pending = binary("and", binary("or", valueOf("mip"), valueOf("inputs")), valueOf("mie"));
  const letsIn = binary("and", changed, value);
  const isEnabling = hasAny(letsIn, enables & register.writable);
  const takes: Expr = {
    kind: "binary",
    width: 1,
    op: "and",
    left: isEnabling,
    right: hasAny(pending, ALL),
  };
  return {
    unless: anyOf([changesMore, takes]),
    body: [write(register, register.writable & plainStatus, value)],
  };
}
