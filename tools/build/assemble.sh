#!/usr/bin/env bash
# Compiles every X# source of the kernel to an object, those that changed only, and counts literal assembly lines.
# The vDSO is user code and a shared object of its own: link-vdso.sh.
# usage: assemble.sh OUT_DIR XSHARP
set -euo pipefail
out=$1 xsharp=$2
mkdir -p "$out"
objects=()
while read -r source; do
    name=$(echo "${source%.xs}" | tr '/' '_')
    object=$out/$name.xs.o
    objects+=("$object")
    if [ ! -f "$object" ] || [ "$source" -nt "$object" ] || [ Kernel/Machine/Offsets.txt -nt "$object" ] || [ "$xsharp" -nt "$object" ]; then
        "$xsharp" -o "$object" --constants Kernel/Machine/Offsets.txt --stats "$out/$name.stats.json" "$source"
    fi
done < <(find Kernel Drivers -name '*.xs' -not -path '*/bin/*' -not -path '*/obj/*' -not -path 'Kernel/Vdso/*' | LC_ALL=C sort)
printf '%s\n' "${objects[@]}" > "$out/objects.list"

# Literal assembly lines stay below a tenth of X# statements.
cat "$out"/*.stats.json | awk -F '[:,}]' '
    { for (i = 1; i < NF; i++) { if ($i ~ /"statements"/) statements += $(i + 1); if ($i ~ /"literalLines"/) literals += $(i + 1) } }
    END {
        printf "X#: %d statements, %d literal lines\n", statements, literals
        if (literals * 10 >= statements) { print "X#: too many literal assembly lines" > "/dev/stderr"; exit 1 }
    }'
