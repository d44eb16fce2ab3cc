// The pass table is complete and its load-time check can fail (house-style 3.5).

import { expect, test } from "vitest";
import { checkTable, order, pipeline, type PassEntry } from "../../compiler/pipeline.ts";
import { listFiles, typescriptFiles } from "./source-tree.ts";

const passFiles = listFiles()
  .map((path) => /^compiler\/passes\/([a-z0-9-]+)\.ts$/.exec(path)?.[1])
  .filter((name) => name !== undefined && name !== "pass");

test("every pass file is in the table, and the table names no other", () => {
  const named = new Set([...pipeline.map((entry) => entry.name), "lab-to-object"]);
  expect(new Set(passFiles)).toEqual(named);
});

test("a pass file exports one function, named after the file", () => {
  const wrong = typescriptFiles()
    .filter((file) => passFiles.includes(/^compiler\/passes\/([a-z0-9-]+)\.ts$/.exec(file.path)?.[1] ?? ""))
    .flatMap((file) => {
      const name = (file.path.split("/").at(-1) ?? "").replace(".ts", "");
      const camel = name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
      const exported = [...file.text.matchAll(/^export (?:async )?function (\w+)/gm)].map(
        (match) => match[1],
      );
      return exported.length === 1 && exported[0] === camel ? [] : [`${file.path}: ${exported.join(", ")}`];
    });
  expect(wrong).toEqual([]);
});

test("a pass header says what it needs, establishes, keeps and costs", () => {
  const bare = typescriptFiles()
    .filter((file) => passFiles.includes(/^compiler\/passes\/([a-z0-9-]+)\.ts$/.exec(file.path)?.[1] ?? ""))
    .filter(
      (file) => !["Needs:", "Establishes:", "Keeps:", "Cost:"].every((word) => file.text.includes(word)),
    )
    .map((file) => file.path);
  expect(bare).toEqual([]);
});

test("the check of the table finds doubled names, broken chains and broken orders", () => {
  const entry = (name: string, from: PassEntry["from"], to: PassEntry["to"]): PassEntry => ({
    name,
    from,
    to,
    since: 0,
    facts: {},
    run: (stage) => stage,
  });
  expect(() => {
    checkTable([entry("a", "pan", "pan"), entry("a", "pan", "pan")], []);
  }).toThrow("stands twice");
  expect(() => {
    checkTable([entry("a", "pan", "crep"), entry("b", "pan", "pan")], []);
  }).toThrow("gives crep");
  const because = { first: "b", then: "a", because: "reasons" };
  expect(() => {
    checkTable([entry("a", "pan", "pan"), entry("b", "pan", "pan")], [because]);
  }).toThrow("reasons");
  expect(() => {
    checkTable([entry("a", "pan", "pan")], [because]);
  }).toThrow("unknown pass");
});

test("every order entry gives its reason", () => {
  expect(order.filter(({ because }) => because.length < 10)).toEqual([]);
});
