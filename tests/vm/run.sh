#!/bin/sh
# A camera of the kernel's own (vivid) in an emulated Debian machine: FOLDER holds the machine.
set -eu
cd "$(dirname "$0")/../.."
folder=build/vm
rm -rf $folder/out && mkdir -p $folder/out
timeout 1500 qemu-system-x86_64 -machine q35 -accel tcg,thread=multi -cpu Nehalem -smp 2 -m 2048 \
    -nodefaults -no-reboot -display none -serial stdio -net none \
    -kernel $folder/vmlinuz -initrd $folder/initrd \
    -drive file=$folder/root.img,format=raw,if=virtio,snapshot=on \
    -virtfs local,path=.,mount_tag=repo,security_model=none,readonly=on,multidevs=remap \
    -virtfs local,path=$folder/out,mount_tag=out,security_model=none \
    -append "root=/dev/vda rw console=ttyS0 quiet panic=-1 init=/init.sh" </dev/null
