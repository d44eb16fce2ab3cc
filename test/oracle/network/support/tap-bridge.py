# A Linux host on a TAP interface in a network namespace of its own (start with `unshare -n -m -p -f`): frames go between
# the interface and standard input and output in the framing of QEMU's `-netdev stream`. Runs the shell command that it
# is given as a program of that host, its output to standard error, and ends with its exit status.
import fcntl, os, struct, subprocess, sys, tempfile, threading

TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 0x0002, 0x1000

def shell(command):
    subprocess.run(command, shell=True, check=True, stdout=sys.stderr)

tap = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", b"tap0", IFF_TAP | IFF_NO_PI))
shell("ip link set lo up && ip addr add 10.0.2.15/24 dev tap0 && ip link set tap0 up")
shell("ip route add default via 10.0.2.2")
with tempfile.NamedTemporaryFile("w", suffix=".conf", delete=False) as resolver:
    resolver.write("nameserver 10.0.2.3\noptions timeout:3 attempts:2\n")
shell(f"mount --bind {resolver.name} /etc/resolv.conf")

def from_host():
    while True:
        frame = os.read(tap, 65536)
        sys.stdout.buffer.write(struct.pack(">I", len(frame)) + frame)
        sys.stdout.buffer.flush()

def to_host():
    while True:
        header = sys.stdin.buffer.read(4)
        if len(header) < 4:
            os._exit(1)
        os.write(tap, sys.stdin.buffer.read(struct.unpack(">I", header)[0]))

for pump in (from_host, to_host):
    threading.Thread(target=pump, daemon=True).start()
status = subprocess.run(sys.argv[1], shell=True, stdin=subprocess.DEVNULL, stdout=sys.stderr).returncode
os.unlink(resolver.name)
os._exit(status)
