// A device tree from a file: read, given the boot's own facts, and written again (Devicetree Specification 0.4, chapter 5).
//
// Relies on spec/boards/device-tree.ts and spec/abi/device-tree-blob.ts. Guarantees: a file that is none is null, never an
// exception; nesting is bounded. Memory reservations are not kept.

import { DEVICE_TREE_BLOB, DEVICE_TREE_TOKEN as TOKEN } from "../../spec/abi/device-tree-blob.ts";
import { chosenFacts, type BoardConfiguration } from "../../spec/boards/board.ts";
import { node, type DeviceTreeNode, type PropertyValue } from "../../spec/boards/device-tree.ts";

const MAX_DEPTH = 64;
/** Longer ones are nobody's. */
const MAX_NAME_BYTES = 1024;
const MAX_PROPERTY_BYTES = 1 << 16;
const CHOSEN = "chosen";

/** The tree in `bytes`; null if they are none. */
export function readDeviceTreeFile(bytes: Uint8Array): DeviceTreeNode | null {
  const reader = new TreeReader(bytes);
  const root = reader.tree();
  return reader.isWrong ? null : root;
}

/** The same tree with the kernel's arguments and initial file system in `/chosen`, where there are any. */
export function withChosen(root: DeviceTreeNode, configuration: BoardConfiguration): DeviceTreeNode {
  const facts = node(CHOSEN, chosenFacts(configuration));
  if (facts.properties.length === 0) return root;
  const old = root.children.find(({ name }) => name === CHOSEN) ?? node(CHOSEN, {});
  const names = new Set(facts.properties.map(([name]) => name));
  const kept = old.properties.filter(([name]) => !names.has(name));
  const chosen = { ...old, properties: [...kept, ...facts.properties] };
  const others = root.children.filter((child) => child !== old);
  return { ...root, children: [...others, chosen] };
}

class TreeReader {
  /** It is no device tree; what was answered then means nothing. */
  isWrong = false;
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly end: number;
  private readonly strings: number;
  private at: number;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const { magic, headerBytes, header } = DEVICE_TREE_BLOB;
    const isTree = bytes.length >= headerBytes && this.cell(header.magic) === magic;
    this.isWrong = !isTree;
    this.end = isTree ? Math.min(this.cell(header.totalBytes), bytes.length) : 0;
    this.at = isTree ? this.cell(header.structure) : 0;
    this.strings = isTree ? this.cell(header.strings) : 0;
  }

  tree(): DeviceTreeNode {
    if (this.token() !== TOKEN.beginNode) this.isWrong = true;
    return this.node(0);
  }

  // After its first token.
  private node(depth: number): DeviceTreeNode {
    const name = this.text(this.at);
    this.at = aligned(this.at + name.length + 1);
    const properties: (readonly [string, PropertyValue])[] = [];
    const children: DeviceTreeNode[] = [];
    if (depth > MAX_DEPTH) this.isWrong = true;
    while (!this.isWrong) {
      const token = this.token();
      if (token === TOKEN.property) properties.push(this.property());
      else if (token === TOKEN.beginNode) children.push(this.node(depth + 1));
      else if (token === TOKEN.endNode) break;
      else this.isWrong = true;
    }
    return { name, label: null, properties, children };
  }

  private property(): readonly [string, PropertyValue] {
    const length = this.cell(this.at);
    const name = this.text(this.strings + this.cell(this.at + 4));
    const start = this.at + 8;
    if (start + length > this.end || length > MAX_PROPERTY_BYTES) this.isWrong = true;
    this.at = aligned(start + length);
    return [name, { kind: "bytes", bytes: this.bytes.subarray(start, start + length) }];
  }

  private token(): number {
    let token: number = TOKEN.nothing;
    while (token === TOKEN.nothing && !this.isWrong) {
      token = this.cell(this.at);
      this.at += 4;
    }
    return token;
  }

  private text(at: number): string {
    const end = this.bytes.indexOf(0, at);
    if (end < 0 || end >= this.end || end - at > MAX_NAME_BYTES) this.isWrong = true;
    return this.isWrong ? "" : String.fromCharCode(...this.bytes.subarray(at, end));
  }

  private cell(at: number): number {
    if (at + 4 <= this.bytes.length) return this.view.getUint32(at);
    this.isWrong = true;
    return 0;
  }
}

function aligned(at: number): number {
  return Math.ceil(at / 4) * 4;
}
