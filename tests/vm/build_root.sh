#!/bin/sh
# Makes FOLDER/{root.img,vmlinuz,initrd}: a small Debian with its own kernel, for what this machine's
# kernel lacks. Wants to be root; takes a few minutes and is done once.
set -eu
folder=$1
root=$folder/root
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | head -n 1)
suite=$(. /etc/os-release && printf '%s' "$VERSION_CODENAME")
rm -rf "$root"
mkdir -p "$root"
debootstrap --variant=minbase --include=kmod,python3,python3-venv,linux-image-amd64 \
    "$suite" "$root" "$mirror"
# No udev and no init of a distribution: the machine starts `inside.sh` and ends with it.
mkdir -p "$root/repo"
cp "$root"/boot/vmlinuz-* "$folder/vmlinuz"
cp "$root"/boot/initrd.img-* "$folder/initrd"
rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*
rm -f "$folder/root.img.part"
truncate -s 3G "$folder/root.img.part"
mke2fs -q -t ext4 -d "$root" "$folder/root.img.part"
rm -rf "$root"
mv "$folder/root.img.part" "$folder/root.img"
