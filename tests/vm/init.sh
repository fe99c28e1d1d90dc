#!/bin/sh
# The machine's first process: gives it its folders, then runs the checkout's `inside.sh` and ends.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mountpoint -q /proc || mount -t proc proc /proc
mountpoint -q /sys || mount -t sysfs sys /sys
mountpoint -q /dev || mount -t devtmpfs dev /dev
mkdir -p /dev/shm /dev/pts
mount -t tmpfs shm /dev/shm
mount -t tmpfs tmp /tmp
mkdir -p /tmp/out
modprobe 9pnet_virtio
mount -t 9p -o trans=virtio,version=9p2000.L,msize=524288,ro,cache=loose repo /repo
mount -t 9p -o trans=virtio,version=9p2000.L out /tmp/out
ip link set lo up 2>/dev/null
bash /repo/tests/vm/inside.sh
echo $? > /tmp/out/status
sync
echo o > /proc/sysrq-trigger
sleep 60
