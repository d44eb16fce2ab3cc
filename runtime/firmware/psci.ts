// PSCI behind `hvc` and `smc`: what QEMU's virt board answers itself when no firmware runs at EL3.
// Relies on spec/abi/psci.ts and firmware-machine.ts. Unknown calls answer NOT_SUPPORTED, as QEMU's do.

import {
  MPIDR_AFFINITY,
  PSCI_AFFINITY,
  PSCI_FUNCTION,
  PSCI_NO_MIGRATION,
  PSCI_RESULT,
  PSCI_VERSION,
  PSCI_WIDE,
} from "../../spec/abi/psci.ts";
import type { FirmwareCalls, SystemHart } from "../isa/system.ts";
import type { FirmwareMachine } from "./firmware-machine.ts";

/** One call: the result for x0, or null if the hart does not go on after it. */
type Call = (args: readonly bigint[], hart: SystemHart) => bigint | null;

const FILE = "x";

/** The firmware for `machine`; `entryPrivilege` is what started cores begin in. */
export function psciFirmware(machine: FirmwareMachine, entryPrivilege: string): FirmwareCalls {
  const calls = callTable(machine, entryPrivilege);
  return {
    call(hart) {
      const state = hart.hart;
      const number = BigInt.asUintN(32, state.read(FILE, 0));
      const wide = (number & PSCI_WIDE) !== 0n;
      const args = [1, 2, 3].map((i) => BigInt.asUintN(wide ? 64 : 32, state.read(FILE, i)));
      const result = calls.has(number) ? calls.get(number)?.(args, hart) : PSCI_RESULT.notSupported;
      if (typeof result === "bigint") state.write(FILE, 0, result);
      return true;
    },
  };
}

function callTable(machine: FirmwareMachine, entryPrivilege: string): ReadonlyMap<bigint, Call> {
  const f = PSCI_FUNCTION;
  const cpuOn: Call = ([target = 0n, entry = 0n, context = 0n]) =>
    turnOn(machine, { target, entry, context, privilege: entryPrivilege });
  const affinity: Call = ([target = 0n]) => {
    const hart = coreAt(machine, target);
    if (hart === null) return PSCI_RESULT.invalidParameters;
    return hart.isOn ? PSCI_AFFINITY.on : PSCI_AFFINITY.off;
  };
  const suspend: Call = (_args, hart) => {
    hart.wait();
    return PSCI_RESULT.success;
  };
  const table = new Map<bigint, Call>([
    [f.version, () => PSCI_VERSION],
    [f.cpuSuspend, suspend],
    [f.cpuSuspend | PSCI_WIDE, suspend],
    [f.cpuOff, (_args, hart) => turnOff(hart)],
    [f.cpuOn, cpuOn],
    [f.cpuOn | PSCI_WIDE, cpuOn],
    [f.affinityInfo, affinity],
    [f.affinityInfo | PSCI_WIDE, affinity],
    [f.migrateInfoType, () => PSCI_NO_MIGRATION],
    [f.systemOff, (_args, hart) => end(machine, hart, "off")],
    [f.systemReset, (_args, hart) => end(machine, hart, "reset")],
  ]);
  const features: Call = ([number = 0n]) =>
    table.has(number) ? PSCI_RESULT.success : PSCI_RESULT.notSupported;
  return table.set(f.features, features);
}

interface TurnOn {
  readonly target: bigint;
  readonly entry: bigint;
  readonly context: bigint;
  readonly privilege: string;
}

function turnOn(machine: FirmwareMachine, { target, entry, context, privilege }: TurnOn): bigint {
  const hart = coreAt(machine, target);
  if (hart === null) return PSCI_RESULT.invalidParameters;
  if (hart.isOn) return PSCI_RESULT.alreadyOn;
  if (entry % 4n !== 0n) return PSCI_RESULT.invalidParameters;
  hart.reset({ pc: entry, registers: new Map([[0, context]]), privilege, isOn: true });
  return PSCI_RESULT.success;
}

function turnOff(hart: SystemHart): null {
  hart.turnOff();
  return null;
}

function end(machine: FirmwareMachine, hart: SystemHart, kind: "off" | "reset"): null {
  hart.turnOff();
  machine.power({ kind, exitCode: 0 });
  return null;
}

// Cores are numbered by their lowest affinity field.
function coreAt({ harts }: FirmwareMachine, affinity: bigint): SystemHart | null {
  return harts[Number(affinity & MPIDR_AFFINITY)] ?? null;
}
