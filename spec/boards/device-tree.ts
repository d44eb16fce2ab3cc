// Device trees as data: nodes with properties, references between nodes by label (Devicetree Specification 0.4).
// Relies on nothing. A board's file builds its tree with these; runtime/boards makes the blob that guests read.

/** A 32-bit cell, or the phandle of the node with that label. */
export type Cell = number | { readonly label: string };

/** empty: the property is there. */
export type PropertyValue =
  | { readonly kind: "empty" }
  | { readonly kind: "cells"; readonly cells: readonly Cell[] }
  | { readonly kind: "strings"; readonly strings: readonly string[] }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array };

export interface DeviceTreeNode {
  /** With its unit address: `serial@10000000`; empty for the root. */
  readonly name: string;
  /** What references call it; null: nobody refers to it. */
  readonly label: string | null;
  readonly properties: readonly (readonly [string, PropertyValue])[];
  readonly children: readonly DeviceTreeNode[];
}

/** What a node's property may be written as: text, texts, cells, bytes or `true` for an empty one. */
export type PropertyText = string | readonly string[] | readonly Cell[] | Uint8Array | true;

/** A node; properties keep their order. */
export function node(
  name: string,
  properties: Readonly<Record<string, PropertyText>>,
  children: readonly DeviceTreeNode[] = [],
): DeviceTreeNode {
  const values = Object.entries(properties).map(([key, text]) => [key, valueOf(text)] as const);
  return { name, label: null, properties: values, children };
}

/** The same node under a label. */
export function labelled(label: string, unlabelled: DeviceTreeNode): DeviceTreeNode {
  return { ...unlabelled, label };
}

/** A 64-bit number as two cells, the upper one first. */
export function twoCells(value: bigint): readonly number[] {
  return [Number(value >> 32n), Number(value & 0xffff_ffffn)];
}

/** A `reg` of address and size, two cells each. */
export function reg({
  address,
  bytes,
}: {
  readonly address: bigint;
  readonly bytes: bigint;
}): readonly number[] {
  return [...twoCells(address), ...twoCells(bytes)];
}

/** A node's name with its unit address: `serial@10000000`. */
export function nameAt(prefix: string, { address }: { readonly address: bigint }): string {
  return `${prefix}@${address.toString(16)}`;
}

/** A cell that refers to a node. */
export function phandle(label: string): Cell {
  return { label };
}

function valueOf(text: PropertyText): PropertyValue {
  if (text === true) return { kind: "empty" };
  if (typeof text === "string") return { kind: "strings", strings: [text] };
  if (text instanceof Uint8Array) return { kind: "bytes", bytes: text };
  const strings = text.filter((part) => typeof part === "string");
  if (strings.length > 0) return { kind: "strings", strings };
  return { kind: "cells", cells: text.filter((part) => typeof part !== "string") };
}
