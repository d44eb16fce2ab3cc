// A TFTP server for one file (RFC 1350, with the block size and transfer size options of RFC 2348 and 2349): each
// transfer answers from a port of its own, which is what makes TFTP a test for a NAT.

import { createSocket, type RemoteInfo } from "node:dgram";
import { once } from "node:events";

const OPCODE = { read: 1, data: 3, acknowledge: 4, optionsAcknowledge: 6 } as const;

/** Starts the server at a port of the loopback; gives the port. Transfers and server end with `close`. */
export async function tftpServer(file: Uint8Array): Promise<{ readonly port: number; close(): void }> {
  const socket = createSocket("udp4");
  socket.on("message", (request, client) => {
    if (request.readUInt16BE(0) === OPCODE.read) serve(file, request, client);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return { port: socket.address().port, close: () => void socket.close() };
}

function serve(file: Uint8Array, request: Buffer, client: RemoteInfo): void {
  const words = request.subarray(2).toString("latin1").split("\0");
  const blockBytes = Number(words[words.indexOf("blksize") + 1] ?? 512);
  const transfer = createSocket("udp4");
  const send = (...parts: readonly Uint8Array[]): void =>
    transfer.send(Buffer.concat(parts), client.port, client.address);
  const blocks = Math.floor(file.length / blockBytes) + 1;
  transfer.on("message", (message) => {
    const block = message.readUInt16BE(2);
    if (message.readUInt16BE(0) !== OPCODE.acknowledge || block >= blocks) {
      transfer.close();
      return;
    }
    send(
      Uint8Array.of(0, OPCODE.data, (block + 1) >> 8, (block + 1) & 0xff),
      file.subarray(block * blockBytes, (block + 1) * blockBytes),
    );
  });
  const options = words.includes("tsize") ? `tsize\0${file.length}\0` : "";
  send(Uint8Array.of(0, OPCODE.optionsAcknowledge), Buffer.from(`blksize\0${blockBytes}\0${options}`));
}
