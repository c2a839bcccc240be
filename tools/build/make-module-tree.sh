#!/usr/bin/env bash
# Makes OUT/lib/modules/RELEASE of the modules in build/modules that were built for a kernel, with what modprobe reads.
# usage: make-module-tree.sh OUT KERNEL
set -euo pipefail
out=$1 kernel=$2
rm -rf "$out"
mkdir -p "$out"
shopt -s nullglob
modules=(build/modules/*.ko)
[ ${#modules[@]} -eq 0 ] || tools/loadable/bin/Release/net10.0/loadable index --module "${modules[@]}" --kernel "build/$kernel.symvers" -o "$out"
