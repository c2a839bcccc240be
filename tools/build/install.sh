#!/usr/bin/env bash
# Installs the Debian packages that building and testing need, and says which and why. Does nothing when all are there.
set -euo pipefail
needed=(
    "binutils:links the kernel"
    "nasm:assembles what the X# compiler writes"
    "grub-pc-bin:boots the ISO on BIOS machines"
    "grub-efi-amd64-bin:boots the ISO on UEFI machines"
    "grub-common:makes the ISO"
    "xorriso:makes the ISO"
    "mtools:makes the ISO's UEFI part"
    "faketime:makes the ISO the same at any time of day"
    "qemu-system-x86:runs the kernel"
    "ovmf:gives QEMU a UEFI"
    "bochs:runs the kernel in a second emulator"
    "bochs-term:lets Bochs run without a screen"
    "bochsbios:firmware for Bochs"
    "vgabios:video firmware for Bochs"
    "busybox-static:is the first program that the kernel runs"
    "cpio:makes the initramfs"
    "gcc:builds the programs of the user-space tests"
    "libc6-dev:is the first C library that they run with"
    "musl-tools:is the second"
    "fdisk:partitions disk images for tests"
    "console-setup-linux:holds the font for the graphics console"
)
missing=()
for entry in "${needed[@]}"; do
    package=${entry%%:*}
    if ! dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed'; then
        echo "install: $package is missing; it ${entry#*:}"
        missing+=("$package")
    fi
done
if ! command -v dotnet > /dev/null; then
    echo "install: the .NET SDK 10 (command 'dotnet') is missing; see README.md" >&2
    exit 3
fi
[ ${#missing[@]} -eq 0 ] && exit 0
if [ "$(id -u)" -eq 0 ]; then sudo=; elif command -v sudo > /dev/null; then sudo=sudo; else
    echo "install: run as root, or install by hand: apt-get install ${missing[*]}" >&2
    exit 3
fi
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update -q
$sudo apt-get install -y -q --no-install-recommends "${missing[@]}"
