#!/usr/bin/env bash
# Compiles and links the vDSO (Kernel/Vdso) to a shared object, and wraps it as data for the kernel's image.
# usage: link-vdso.sh OUT.o XSHARP        also writes OUT.so, OUT's shared object
set -euo pipefail
out=$1 xsharp=$2
so=${out%.o}.so
if [ -f "$out" ] && [ "$out" -nt Kernel/Vdso/Vdso.xs ] && [ "$out" -nt Kernel/Vdso/vdso.ld ] && [ "$out" -nt "$0" ] && [ "$out" -nt "$xsharp" ]; then exit 0; fi
mkdir -p "$(dirname "$out")"
"$xsharp" -o "$so.code.o" Kernel/Vdso/Vdso.xs
ld -shared -nostdlib -soname linux-vdso.so.1 --hash-style=both --eh-frame-hdr --build-id=none -z noexecstack -z max-page-size=4096 -Bsymbolic -T Kernel/Vdso/vdso.ld -o "$so" "$so.code.o"
if readelf -rW "$so" | grep -q R_X86_64; then
    echo "link-vdso: $so has relocations, and nobody relocates it" >&2
    exit 1
fi
strip --strip-all "$so"
objcopy -I binary -O elf64-x86-64 --rename-section .data=.vdso,alloc,load,readonly,data,contents --strip-all "$so" "$out"
