#!/usr/bin/env bash
# Boots an ISO in QEMU with the console on this terminal. Ctrl-A X ends QEMU.
# usage: run.sh ISO CPUS MEMORY_MIB
set -euo pipefail
iso=$1 cpus=$2 memory=$3
display=(-nographic)
if [ -n "${SCREEN:-}" ]; then
    display=(-serial mon:stdio -display "$SCREEN")
fi
echo "run: $cpus CPUs, $memory MiB; Ctrl-A X ends QEMU, Ctrl-A H helps"
exec qemu-system-x86_64 -machine q35 -cpu max -smp "$cpus" -m "$memory" -cdrom "$iso" -no-reboot "${display[@]}"
