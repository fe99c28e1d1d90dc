#!/bin/sh
# The emulated machine's first process: gives it its folders, runs the checkout's `inside.sh`, ends.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
for place in proc sysfs; do mount -t $place $place "/${place%fs}" 2>/dev/null; done
mkdir -p /dev/shm /tmp /repo
mount -t tmpfs tmp /tmp
mount -t tmpfs shm /dev/shm
mkdir -p /tmp/out
modprobe 9pnet_virtio
mount -o ro /dev/vdb /repo
mount -t 9p -o trans=virtio,version=9p2000.L out /tmp/out
bash /repo/tests/vm/inside.sh
echo $? > /tmp/out/status
sync
echo o > /proc/sysrq-trigger
sleep 60
