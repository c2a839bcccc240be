#!/usr/bin/env bash
# What a virtio disk gives here and on Linux: one static program (tools/bench/programs/block.c), the same initramfs, disk image and QEMU for both kernels, in turn. Wall time: good as ratios.
# Writes build/bench/block.txt. usage: bench-block.sh LINUX_KERNEL        (after make kernel)
set -euo pipefail
linux=$1
out=build/bench/block
rounds=${ROUNDS:-3}
cpus=${CPUS:-2}
rm -rf "$out"
mkdir -p "$out/tree"/{dev,proc,sys,modules}
gcc -O2 -static -pthread -Wall -Wextra -o "$out/tree/init" tools/bench/programs/block.c

# Debian's kernel has these as modules; ours has its own driver in the image, and gets no list. Linux's modules are beside its kernel.
pack() { (cd "$out/tree" && find . | LC_ALL=C sort | cpio -o -H newc --quiet --reproducible --owner=0:0 | gzip -n) > "$out/$1.cpio.gz"; }
pack ours
modules=$(echo "$(dirname "$linux")"/../lib/modules/*/kernel/drivers)
for module in virtio/virtio_ring virtio/virtio virtio/virtio_pci_modern_dev virtio/virtio_pci_legacy_dev virtio/virtio_pci block/virtio_blk; do
    cp "$modules/$module.ko" "$out/tree/modules/"
    echo "$(basename "$module").ko" >> "$out/tree/modules/list"
done
pack linux

run() { # NAME KIND KERNEL
    echo "bench: $1"
    rm -f "$out/disk.img"
    truncate -s 64M "$out/disk.img"
    tools/boot --kernel "$3" --initrd "$out/$2.cpio.gz" --disk "$out/disk.img" --memory 512 --cpus "$cpus" --append "console=ttyS0 quiet mitigations=off" \
        --timeout 300 --log "$out/$1.log" > "$out/$1.out" || { tail -n 20 "$out/$1.out"; exit 1; }
    tr -d '\r' < "$out/$1.out" | awk '/^##figure / { sub(/^block\./, "", $2); print $2, $3, $4 }' > "$out/$1.fig"
}
for ((round = 1; round <= rounds; round++)); do
    run "ours-$round" ours build/kernel.elf
    run "linux-$round" linux "$linux"
done

quickest() { sort -n | head -n 1; }
{
    printf '%-28s %-7s %12s %12s %8s\n' figure unit here Linux ratio
    while read -r name _ unit; do
        a=$(awk -v n="$name" '$1 == n { print $2 }' "$out"/ours-*.fig | quickest) b=$(awk -v n="$name" '$1 == n { print $2 }' "$out"/linux-*.fig | quickest)
        awk -v n="$name" -v a="$a" -v b="$b" -v u="$unit" 'BEGIN { printf "%-28s %-7s %12d %12d %8.2f\n", n, u, a, b, a / b }'
    done < "$out/ours-1.fig"
} | tee build/bench/block.txt
