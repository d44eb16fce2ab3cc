// `npm start`: builds the package and shows a driver-like program on its way through the compiler and on the emulator.
// Plain JavaScript, run by bare Node after ensure-installed.mjs.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const folder = "docs/tutorial/serial";
const files = ["queue.pnk", "uart.pnk", "main.pnk"].map((name) => `${folder}/${name}`);

function run(title, command, args) {
  if (title !== null)
    console.log(
      `\n── ${title}\n   $ ${[command === process.execPath ? "pancake" : command, ...args.slice(command === process.execPath ? 1 : 0)].join(" ")}\n`,
    );
  const done = spawnSync(command, args, {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (done.status !== 0) {
    process.stdout.write(done.stdout ?? "");
    process.exit(done.status ?? 1);
  }
  return done.stdout;
}

/** The lines of `text` from the first that contains `from`, at most `count`. */
function excerpt(text, from, count) {
  const lines = text.split("\n");
  const start = Math.max(
    0,
    lines.findIndex((line) => line.includes(from)),
  );
  return lines
    .slice(start, start + count)
    .map((line) => `   ${line}`)
    .join("\n");
}

run(null, process.execPath, ["--import", "tsx", "tools/build/build.ts"]);
const pancake = (title, ...args) => run(title, process.execPath, ["dist/pancake.js", ...args]);

console.log(`A serial driver in Pancake: ${files.join(", ")}`);
const stages = pancake("the program after every pass", "explore", "--pass", "all", ...files);
const sections = stages.split(/^# after /m).slice(1);
for (const section of sections) {
  const name = section.slice(0, section.indexOf("\n"));
  const lines = section.split("\n").length - 2;
  console.log(
    `   ${name.padEnd(20)} ${String(lines).padStart(4)} lines  ${"▪".repeat(Math.min(60, Math.ceil(lines / 8)))}`,
  );
}
console.log("\n   `handle_irq`, as source and near the end:\n");
for (const [pass, count] of [
  ["lower-conveniences", 9],
  ["loop-live", 14],
  ["lab-filter", 18],
]) {
  const section = sections.find((text) => text.startsWith(`${pass}\n`)) ?? "";
  console.log(`   after ${pass}:\n${excerpt(section, "handle_irq(", count)}\n`);
}
const output = pancake("compiled for RISC-V and run on the emulator", "run", "--stats", ...files);
console.log(
  output
    .split("\n")
    .map((line) => `   | ${line}`)
    .join("\n"),
);
for (const [title, target, ...options] of [
  ["the same for Arm64", "arm64", "--stats"],
  ["the same as WebAssembly, in Node", "wasm32"],
]) {
  const other = pancake(title, "run", "--target", target, ...options, ...files);
  if (other !== output) {
    console.log(other);
    throw new Error(`${target} printed something else than RISC-V`);
  }
  console.log("   | the same output");
}
console.log(`
The driver sent four lines through a queue of 16 bytes; below them stand the bytes sent and the interrupts taken.

Next:
   npx pancake run FILE.pnk              run your own program
   npx pancake explore --format html -o stages.html ${folder}/*.pnk
   npx pancake check FILE.pnk            see what a message looks like
   npm test                              everything that the project promises
`);
