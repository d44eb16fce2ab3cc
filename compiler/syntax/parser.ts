// The parser: tokens of one chunk of text to declarations and diagnostics.
//
// Built once (Chevrotain analyses the grammar in its constructor) and used for every chunk; `parse` keeps no state.

import type { Diagnostic } from "../source/diagnostic.ts";
import { Parser, type Chunk } from "./recovery.ts";
import type { Token } from "./tokens.ts";
import type { Declaration } from "./tree.ts";

export interface ParsedChunk {
  readonly declarations: readonly Declaration[];
  readonly diagnostics: readonly Diagnostic[];
}

export class ProgramParser extends Parser {
  /** Parses the tokens, which end with the end token. The array is edited by recovery. */
  parse(tokens: Token[], chunk: Chunk): ParsedChunk {
    this.begin(tokens, chunk);
    this.program();
    const diagnostics = [...this.explained, ...this.diagnostics];
    return { declarations: [...this.declarations], diagnostics };
  }
}
