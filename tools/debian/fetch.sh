#!/usr/bin/env bash
# Fetches Debian's kernel and static busybox for the ISA $1 (arm64 or riscv64) into the folder $2, once: `vmlinuz`, `busybox`
# and `modules/*.ko` of the kinds that our boards' devices need. apt keeps its lists there too, so nothing of the host's
# own set-up changes.
set -euo pipefail
isa=$1 folder=$2
[ -e "$folder/complete" ] && exit 0
case $isa in
  arm64) release=bookworm ;;
  riscv64) release=trixie ;; # the first with this architecture
  *) echo "no Debian for $isa" >&2; exit 2 ;;
esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/root" "$folder/modules"
cd "$work"
# The mirror that this host uses already.
archive=$(apt-get indextargets --format '$(REPO_URI)' 'Origin: Debian' | grep -m1 '/debian/*$')
echo "deb $archive $release main" > sources.list
apt=(-qq -o APT::Architecture="$isa" -o APT::Architectures="$isa" -o Dir::State::lists="$work/lists"
  -o Dir::Cache="$work/cache" -o Dir::State::status=/dev/null -o APT::Sandbox::User=root
  -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=/dev/null)
apt-get "${apt[@]}" update
image=$(apt-cache "${apt[@]}" depends "linux-image-$isa" | sed -n 's/.*Depends: \(linux-image-[0-9][^ ]*\).*/\1/p' | head -1)
apt-get "${apt[@]}" download "$image" busybox-static
unpack() { # unpack DEB PATTERN...
  local deb=$1; shift
  dpkg-deb --fsys-tarfile "$deb" | tar -x -C root --wildcards "$@"
}
unpack linux-image-*.deb './boot/vmlinu*' '*/drivers/virtio/*.ko*' '*/drivers/block/virtio*.ko*' '*/drivers/net/virtio*.ko*' \
  '*/drivers/net/net_failover.ko*' '*/net/core/failover.ko*' '*/fs/fat/*.ko*' '*/fs/nls/*.ko*'
unpack busybox-static_*.deb '*/bin/busybox'
find root -name '*.ko.xz' -exec unxz {} +
find root -name '*.ko' -exec mv {} "$folder/modules/" \;
mv root/boot/vmlinu* "$folder/vmlinuz"
find root -name busybox -type f -exec mv {} "$folder/busybox" \;
test -s "$folder/busybox"
touch "$folder/complete"
