#!/usr/bin/env bash
# What a module's calls cost, built in and loaded, and what loading and unloading cost: Tests/ModuleFigures in both kernels, tools/bench/programs/modules.c as init, instructions counted by QEMU.
# Writes build/bench/modules.txt. usage: bench-modules.sh        (builds what it needs)
set -euo pipefail
out=build/bench/modules
rm -rf "$out"
mkdir -p "$out"/{in,loaded}/{dev,proc} "$out/loaded/modules"
tools/build/build-kernel.sh module-figures-kernel Kernel/Image/modules.conf Tests/ModuleFigures
LOADABLE=1 tools/build/build-kernel.sh loadable-kernel Kernel/Image/modules.conf
tools/build/make-module.sh loadable-kernel Tests/ModuleFigures Tests/LoadableModules/Simple
cp build/modules/{simple,module_figures}.ko "$out/loaded/modules/"
for kind in in loaded; do
    gcc -O2 -static -Wall -Wextra -o "$out/$kind/init" tools/bench/programs/modules.c
    (cd "$out/$kind" && find . | LC_ALL=C sort | cpio -o -H newc --quiet --reproducible --owner=0:0 | gzip -n) > "$out/$kind.cpio.gz"
done

run() { # NAME KERNEL
    echo "bench: modules, $1"
    tools/boot --kernel "$2" --initrd "$out/$1.cpio.gz" --memory 1024 --append "console=ttyS0 quiet" --icount --cpu max,-erms,-fsrm --timeout 300 --log "$out/$1.log" > "$out/$1.out" || { tail -n 20 "$out/$1.out"; exit 1; }
    ! grep '##figure-failed' "$out/$1.out" || exit 1
    tr -d '\r' < "$out/$1.out" | sed -n 's/^##measured //p' > "$out/$1.fig"
    [ -s "$out/$1.fig" ] || { echo "bench-modules: no figures in $out/$1.log" >&2; exit 1; }
}
run in build/module-figures-kernel.elf
run loaded build/loadable-kernel.elf

{
    printf '%-56s %10s %10s %8s\n' 'instructions of' 'built in' loaded ratio
    while read -r cost name; do
        other=$(awk -v n="$name" '{ c = $1; sub(/^[^ ]+ /, "") } $0 == n { print c }' "$out/loaded.fig")
        awk -v n="$name" -v a="$cost" -v b="$other" 'BEGIN { printf "%-56s %10.1f %10.1f %8.2f\n", n, a, b, b / a }'
    done < "$out/in.fig"
    tr -d '\r' < "$out/loaded.out" | awk '/^##figure module/ { sub(/^module\./, "", $2); printf "%-56s %10s %10d\n", $2 " (simple.ko)", "", $3 }'
} | tee build/bench/modules.txt
