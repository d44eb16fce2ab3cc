// Reads a device tree blob back: paths of nodes to their properties as bytes. For tests that compare trees.

const TOKEN = { beginNode: 1, endNode: 2, property: 3, nop: 4, end: 9 } as const;

export type TreeNodes = ReadonlyMap<string, ReadonlyMap<string, Uint8Array>>;

/** All nodes by path (`/` is the root); throws for anything that is no blob. */
export function readDeviceTree(blob: Uint8Array): TreeNodes {
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  const cell = (at: number): number => view.getUint32(at);
  if (cell(0) !== 0xd00dfeed) throw new Error("not a device tree blob");
  const textAt = (at: number): string => new TextDecoder().decode(blob.subarray(at, blob.indexOf(0, at)));
  const nodes = new Map<string, Map<string, Uint8Array>>();
  const path: string[] = [];
  const stringsAt = cell(12);
  for (let at = cell(8); ;) {
    const token = cell(at);
    at += 4;
    if (token === TOKEN.end) return nodes;
    if (token === TOKEN.nop) continue;
    if (token === TOKEN.endNode) {
      path.pop();
      continue;
    }
    if (token === TOKEN.beginNode) {
      const name = textAt(at);
      path.push(name);
      nodes.set(pathText(path), new Map());
      at = align(at + name.length + 1);
      continue;
    }
    if (token !== TOKEN.property) throw new Error(`token ${String(token)} at ${String(at)}`);
    const bytes = cell(at);
    nodes.get(pathText(path))?.set(textAt(stringsAt + cell(at + 4)), blob.slice(at + 8, at + 8 + bytes));
    at = align(at + 8 + bytes);
  }
}

function pathText(path: readonly string[]): string {
  return path.join("/") || "/";
}

function align(at: number): number {
  return (at + 3) & ~3;
}
