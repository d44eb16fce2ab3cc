// The A64 instruction set of Armv8-A: the tables of this folder as one Isa.
// Relies on isa.ts. The order of groups is the order of `Isa.instructions`.

import { defineIsa } from "../isa.ts";
import type { Isa } from "../schema.ts";
import { aliases } from "./aliases.ts";
import { atomicAccesses } from "./atomics.ts";
import { branches } from "./branches.ts";
import { crc } from "./crc.ts";
import { csrs, unnamedCsrs } from "./csrs.ts";
import { dataProcessingImmediate } from "./data-processing-immediate.ts";
import { dataProcessingRegister } from "./data-processing-register.ts";
import { floatRules } from "./float.ts";
import { floatConversions } from "./float-conversions.ts";
import { floatScalar, scalarAliases } from "./float-scalar.ts";
import { floatVector, vectorAliases } from "./float-vector.ts";
import { accessesAsUser, loadsStores } from "./loads-stores.ts";
import { helpers, traps } from "./machine.ts";
import { operandKinds } from "./operands.ts";
import { classes, files } from "./registers.ts";
import { simdAliases } from "./simd-aliases.ts";
import { simdArithmetic } from "./simd-arithmetic.ts";
import { simdLoadsStores } from "./simd-loads-stores.ts";
import { simdMoves } from "./simd-moves.ts";
import { simdSaturating } from "./simd-saturating.ts";
import { simdShifts } from "./simd-shifts.ts";
import { simdStructures } from "./simd-structures.ts";
import { simdWidening } from "./simd-widening.ts";
import { system } from "./system.ts";
import { systemOperations } from "./system-operations.ts";

/** The Arm64 description that compiler and machine share. */
export const arm64: Isa = defineIsa({
  name: "arm64",
  wordWidth: 64,
  // Every word is 32 bits long.
  wide: { mask: 0, match: 0 },
  ignoredFields: [],
  files,
  classes,
  operandKinds,
  csrs,
  csrWidth: 16,
  unnamedCsrs,
  traps,
  helpers,
  float: floatRules,
  groups: [
    dataProcessingImmediate,
    dataProcessingRegister,
    branches,
    system,
    loadsStores,
    accessesAsUser,
    atomicAccesses,
    crc,
    floatScalar,
    floatVector,
    floatConversions,
    simdLoadsStores,
    simdStructures,
    simdArithmetic,
    simdWidening,
    simdShifts,
    simdSaturating,
    simdMoves,
  ],
  aliases: [...aliases, ...systemOperations, ...scalarAliases, ...vectorAliases, ...simdAliases],
});
