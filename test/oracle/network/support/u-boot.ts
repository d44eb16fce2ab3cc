// Debian's U-Boot under QEMU, its network card joined to a backend of ours over the socket framing, and its console to
// type at. Relies on qemu-system-* and u-boot-qemu.

import { spawn, type ChildProcess } from "node:child_process";
import { nodeSockets } from "../../../../runtime/host/node-network.ts";
import type { NetworkBackend } from "../../../../runtime/network/backend.ts";
import { SocketBackend } from "../../../../runtime/network/socket-backend.ts";

/** How QEMU is started for each ISA. */
export const uBoots = {
  riscv64: [
    "qemu-system-riscv64",
    "-machine",
    "virt",
    "-kernel",
    "/usr/lib/u-boot/qemu-riscv64_smode/uboot.elf",
  ],
  arm64: [
    "qemu-system-aarch64",
    "-machine",
    "virt",
    "-cpu",
    "cortex-a53",
    "-bios",
    "/usr/lib/u-boot/qemu_arm64/u-boot.bin",
  ],
} as const;

/** The two ways in which QEMU speaks the framing. */
export const framings = {
  stream: (port: number) => `stream,id=n,server=off,addr.type=inet,addr.host=127.0.0.1,addr.port=${port}`,
  socket: (port: number) => `socket,id=n,connect=127.0.0.1:${port}`,
} as const;

const PROMPT = "\n=> ";

export class UBootMachine {
  private readonly qemu: ChildProcess;
  private readonly cable: SocketBackend;
  private output = "";
  private wake: () => void = () => undefined;

  private constructor(qemu: ChildProcess, cable: SocketBackend) {
    this.qemu = qemu;
    this.cable = cable;
    qemu.stdout?.on("data", (bytes: Buffer) => {
      this.output += bytes.toString("latin1").replaceAll("\r", "");
      this.wake();
    });
  }

  /** Starts U-Boot with its card at the near end of `backend` and waits for its prompt. */
  static async start(
    isa: keyof typeof uBoots,
    framing: keyof typeof framings,
    backend: NetworkBackend,
  ): Promise<UBootMachine> {
    const { port, cable } = await joinOverSocket(backend);
    const [program, ...args] = uBoots[isa];
    const card = ["-netdev", framings[framing](port), "-device", "virtio-net-device,netdev=n"];
    const qemu = spawn(program, [...args, "-m", "256", "-nographic", ...card], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const machine = new UBootMachine(qemu, cable);
    await machine.heard("stop autoboot");
    qemu.stdin.write("\n");
    await machine.heard(PROMPT);
    return machine;
  }

  /** Types a command and gives what it prints. */
  async run(command: string): Promise<string> {
    this.output = "";
    this.qemu.stdin?.write(`${command}\n`);
    await this.heard(PROMPT);
    return this.output.slice(this.output.indexOf("\n") + 1, -PROMPT.length);
  }

  stop(): void {
    this.qemu.kill("SIGKILL");
    this.cable.close();
  }

  private async heard(text: string): Promise<void> {
    while (!this.output.includes(text)) await new Promise<void>((resolve) => (this.wake = resolve));
  }
}

// A listener in front of `backend`, and its port.
async function joinOverSocket(
  backend: NetworkBackend,
): Promise<{ readonly port: number; readonly cable: SocketBackend }> {
  return new Promise((resolve, reject) => {
    const cable = new SocketBackend({
      sockets: nodeSockets(),
      plan: { role: "listen", address: { host: "127.0.0.1", port: 0 } },
      listening: ({ port }) => resolve({ port, cable }),
      failed: (why) => reject(new Error(why)),
    });
    cable.onFrame = (frame) => backend.send(frame);
    backend.onFrame = (frame) => cable.send(frame);
  });
}
