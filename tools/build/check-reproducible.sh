#!/usr/bin/env bash
# Builds kernel and ISO once more from a copy of the sources in another folder, and compares them with those in build/, byte by byte.
# usage: check-reproducible.sh        (after make iso)
set -euo pipefail
copy=$(mktemp -d /tmp/cosmoskernel-copy.XXXXXX)
trap 'rm -rf "$copy"' EXIT
git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do
    [ ! -e "$file" ] || printf '%s\0' "$file"
done | tar -c --null -T - | tar -x -C "$copy"

here=$PWD
(cd "$copy" && make -s iso) > "$copy/make.log" 2>&1 || { cat "$copy/make.log" >&2; echo "check-reproducible: the copy cannot be built" >&2; exit 1; }
status=0
for file in kernel.elf cosmoskernel.iso; do
    if cmp "$here/build/$file" "$copy/build/$file"; then
        echo "$file: identical, $(sha256sum < "$here/build/$file" | cut -c1-16)"
    else
        status=1
    fi
done
exit $status
