// What a pass is. The table of passes and their order is compiler/pipeline.ts.

import type { CompileOptions } from "../options.ts";

/** What a pass may look at besides its input. */
export interface PassContext {
  readonly options: CompileOptions;
}

/** A pure function from program to program; never changes its input. */
export type Pass<In, Out> = (program: In, context: PassContext) => Out;
