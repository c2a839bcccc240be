#!/usr/bin/env bash
# Links the kernel twice: once to know the addresses, and again with the symbol table that panics and stack traces read.
# usage: link-kernel.sh OUT.elf MANAGED.o XSHARP_OBJECT_LIST IMAGE_TOOL VDSO.o [MORE.o...]      ILC's statistics are MANAGED.mstat; of X.merged.o, X.mstat
set -euo pipefail
out=$1 managed=$2 list=$3 image=$4 vdso=$5
more=("${@:6}")
statistics=${managed%.o}
statistics=${statistics%.merged}.mstat
stem=${out%.elf}
work=build/obj/$(basename "$stem")
mkdir -p "$work"
mapfile -t objects < "$list"

symbols_object() {
    objcopy -I binary -O elf64-x86-64 --rename-section .data=.ksymbols,alloc,load,readonly,data,contents \
        --strip-all "$1" "$2"
}
link() {
    ld -nostdlib -static -z noexecstack -z max-page-size=4096 --build-id=none --no-warn-rwx-segments --eh-frame-hdr -T iso/kernel.ld \
        -o "$1" "${objects[@]}" "$managed" "$vdso" "${more[@]}" "$2" $LINK_FLAGS
}
LINK_FLAGS=${LINK_FLAGS:-}
: > "$work/empty.bin"
printf '\0\0\0\0\0\0\0\0' > "$work/empty.bin"
symbols_object "$work/empty.bin" "$work/empty.o"
link "$work/first.elf" "$work/empty.o"
"$image" symbols --elf "$work/first.elf" --mstat "$statistics" -o "$work/symbols.bin"
symbols_object "$work/symbols.bin" "$work/symbols.o"
link "$out" "$work/symbols.o"
