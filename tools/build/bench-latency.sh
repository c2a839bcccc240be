#!/usr/bin/env bash
# How late a task of high real-time priority runs, here and on Linux: cyclictest of Debian's rt-tests, alone and beside stress-ng, on 4 CPUs, from the same initramfs in the same QEMU, in turn.
# Wall time: good as ratios, and on a quiet machine. Writes build/bench/latency.txt. usage: bench-latency.sh LINUX_KERNEL        (after make kernel)
set -euo pipefail
linux=$1
out=build/bench/latency
rounds=${ROUNDS:-3}
rm -rf "$out"
mkdir -p "$out/tree"
tools/build/make-debian-tree.sh build/debian/bench-latency rt-tests stress-ng
cat > "$out/tree/init" <<'INIT'
#!/bin/busybox sh
export PATH=/usr/bin:/bin:/usr/sbin:/sbin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/shm
mount -t tmpfs tmpfs /dev/shm
mount -t tmpfs tmpfs /tmp
cd /tmp
figure() { echo "##figure latency.$1 $2 $3"; }
latencies() { # NAME: of all threads together
    cyclictest --quiet --mlockall --priority 90 --threads 4 --affinity --interval 2000 --loops 1000 > latencies
    figure "$1_average" "$(sed -nE 's/.*Avg: *([0-9]+).*/\1/p' latencies | awk '{ s += $1 } END { print s / NR }')" us
    figure "$1_most" "$(sed -nE 's/.*Max: *([0-9]+).*/\1/p' latencies | sort -n | tail -n 1)" us
}
latencies quiet
stress-ng --quiet --cpu 2 --switch 2 --vm 1 --vm-bytes 8m --timeout 120 > /dev/null 2>&1 &
sleep 2
latencies stress
echo "##poweroff"
poweroff -f
INIT
chmod +x "$out/tree/init"
COMPRESS=none tools/build/make-initramfs.sh "$out/initramfs.cpio" build/debian/bench-latency "$out/tree"

run() { # name kernel
    echo "bench: $1"
    tools/boot --kernel "$2" --initrd "$out/initramfs.cpio" --memory 1024 --cpus 4 --append "console=ttyS0 quiet mitigations=off" \
        --timeout 600 --log "$out/$1.log" > "$out/$1.out" || { tail -n 20 "$out/$1.out"; exit 1; }
    tr -d '\r' < "$out/$1.out" | awk '/^##figure / { sub(/^latency\./, "", $2); print $2, $3, $4 }' > "$out/$1.fig"
}
for ((round = 1; round <= rounds; round++)); do
    run "ours-$round" build/kernel.elf
    run "linux-$round" "$linux"
done

median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
{
    printf '%-28s %12s %12s %8s\n' figure here Linux ratio
    awk '!seen[$1]++ { print $1, $3 }' "$out/ours-1.fig" | while read -r name unit; do
        a=$(awk -v n="$name" '$1 == n { print $2 }' "$out"/ours-*.fig | median) b=$(awk -v n="$name" '$1 == n { print $2 }' "$out"/linux-*.fig | median)
        awk -v n="$name" -v a="$a" -v b="$b" -v u="$unit" 'BEGIN { printf "%-28s %9.3f %-2s %9.3f %-2s %8.2f\n", n, a, u, b, u, a / b }'
    done
} | tee build/bench/latency.txt
