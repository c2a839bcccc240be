#!/usr/bin/env bash
# Makes an initramfs of Debian packages whose /init runs the scripts of Tests/Programs/AREA: docs/programs.md, "Programs of Debian".
# Tests/Programs/AREA/packages names the packages, words with '#' before comments; each NAME.sh is run by bash, and must print NAME.expected. Needs no root rights.
# usage: make-package-initramfs.sh AREA OUT.cpio [TREE...]       files of each TREE are added
set -euo pipefail
umask 022
[ $# -ge 2 ] || { echo "usage: make-package-initramfs.sh AREA OUT.cpio [TREE...]" >&2; exit 3; }
area=$1 out=$2
shift 2
programs=Tests/Programs
work=$out.work
tree=$work/tree
mapfile -t packages < <(sed 's/#.*//' "$programs/$area/packages" | tr -s ' \t' '\n\n' | grep .)
tools/build/make-debian-tree.sh "build/debian/$area" bash "${packages[@]}"

rm -rf "$work"
mkdir -p "$tree"/{bin,tests}
mkdir -p "$tree/tests/$area"
flags=(-std=gnu11 -O2 -Wall -Wextra -Werror -Wno-format-truncation -static -pthread -Wl,--build-id=none -I "$programs/lib" -s)
gcc "${flags[@]}" -o "$tree/init" "$programs/init/testinit.c"
ln -s ../init "$tree/bin/testinit"
for source in "$programs"/tools/*.c; do
    gcc "${flags[@]}" -o "$tree/bin/$(basename "$source" .c)" "$source"
done
for source in "$programs/$area"/*.sh; do
    name=$(basename "$source" .sh)
    cp "$source" "$programs/$area/$name.expected" "$tree/tests/$area/"
    echo "$area.$name /tests/$area/$name.expected /bin/bash /tests/$area/$name.sh"
done | LC_ALL=C sort > "$tree/tests/list"
find "$tree" -type d -exec chmod 755 {} +
# What the tree of packages has as a link, as /bin, is a link in the archive.
COMPRESS=none tools/build/make-initramfs.sh "$out" "build/debian/$area" "$tree" "$@"
rm -rf "$work"
echo "$out: $(stat -c %s "$out") bytes"
