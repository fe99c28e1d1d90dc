#!/bin/sh
# Makes FOLDER/{root.img,vmlinuz,initrd}: a small Debian with its own kernel, for what this machine's
# kernel lacks. Wants to be root; takes a few minutes and is done once.
set -eu
folder=$1
root=$folder/root
suite=$(. /etc/os-release && printf '%s' "$VERSION_CODENAME")
mirror=$(apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' |
    awk -v suite="$suite" '$1 == suite { print $2; exit }')
# What debootstrap mounted there, or left mounted where it was interrupted.
apart() { for place in proc sys; do umount "$root/$place" 2>/dev/null || true; done; }
apart
rm -rf "$root"
mkdir -p "$root"
debootstrap --variant=minbase --include=kmod,python3,linux-image-amd64 \
    "$suite" "$root" "$mirror"
# Neither udev nor systemd: its first process is ours.
install -m 755 "$(dirname "$0")/init.sh" "$root/init.sh"
cp "$root"/boot/vmlinuz-* "$folder/vmlinuz"
cp "$root"/boot/initrd.img-* "$folder/initrd"
rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*
rm -f "$folder/root.img.part"
truncate -s 3G "$folder/root.img.part"
apart
mke2fs -q -t ext4 -d "$root" "$folder/root.img.part"
rm -rf "$root"
mv "$folder/root.img.part" "$folder/root.img"
