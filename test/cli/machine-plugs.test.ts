// What the words of `pancake machine` plug into a board.

import { truncateSync } from "node:fs";
import { expect, test } from "vitest";
import type { Problem } from "../../runtime/problem.ts";
import { VIRTIO_BLOCK } from "../../spec/devices/virtio.ts";
import { virtRiscv64 } from "../../spec/boards/virt-riscv64.ts";
import { plugDevices, type Plugs } from "../../tools/cli/machine/plugs.ts";
import type { MachineWords } from "../../tools/cli/machine/words.ts";
import { Rig } from "../devices/virtio/driver.ts";
import { scratchFolder } from "./pancake.ts";

const scratch = scratchFolder();
const slots = Array.from({ length: 8 }, (_, i) => ({
  name: `virtio${String(i)}`,
  kind: "virtio-mmio",
  address: 0n,
  bytes: 0n,
  interrupt: null,
}));

function plugged(words: Partial<MachineWords>): Plugs & { readonly failures: readonly Problem[] } {
  const failures: Problem[] = [];
  const whole: MachineWords = {
    machine: virtRiscv64.name, smp: "1", memory: "128M", idle: "auto", executor: "fast",
    drive: [], disk: [], device: [], netdev: [], net: [], global: [], chardev: [], fwCfg: [], semihosting: false, snapshot: false,
    reboot: true, stats: false, wait: false, ...words,
  }; // prettier-ignore
  const channel = { send: () => undefined, ready: () => undefined };
  const plugs = plugDevices(whole, {
    slots,
    channel,
    backEnd: (_, id) => ({ channel, isTerminal: id === "terminal" }),
    onDiskFailure: (failure) => failures.push(failure),
  });
  return { ...plugs, failures };
}

test("a disk whose file becomes shorter is named", () => {
  const file = scratch.write("disk", new Uint8Array(1 << 16));
  const { functions, images, failures } = plugged({ disk: [file] });
  expect([...images]).toEqual([["virtio7", file]]);
  const made = functions.get("virtio7");
  if (made === undefined) throw new Error("no disk");
  const rig = new Rig(made);
  const [queue] = rig.start(0n, 1);
  truncateSync(file, 512);
  const header = new Uint8Array(VIRTIO_BLOCK.header.bytes);
  header[VIRTIO_BLOCK.header.sector] = 9;
  queue?.send([
    { at: rig.put(header), bytes: header.length },
    { at: rig.room(513), bytes: 513, isWritable: true },
  ]);
  expect(failures.map(({ code, message }) => `${code} ${message}`)).toEqual([
    expect.stringMatching(/^M0136 .*`.*disk` failed.*: the file has become shorter than 65536 bytes$/),
  ]);
});

test("ports belong to the device before them; what is typed goes to the one at the terminal", () => {
  const serial = "virtio-serial-device";
  const two = plugged({
    device: [serial, "virtconsole,chardev=other", "virtconsole,chardev=terminal", serial],
  });
  expect([...two.functions].map(([slot, { queues }]) => [slot, queues])).toEqual([
    ["virtio7", 6],
    ["virtio6", 2],
  ]);
  expect(two.console).not.toBeNull();
  expect(plugged({ device: [serial, "virtconsole,chardev=other"] }).console).toBeNull();
  expect(() => plugged({ device: ["virtconsole,chardev=other", serial] })).toThrow("before it");
  expect(() => plugged({ device: [serial, "virtconsole"] })).toThrow("needs `chardev=ID`");
});
