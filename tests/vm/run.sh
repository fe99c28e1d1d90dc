#!/bin/sh
# Runs tests/vm/inside.sh on a Debian of its own, with a kernel that has cameras, in software
# emulation: about ten minutes, the first time five more. The machine is kept in build/vm.
set -eu
cd "$(dirname "$0")/../.."
folder=build/vm
site=$(echo .venv/lib/python3.*/site-packages)
say() { printf 'test-vm: %s\n' "$*"; }

missing=
for pair in qemu-system-x86_64:qemu-system-x86 debootstrap:debootstrap mke2fs:e2fsprogs; do
    PATH=$PATH:/usr/sbin:/sbin command -v "${pair%%:*}" >/dev/null || missing="$missing ${pair#*:}"
done
PATH=$PATH:/usr/sbin:/sbin
if [ -n "$missing" ]; then
    say "installing by apt:$missing"
    # shellcheck disable=SC2086  # a list of packages
    { apt-get update -q && apt-get install -y -q --no-install-recommends $missing; } >/dev/null || {
        say "NOT RUN: this machine lacks$missing, and they cannot be installed"; exit 1; }
fi
if [ ! -f $folder/root.img ]; then
    [ "$(id -u)" = 0 ] || { say "NOT RUN: only root can make the machine (debootstrap)"; exit 1; }
    say "making the machine once"
    mkdir -p $folder
    tests/vm/build_root.sh $folder >$folder/root.log 2>&1 || {
        say "NOT RUN: the machine could not be made:"; tail -n 5 $folder/root.log; exit 1; }
fi

say "packing this checkout"
rm -rf $folder/payload $folder/payload.img $folder/out
mkdir -p $folder/payload $folder/out
cp -al edge_app hardware tests pyproject.toml $folder/payload
cp -al "$site" $folder/payload/site-packages
rm -rf $folder/payload/site-packages/PyQt6 $folder/payload/site-packages/mypy* $folder/payload/site-packages/*mypyc*
truncate -s 1G $folder/payload.img
mke2fs -q -t ext4 -d $folder/payload $folder/payload.img
rm -rf $folder/payload

say "starting it"
began=$(date +%s)
timeout 2400 qemu-system-x86_64 -machine q35 -accel tcg,thread=multi -cpu Nehalem -smp 2 -m 2048 \
    -nodefaults -no-reboot -display none -serial stdio -net none \
    -kernel $folder/vmlinuz -initrd $folder/initrd \
    -drive file=$folder/root.img,format=raw,if=virtio,snapshot=on \
    -drive file=$folder/payload.img,format=raw,if=virtio,readonly=on \
    -virtfs local,path=$folder/out,mount_tag=out,security_model=none \
    -append "root=/dev/vda rw console=ttyS0 loglevel=2 panic=-1 init=/init.sh" </dev/null
status=$(cat $folder/out/status 2>/dev/null || echo "nothing: it did not come to its end")
say "ended after $(($(date +%s) - began)) s with status $status"
[ "$status" = 0 ]
