// A device tree as the blob that guests read (Devicetree Specification 0.4, chapter 5: flattened format version 17).
// Relies on spec/boards/device-tree.ts and spec/abi/device-tree-blob.ts. Guarantees: phandles count from 1 in the order of the labelled nodes.

import { DEVICE_TREE_BLOB, DEVICE_TREE_TOKEN } from "../../spec/abi/device-tree-blob.ts";
import type { Cell, DeviceTreeNode, PropertyValue } from "../../spec/boards/device-tree.ts";

/** The blob of the tree under `root`; a reference to a label that no node has throws. */
export function deviceTreeBlob(root: DeviceTreeNode): Uint8Array {
  const writer = new BlobWriter(phandles(root));
  writer.node(root);
  writer.token(DEVICE_TREE_TOKEN.end);
  return writer.blob();
}

function phandles(root: DeviceTreeNode): ReadonlyMap<string, number> {
  const numbers = new Map<string, number>();
  const visit = ({ label, children }: DeviceTreeNode): void => {
    if (label !== null) numbers.set(label, numbers.size + 1);
    children.forEach(visit);
  };
  visit(root);
  return numbers;
}

class BlobWriter {
  private readonly structure: number[] = [];
  private readonly strings: number[] = [];
  private readonly stringOffsets = new Map<string, number>();
  private readonly phandles: ReadonlyMap<string, number>;

  constructor(known: ReadonlyMap<string, number>) {
    this.phandles = known;
  }

  node({ name, label, properties, children }: DeviceTreeNode): void {
    this.token(DEVICE_TREE_TOKEN.beginNode);
    this.structure.push(...textBytes(name));
    this.align();
    for (const [key, value] of properties) this.property(key, this.bytesOf(value));
    if (label !== null) this.property("phandle", cellBytes(this.phandleOf(label)));
    for (const child of children) this.node(child);
    this.token(DEVICE_TREE_TOKEN.endNode);
  }

  token(value: number): void {
    this.structure.push(...cellBytes(value));
  }

  blob(): Uint8Array {
    const { magic, version, compatibleVersion, headerBytes, reservationBytes } = DEVICE_TREE_BLOB;
    const structureAt = headerBytes + reservationBytes;
    const stringsAt = structureAt + this.structure.length;
    const total = stringsAt + this.strings.length;
    const header = [
      magic, total, structureAt, stringsAt, headerBytes, version, compatibleVersion,
      0, this.strings.length, this.structure.length,
    ]; // prettier-ignore
    const blob = new Uint8Array(total);
    blob.set(header.flatMap(cellBytes));
    blob.set(this.structure, structureAt);
    blob.set(this.strings, stringsAt);
    return blob;
  }

  private property(key: string, bytes: readonly number[]): void {
    this.token(DEVICE_TREE_TOKEN.property);
    this.structure.push(...cellBytes(bytes.length), ...cellBytes(this.stringOffset(key)), ...bytes);
    this.align();
  }

  private bytesOf(value: PropertyValue): readonly number[] {
    switch (value.kind) {
      case "empty":
        return [];
      case "cells":
        return value.cells.flatMap((cell) => cellBytes(this.cell(cell)));
      case "strings":
        return value.strings.flatMap(textBytes);
      case "bytes":
        return [...value.bytes];
    }
  }

  private cell(cell: Cell): number {
    return typeof cell === "number" ? cell : this.phandleOf(cell.label);
  }

  private phandleOf(label: string): number {
    const number = this.phandles.get(label);
    if (number === undefined) throw new Error(`the device tree has no node ${label}`);
    return number;
  }

  private stringOffset(key: string): number {
    const known = this.stringOffsets.get(key);
    if (known !== undefined) return known;
    const offset = this.strings.length;
    this.strings.push(...textBytes(key));
    this.stringOffsets.set(key, offset);
    return offset;
  }

  private align(): void {
    while (this.structure.length % 4 !== 0) this.structure.push(0);
  }
}

function cellBytes(value: number): readonly number[] {
  return [(value >>> 24) & 0xff, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
}

function textBytes(text: string): readonly number[] {
  return [...new TextEncoder().encode(text), 0];
}
