// The targets with machine code, under the names that tests know: tests that hold for each of them walk this list.

export {
  isaNames as machineTargets,
  type IsaName as MachineTarget,
} from "../../compiler/target/isa-named.ts";
