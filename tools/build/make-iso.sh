#!/usr/bin/env bash
# Makes a bootable ISO for BIOS and UEFI, the same bytes for the same kernel.
# usage: make-iso.sh KERNEL.elf OUT.iso [INITRAMFS]
set -euo pipefail
kernel=$1 out=$2 initramfs=${3:-}
stage=$out.stage
rm -rf "$stage"
mkdir -p "$stage/boot/grub"
objcopy --strip-debug "$kernel" "$stage/boot/kernel.elf"
cp iso/grub.cfg "$stage/boot/grub/grub.cfg"
[ -z "$initramfs" ] || cp "$initramfs" "$stage/boot/initramfs.cpio.gz"
# 1024 bytes that tools/boot may overwrite: docs/testing.md, "The command line of an ISO".
{ printf '# COSMOSKERNEL-APPEND '; head -c 1001 /dev/zero | tr '\0' ' '; printf '\n'; } > "$stage/boot/grub/append.cfg"

# Every time stamp and identifier inside comes from this moment.
export SOURCE_DATE_EPOCH=1767225600 TZ=UTC
find "$stage" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
log=$out.log
faketime -f '2026-01-01 00:00:00' grub-mkrescue --compress=xz --fonts= --locales= --themes= \
    --modules="multiboot2 part_msdos part_gpt iso9660 normal configfile all_video" \
    -o "$out.new" "$stage" -- -volume_date all_file_dates "=$SOURCE_DATE_EPOCH" > "$log" 2>&1 || { cat "$log" >&2; exit 1; }
mv "$out.new" "$out"
rm -rf "$stage"
