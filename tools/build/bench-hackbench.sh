#!/usr/bin/env bash
# hackbench of Debian's rt-tests, here and on Linux, 4 CPUs: groups of 20 senders and 20 receivers that pass messages through pipes or UNIX sockets, as threads of one process and as processes.
# The same initramfs and the same QEMU for both kernels, in turn. Wall time: good only as ratios. Writes build/bench/hackbench.txt. usage: bench-hackbench.sh LINUX_KERNEL        (after make kernel)
set -euo pipefail
linux=$1
out=build/bench/hackbench
rounds=${ROUNDS:-3}
rm -rf "$out"
mkdir -p "$out/tree"
tools/build/make-debian-tree.sh build/debian/hackbench rt-tests
cat > "$out/tree/init" <<'INIT'
#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t devtmpfs devtmpfs /dev 2> /dev/null
for mode in threads process; do
    for through in pipes sockets; do
        option=--pipe
        [ $through = pipes ] || option=
        result=$(hackbench --$mode $option --groups 4 --loops 100 | /bin/busybox sed -n 's/^Time: //p')
        echo "hackbench-$mode-$through ${result:-failed}"
    done
done
/bin/busybox poweroff -f
INIT
chmod +x "$out/tree/init"
tools/build/make-initramfs.sh "$out/initramfs.cpio" build/debian/hackbench "$out/tree"

run() { # kernel: one boot, seconds of each
    timeout 300 qemu-system-x86_64 -machine q35 -cpu max -smp 4 -m 1024 -display none -serial stdio -no-reboot -kernel "$1" -initrd "$out/initramfs.cpio" \
        -append "console=ttyS0 quiet mitigations=off panic=-1" < /dev/null | tr -d '\r' | awk '/^hackbench-/ { print $1, $2 }'
}
for ((round = 1; round <= rounds; round++)); do
    echo "bench: hackbench $round of $rounds"
    run build/kernel.elf >> "$out/ours.txt"
    run "$linux" >> "$out/linux.txt"
done
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
{
    printf '%-22s %10s %10s %8s\n' 'hackbench, seconds' ours Linux ratio
    for mode in threads-pipes threads-sockets process-pipes process-sockets; do
        a=$(awk -v n="hackbench-$mode" '$1 == n { print $2 }' "$out/ours.txt" | median)
        b=$(awk -v n="hackbench-$mode" '$1 == n { print $2 }' "$out/linux.txt" | median)
        awk -v n="$mode" -v a="$a" -v b="$b" 'BEGIN { printf "%-22s %10.3f %10.3f %8.2f\n", n, a, b, a / b }'
    done
} | tee build/bench/hackbench.txt
