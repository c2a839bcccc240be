#!/usr/bin/env bash
# Builds modules for a loadable kernel that was built before: build/modules/NAME.ko of each.
# usage: make-module.sh KERNEL FOLDER...      a folder holds one project; what a module needs of another, given here or built before, is bound to that module's file
set -euo pipefail
if [ "${BUILD_LOCKED:-0}" = 0 ]; then
    mkdir -p build
    BUILD_LOCKED=1 exec flock -o build/.lock "$0" "$@"
fi
kernel=$1
shift
[ $# -gt 0 ] || { echo "make-module: give the module's folder: make module MODULE=DIR" >&2; exit 3; }
[ -f "build/$kernel.symvers" ] || { echo "make-module: build/$kernel.symvers is missing; run 'make kernel LOADABLE=1'" >&2; exit 3; }
tool() { echo "tools/$1/bin/Release/net10.0/$1"; }
export CosmosKernelRoot=$PWD/
managed=build/managed/$kernel
plan=build/variants/$kernel-modules
mkdir -p build/modules build/obj/modules "$plan"
rm -f "$plan/modules.list"

"$(tool modules)" plan /dev/null "$@" --output "$plan" --root .
dotnet build "$plan/Modules.proj" -c Release -v q -nologo -p:Shared="Configuration=Release" -clp:NoSummary
"$(tool modules)" entries --output "$plan"
dotnet build "$plan/Entries.proj" -c Release -v q -nologo -p:Shared="Configuration=Release" -clp:NoSummary

while IFS=$'\t' read -r name assembly entry; do
    work=build/obj/modules/$name
    mkdir -p "$work"
    libraries=() others=() needs=()
    for dll in "$(dirname "$assembly")"/*.dll; do
        file=$(basename "$dll")
        [ "$dll" = "$assembly" ] && continue
        if [ -f "$managed/$file" ]; then
            cmp -s "$dll" "$managed/$file" || { echo "make-module: $name was built with another $file than the kernel; run 'make kernel LOADABLE=1' again" >&2; exit 1; }
            continue
        fi
        owner=$(grep -lxF "$file" build/obj/modules/*/assemblies 2> /dev/null | grep -v "^$work/" | head -1 || true)
        if [ -z "$owner" ]; then
            libraries+=("$dll")
            continue
        fi
        owner=$(dirname "$owner")
        cmp -s "$dll" "$owner/$file" || { echo "make-module: $name was built with another $file than module $(basename "$owner"); build both: make module MODULE=\"... ...\"" >&2; exit 1; }
        others+=("$owner/$file")
        needs+=("$owner/$(basename "$owner").symvers")
    done
    mapfile -t needs < <(printf '%s\n' "${needs[@]}" | sort -u | sed '/^$/d')
    "$(tool ilcheck)" --assembly "$assembly" "${libraries[@]}"
    tools/build/api.sh uses "$managed" "$assembly" "${libraries[@]}"
    rm -f "$work"/*.dll
    cp "$assembly" "${libraries[@]}" "$entry/bin/Release/net9.0/CosmosModule.$name.dll" "$work/"
    printf '%s\n' "$(basename "$assembly")" "${libraries[@]##*/}" | sed '/^$/d' > "$work/assemblies"
    inputs=("$work/$(basename "$assembly")")
    for dll in "${libraries[@]}"; do
        inputs+=("$work/$(basename "$dll")")
    done
    tools/build/compile-module.sh "$work/$name.o" "$kernel" "${inputs[@]}" "$work/CosmosModule.$name.dll" -- "${others[@]}"
    "$(tool loadable)" link --object "$work/$name.o" --mstat "$work/$name.mstat" --kernel "build/$kernel.symvers" ${needs[@]:+--needs "${needs[@]}"} \
        --assembly "${inputs[@]}" --interfaces "$work/CosmosKernel.Interfaces.dll" -o "build/modules/$name.ko" --symvers "$work/$name.symvers"
done < "$plan/modules.list"
