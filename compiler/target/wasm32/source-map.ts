// Where a module's source map is: in the module itself, as a `data:` address, so that a program is one file; or in a
// file of its own, by its name. Engines and the host shim read the same section.

import { SOURCE_MAP_SECTION } from "../../../spec/abi/wasm32.ts";
import type { AssembledModule } from "./assemble-module.ts";
import { withTextSection } from "./module-sections.ts";

/** The bytes of the module with its source map inside, or with the name of the file that holds it. */
export function withSourceMap(module: AssembledModule, file: string | null): Uint8Array {
  const { bytes, sourceMap } = module.binary();
  const address = file === null ? dataAddress(sourceMap) : encodeURI(file);
  return withTextSection(bytes, SOURCE_MAP_SECTION, address);
}

function dataAddress(json: string): string {
  const bytes = new TextEncoder().encode(json);
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return `data:application/json;base64,${btoa(binary)}`;
}
