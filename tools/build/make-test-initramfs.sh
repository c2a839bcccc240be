#!/usr/bin/env bash
# Builds the programs of Tests/Programs and packs them with busybox into an initramfs whose /init runs them: docs/programs.md.
# The same bytes for the same sources and packages. Needs no root rights.
# usage: make-test-initramfs.sh [OUT.cpio.gz]      ONLY="proc file" builds just these areas; MODULES=DIR puts that folder's .ko files into /lib/modules
set -euo pipefail
umask 022
out=${1:-build/test-initramfs.cpio.gz}
programs=Tests/Programs
work=$out.work
tree=$work/tree
only=${ONLY:-}
# The tests pass wrong arguments on purpose.
flags=(-std=gnu11 -O2 -Wall -Wextra -Werror -Wno-nonnull -Wno-stringop-overread -Wno-stringop-overflow -Wno-array-bounds -Wno-clobbered -Wno-format-truncation
    -fno-delete-null-pointer-checks -static -pthread -Wl,--build-id=none -I "$programs/lib")
# These run with both C libraries.
musl_areas=" proc signal thread memory pipe vdso "

rm -rf "$work"
mkdir -p "$tree"/{bin,etc,tests}
printf 'root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000:user:/tmp:/bin/sh\n' > "$tree/etc/passwd"
printf 'root:x:0:\nuser:x:1000:\n' > "$tree/etc/group"
gcc "${flags[@]}" -s -o "$tree/init" "$programs/init/testinit.c"
ln -s ../init "$tree/bin/testinit"

# An area: all C files of its folder are one program; each test is a line of the list: name, expected output, command.
build_area() { # AREA COMPILER PROGRAM NAME-OF-AREA
    local area=$1 compiler=$2 program=$3 name=$4
    "$compiler" "${flags[@]}" -DAREA="\"$name\"" -s -o "$tree/tests/$program" "$programs/lib/test.c" "$programs/$area"/*.c
    "$tree/tests/$program" --list | awk -v program="/tests/$program" '{ print $1 " - " program " " $1 }' >> "$work/list"
}
: > "$work/list"
jobs=()
for folder in "$programs"/*/; do
    area=$(basename "$folder")
    case $area in lib | init | busybox | classic | tools) continue ;; esac
    [ -z "$only" ] || [[ " $only " == *" $area "* ]] || continue
    compgen -G "$programs/$area/*.c" > /dev/null || continue
    build_area "$area" gcc "$area" "$area"
    if [[ $musl_areas == *" $area "* ]]; then build_area "$area" musl-gcc "$area-musl" "musl.$area"; fi
done

# Modules for a loadable kernel, which the tests of area "module" load; without them they are skipped.
if [ -n "${MODULES:-}" ]; then
    mkdir -p "$tree/lib/modules"
    cp "$MODULES"/*.ko "$tree/lib/modules/"
fi

# Small programs that the scripts use.
for source in "$programs"/tools/*.c; do
    [ -e "$source" ] && gcc "${flags[@]}" -s -o "$tree/bin/$(basename "$source" .c)" "$source"
done

# Classic programs and scripts: NAME.c or NAME.sh, and NAME.expected with what it prints.
add_expected() { # AREA SUFFIX COMMAND...
    local area=$1 source name
    mkdir -p "$tree/tests/$area"
    for source in "$programs/$area"/*."$2"; do
        [ -e "$source" ] || continue
        name=$(basename "$source" ".$2")
        cp "$programs/$area/$name.expected" "$tree/tests/$area/$name.expected"
        if [ "$2" = c ]; then
            gcc "${flags[@]}" -s -o "$tree/tests/$area/$name" "$source"
            echo "$(named "$area" "$name") /tests/$area/$name.expected /tests/$area/$name" >> "$work/list"
        else
            cp "$source" "$tree/tests/$area/$name.sh"
            echo "$(named "$area" "$name") /tests/$area/$name.expected /bin/sh /tests/$area/$name.sh" >> "$work/list"
        fi
    done
}
named() { # later-NAME is the test later.AREA.NAME
    case $2 in later-*) echo "later.$1.${2#later-}" ;; *) echo "$1.$2" ;; esac
}
if [ -z "$only" ] || [[ " $only " == *" busybox "* ]]; then add_expected busybox sh; fi
if [ -z "$only" ] || [[ " $only " == *" classic "* ]]; then add_expected classic c; fi

# The classic programs once more, position-independent and linked at run time, with each C library's own loader.
add_dynamic() { # NAME-OF-AREA COMPILER
    local source name program
    mkdir -p "$tree/tests/$1"
    for source in "$programs"/classic/*.c; do
        name=$(basename "$source" .c)
        program=$tree/tests/$1/$name
        "$2" "${dynamic_flags[@]}" -o "$program" "$source"
        readelf -l "$program" | grep -q 'program interpreter' || { echo "make-test-initramfs: $program has no interpreter" >&2; exit 1; }
        echo "$(named "$1" "$name") /tests/classic/$name.expected /tests/$1/$name" >> "$work/list"
    done
}
# Puts a file of the machine that builds where programs look for it: FILE PATH
add_library() { install -D -m 755 "$(readlink -f "$1")" "$tree$2"; }
if [ -z "$only" ] || [[ " $only " == *" classic "* ]]; then
    mapfile -t dynamic_flags < <(printf '%s\n' "${flags[@]}" | grep -v -e '^-static$')
    dynamic_flags+=(-fPIE -pie -s)
    add_dynamic dynamic gcc
    add_dynamic musl.dynamic musl-gcc
    add_library "$(gcc -print-file-name=ld-linux-x86-64.so.2)" /lib64/ld-linux-x86-64.so.2
    add_library "$(gcc -print-file-name=libc.so.6)" /lib/x86_64-linux-gnu/libc.so.6
    add_library "$(gcc -print-file-name=libgcc_s.so.1)" /lib/x86_64-linux-gnu/libgcc_s.so.1
    add_library /lib/ld-musl-x86_64.so.1 /lib/ld-musl-x86_64.so.1
fi

LC_ALL=C sort "$work/list" > "$tree/tests/list"
if cut -d ' ' -f 1 "$tree/tests/list" | uniq -d | grep .; then
    echo "make-test-initramfs: two tests have the same name" >&2
    exit 1
fi

find "$tree" -type d -exec chmod 755 {} +
tools/build/make-initramfs.sh "$out" "$tree"
rm -rf "$work"
echo "$out: $(stat -c %s "$out") bytes"
