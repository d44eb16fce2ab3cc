// Public names of the static stage.

export { ADD_WITH_CARRY, addWithCarryIn } from "./calls.ts";
export { chainNodes, chainOperands, isFlat, withoutParens, type Binary } from "./chain.ts";
export { checkProgram } from "./check-program.ts";
export type {
  ConstantInfo,
  ExceptionInfo,
  FieldInfo,
  FunctionInfo,
  GlobalInfo,
  ParameterInfo,
  StaticInfo,
  StructInfo,
} from "./declared.ts";
export { MAX_NESTING } from "./nesting.ts";
export { freshNames, mentions } from "./names.ts";
export { operandsOf, withOperands } from "./operands.ts";
export { shapeOfExpression, shapeOfWritten, writtenShape } from "./shape-of.ts";
export { bind, enterBlock, leaveBlock, lookUp, newScope, type Scope } from "./scope.ts";
export {
  MAX_SHAPE_WORDS,
  MAX_TRANSFER_WORDS,
  shapesEqual,
  showShape,
  wordsOf,
  type Shape,
} from "./shapes.ts";
