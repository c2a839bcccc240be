#!/usr/bin/env bash
# What system calls cost here and on Linux: one static program (tools/bench/programs/figures.c), the same initramfs and the same QEMU for both kernels, counted instructions and wall time in turn.
# Writes build/bench/user.txt. usage: bench-user.sh LINUX_KERNEL        (after make kernel)
set -euo pipefail
linux=$1
out=build/bench/user
rounds=${ROUNDS:-3}
rm -rf "$out"
mkdir -p "$out/tree/dev" "$out/tree/proc"
gcc -O2 -static -pthread -Wall -Wextra -o "$out/tree/init" tools/bench/programs/figures.c
(cd "$out/tree" && find . | LC_ALL=C sort | cpio -o -H newc --quiet --reproducible --owner=0:0 | gzip -n) > "$out/initramfs.cpio.gz"

run() { # name kernel options...: one boot, its figures into name.fig
    local name=$1 kernel=$2
    shift 2
    echo "bench: $name"
    tools/boot --kernel "$kernel" --initrd "$out/initramfs.cpio.gz" --memory 1024 --append "console=ttyS0 quiet mitigations=off" \
        --timeout 300 --log "$out/$name.log" "$@" > "$out/$name.out" || { tail -n 20 "$out/$name.out"; exit 1; }
    tr -d '\r' < "$out/$name.out" | awk '/^##figure / { sub(/^user\./, "", $2); print $2, $3 }' > "$out/$name.fig"
}

run ours-counted build/kernel.elf --icount --cpu max,-erms,-fsrm
run linux-counted "$linux" --icount --cpu max,-erms,-fsrm
for ((round = 1; round <= rounds; round++)); do
    run "ours-wall-$round" build/kernel.elf
    run "linux-wall-$round" "$linux"
done

median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
value() { awk -v n="$2" '$1 == n { print $2 }' "$out/$1.fig"; }
{
    printf '%-22s %12s %12s %8s %12s %12s %8s\n' operation instructions Linux ratio 'wall ns' Linux ratio
    while read -r name _; do
        a=$(value ours-counted "$name") b=$(value linux-counted "$name")
        c=$(for ((r = 1; r <= rounds; r++)); do value "ours-wall-$r" "$name"; done | median)
        d=$(for ((r = 1; r <= rounds; r++)); do value "linux-wall-$r" "$name"; done | median)
        awk -v n="$name" -v a="$a" -v b="$b" -v c="$c" -v d="$d" 'BEGIN { printf "%-22s %12d %12d %8.2f %12d %12d %8.2f\n", n, a, b, a / b, c, d, c / d }'
    done < "$out/ours-counted.fig"
} | tee build/bench/user.txt
awk 'NR > 1 { s += log($4); t += log($7); n++ } END { printf "geometric mean of the ratios: %.2f counted, %.2f wall\n", exp(s / n), exp(t / n) }' build/bench/user.txt | tee -a build/bench/user.txt
