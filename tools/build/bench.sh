#!/usr/bin/env bash
# The kernel's figures, and its time from the first instruction to the console beside Linux's time from kernel start to init, in the same QEMU.
# Writes build/bench/figures.txt, figures.json and plots.
set -euo pipefail
out=build/bench
mkdir -p "$out/linux"
rounds=${ROUNDS:-5}

need() {
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2> /dev/null | grep -q 'install ok installed' && continue
        echo "bench: installing $package"
        DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$package" > /dev/null
    done
}
need cpio busybox-static gnuplot-nox gcc libc6-dev

# Linux to compare with: Debian's cloud kernel, unpacked and not installed.
if ! compgen -G "$out/linux/boot/vmlinuz-*" > /dev/null; then
    image=$(apt-cache depends linux-image-cloud-amd64 | awk '/Depends: linux-image/ { print $2; exit }')
    echo "bench: fetching $image"
    (cd "$out/linux" && apt-get download -q "$image" > /dev/null 2>&1 && dpkg -x ./*.deb . && rm ./*.deb)
fi
linux=$(compgen -G "$out/linux/boot/vmlinuz-*" | head -n 1)

# An init that says when it was reached and ends the machine.
tree=$out/initramfs
rm -rf "$tree"
mkdir -p "$tree/bin" "$tree/proc" "$tree/dev"
cp /bin/busybox "$tree/bin/busybox"
cat > "$tree/init" <<'INIT'
#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
read up idle < /proc/uptime
while read name value unit; do
    [ "$name" = MemFree: ] && free=$value
done < /proc/meminfo
echo "init-reached $up $free"
/bin/busybox poweroff -f
INIT
chmod +x "$tree/init"
(cd "$tree" && find . | LC_ALL=C sort | cpio -o -H newc --quiet | gzip -n) > "$out/initramfs.gz"

qemu=(timeout 120 qemu-system-x86_64 -machine q35 -cpu max -m 1024 -display none -serial stdio -no-reboot)
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

boot_ours() { # seconds from the kernel's first instruction to the prompt
    tools/boot --kernel build/kernel.elf --memory 1024 --append loglevel=6 --until 'up after [0-9.]+ ms' --timeout 100 "$@" | sed -nE 's/.*up after ([0-9.]+) ms.*/\1/p' | head -n 1
}
boot_init() { # kernel QEMU's options...: milliseconds from its start to init, and the memory that is not free then, in KiB; its file systems, drivers and init's shell are all there
    local kernel=$1
    shift
    "${qemu[@]}" "$@" -kernel "$kernel" -initrd "$out/initramfs.gz" -append "console=ttyS0 quiet mitigations=off panic=-1" < /dev/null | tr -d '\r' | awk '/^init-reached/ { print $2 * 1000, 1048576 - $3 }'
}

: > "$out/more.txt"
instructions=$(boot_ours --icount --cpu max,-erms,-fsrm)
echo "boot_to_prompt $(awk -v v="$instructions" 'BEGIN { printf "%d", v * 1e6 }') instructions" >> "$out/more.txt"

# With -icount a nanosecond is an instruction, and /proc/uptime has hundredths of seconds.
counted=(-icount "shift=0,sleep=off" -cpu "max,-erms,-fsrm")
echo "start_to_init $(boot_init build/kernel.elf "${counted[@]}" | awk '{ print $1 }') million-instructions" >> "$out/more.txt"
echo "linux_start_to_init $(boot_init "$linux" "${counted[@]}" | awk '{ print $1 }') million-instructions" >> "$out/more.txt"

echo "bench: $rounds boots of each kernel, in turn"
: > "$out/ours.ms"
: > "$out/ours-init.ms"
: > "$out/linux.ms"
for ((round = 1; round <= rounds; round++)); do
    boot_ours >> "$out/ours.ms"
    boot_init build/kernel.elf >> "$out/ours-init.ms"
    boot_init "$linux" >> "$out/linux.ms"
    echo "bench: boot $round of $rounds: ours $(tail -n 1 "$out/ours.ms") ms; to init, with KiB in use: ours $(tail -n 1 "$out/ours-init.ms"), Linux $(tail -n 1 "$out/linux.ms")"
done
ours=$(median < "$out/ours.ms")
theirs=$(median < "$out/linux.ms")
ours_init=$(median < "$out/ours-init.ms")
{
    echo "boot_to_prompt_wall $ours ms"
    echo "linux_start_to_init_wall $theirs ms"
    awk -v a="$ours" -v b="$theirs" 'BEGIN { printf "boot_ratio_to_linux %.3f ratio\n", a / b }'
    echo "start_to_init_wall $ours_init ms"
    awk -v a="$ours_init" -v b="$theirs" 'BEGIN { printf "start_to_init_ratio_to_linux %.3f ratio\n", a / b }'
    echo "memory_not_free_at_init $(awk '{ print $2 }' "$out/ours-init.ms" | median) KiB"
    echo "linux_memory_not_free_at_init $(awk '{ print $2 }' "$out/linux.ms" | median) KiB"
    echo "image_size $(stat -c %s build/cosmoskernel.iso) bytes"
    echo "kernel_stripped $(objcopy --strip-debug build/kernel.elf "$out/stripped.elf" && stat -c %s "$out/stripped.elf") bytes"
} >> "$out/more.txt"

tools/bench/bin/Release/net10.0/bench --kernel build/bench-kernel.elf --aims tools/bench/aims.json --output "$out" --more "$out/more.txt"

tools/build/bench-user.sh "$linux"
tools/build/bench-hackbench.sh "$linux"
tools/build/bench-block.sh "$linux"
tools/build/bench-latency.sh "$linux"
tools/build/bench-modules.sh
