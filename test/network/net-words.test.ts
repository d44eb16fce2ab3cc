// The words of `--net`: what they mean, and the mistake that each wrong one is.

import { describe, expect, test } from "vitest";
import { parseNetWords } from "../../runtime/network/net-words.ts";
import { DEFAULT_USER_NETWORK } from "../../runtime/network/user-network.ts";

function problemsOf(...args: string[]): string[] {
  return parseNetWords(args).problems.map(({ code, message }) => `${code} ${message}`);
}

describe("what they mean", () => {
  const plan = (...args: string[]): unknown => {
    const { value, problems } = parseNetWords(args);
    expect(problems).toEqual([]);
    return value;
  };

  test("nothing said is a user network", () => {
    expect(plan()).toEqual({ cable: { kind: "user", plan: DEFAULT_USER_NETWORK }, recordings: [] });
  });

  test("forwarded ports, with and without addresses", () => {
    const forwards = [
      { protocol: "tcp", host: { host: "0.0.0.0", port: 8080 }, guest: { address: 0x0a00020f, port: 80 } },
      { protocol: "udp", host: { host: "127.0.0.1", port: 5353 }, guest: { address: 0x0a000210, port: 53 } },
      { protocol: "tcp", host: { host: "0.0.0.0", port: 2222 }, guest: { address: 0x0a00020f, port: 22 } },
    ];
    expect(
      plan(
        "user,hostfwd=tcp::8080-:80,hostfwd=udp:127.0.0.1:5353-10.0.2.16:53,restrict=on,hostfwd=::2222-:22",
      ),
    ).toEqual({
      cable: { kind: "user", plan: { ...DEFAULT_USER_NETWORK, isRestricted: true, forwards } },
      recordings: [],
    });
  });

  test("sockets", () => {
    const connect = { role: "connect", address: { host: "example.org", port: 1234 } };
    expect(plan("socket,connect=example.org:1234")).toMatchObject({
      cable: { kind: "socket", plan: connect },
    });
    const listen = { role: "listen", address: { host: "0.0.0.0", port: 1234 } };
    expect(plan("socket,listen=:1234")).toMatchObject({ cable: { kind: "socket", plan: listen } });
  });

  test("recordings beside a network, and replay; a doubled comma belongs to the value", () => {
    expect(plan("pcap,file=a,,b.pcap", "none", "pcap,file=c=d")).toEqual({
      cable: { kind: "none" },
      recordings: ["a,b.pcap", "c=d"],
    });
    expect(plan("replay,file=x.pcap")).toEqual({ cable: { kind: "replay", path: "x.pcap" }, recordings: [] });
  });
});

describe("mistakes", () => {
  test("kinds", () => {
    for (const kind of ["tap", "", "toString", "User"]) {
      expect(problemsOf(kind)).toEqual([
        `M0100 expected \`user\`, \`socket\`, \`replay\`, \`pcap\`, \`none\` as the first word of \`--net\`, found \`${kind}\``,
      ]);
    }
    expect(problemsOf("user", "pcap,file=x", "none")).toEqual([
      "M0108 a network card has one cable: `--net none` comes after `--net user`",
    ]);
  });

  test("options", () => {
    expect(problemsOf("user,hostfw=x", "none,", "pcap,file,")).toEqual([
      "M0101 `--net user` has no option `hostfw`: expected `hostfwd`, `restrict`",
      "M0101 `--net none` has no option ``: expected none",
      "M0108 a network card has one cable: `--net none` comes after `--net user`",
      "M0102 expected `file=VALUE` in `--net pcap`, found `file`",
      "M0101 `--net pcap` has no option ``: expected `file`",
      "M0110 `--net pcap` needs `file=VALUE`",
    ]);
    expect(problemsOf("user,restrict=on,restrict=off")).toEqual([
      "M0109 option `restrict` stands twice in `--net user`",
    ]);
    expect(problemsOf("user,restrict=yes")).toEqual([
      "M0111 expected `on` or `off` for `restrict`, found `yes`",
    ]);
  });

  test("forwarded ports", () => {
    const shape =
      "M0103 expected `tcp` or `udp`, then `:[HOSTADDR]:HOSTPORT-[GUESTADDR]:GUESTPORT` in `hostfwd`, found";
    for (const text of ["tcp", "sctp::1-:2", "tcp:1-:2", "tcp::1-2", "tcp::1:2-:3"]) {
      expect(problemsOf(`user,hostfwd=${text}`)).toEqual([`${shape} \`${text}\``]);
    }
    expect(problemsOf("user,hostfwd=tcp:localhost:0-10.0.2.2:70000")).toEqual([
      "M0104 expected an IPv4 address in `hostfwd`, found `localhost`",
      "M0105 expected a port from 1 to 65535 in `hostfwd`, found `0`",
      "M0105 expected a port from 1 to 65535 in `hostfwd`, found `70000`",
      "M0106 guest address 10.0.2.2 is not in the guest's network 10.0.2.0/24",
    ]);
  });

  test("sockets", () => {
    const either = "M0107 `--net socket` needs either `connect=HOST:PORT` or `listen=[HOST]:PORT`";
    expect(problemsOf("socket")).toEqual([either]);
    expect(problemsOf("socket,connect=a:1,listen=:1")).toEqual([either]);
    expect(problemsOf("socket,connect=:1")).toEqual(["M0112 expected `HOST:PORT` in `connect`, found `:1`"]);
    expect(problemsOf("socket,listen=x")).toEqual(["M0112 expected `HOST:PORT` in `listen`, found `x`"]);
    expect(problemsOf("socket,listen=:x")).toEqual([
      "M0105 expected a port from 1 to 65535 in `listen`, found `x`",
    ]);
  });
});
