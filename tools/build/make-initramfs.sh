#!/usr/bin/env bash
# Makes an initramfs (newc, gzip) from Debian's busybox-static, iso/initramfs and what the caller adds; the same bytes for the same contents. Needs no root rights:
# device nodes are the kernel's (devtmpfs), and every file belongs to root.
# usage: make-initramfs.sh OUT.cpio.gz [TREE...]        files of a TREE take the place of those from before
#   COMPRESS=gzip or none in the environment; without it, large archives are plain. Readers know gzip by its first bytes, whatever the name says.
set -euo pipefail
umask 022
out=$1
shift
busybox=$(command -v busybox || true)
if [ -z "$busybox" ] || LC_ALL=C readelf -l "$busybox" | grep -q "Requesting program interpreter"; then
    echo "make-initramfs: a static busybox is missing: apt-get install busybox-static" >&2
    exit 3
fi
stage=$out.stage
rm -rf "$stage"
mkdir -p "$stage"/{usr/bin,usr/sbin,dev,proc,sys,tmp,run,root,etc,mnt,var/log}
# A tree of today's distributions has /bin, /sbin, /lib and /lib64 as links into /usr; then all of them go there.
for folder in bin sbin lib lib64; do
    merged=
    for tree in "$@"; do
        [ ! -L "$tree/$folder" ] || merged=$(readlink "$tree/$folder")
    done
    case $merged in
        "usr/$folder" | "/usr/$folder") mkdir -p "$stage/usr/$folder" && ln -s "usr/$folder" "$stage/$folder" ;;
        *) case $folder in *bin) mkdir "$stage/$folder" ;; esac ;;
    esac
done
cp "$busybox" "$stage/bin/busybox"
chmod 755 "$stage/bin/busybox"
"$busybox" --list-full | while read -r applet; do
    mkdir -p "$stage/$(dirname "$applet")"
    [ "$applet" = bin/busybox ] || ln -sf /bin/busybox "$stage/$applet"
done
for tree in iso/initramfs "$@"; do
    if [ ! -d "$tree" ]; then
        echo "make-initramfs: $tree is not a folder" >&2
        exit 3
    fi
    tar -C "$tree" -cf - . | tar -C "$stage" -xpf - --no-same-owner --keep-directory-symlink --delay-directory-restore
done
if [ ! -x "$stage/init" ] || [ ! -s "$stage/init" ]; then
    echo "make-initramfs: /init is missing or not executable" >&2
    exit 3
fi
chmod 1777 "$stage/tmp"
find "$stage" -exec touch -h -d "@1767225600" {} +
# Beyond this size (MiB) unpacking in an emulated machine takes longer than loading what compression would save.
case ${COMPRESS:-auto} in
    gzip) compress=(gzip -n -9) ;;
    none) compress=(cat) ;;
    auto) if [ "$(du -sm --apparent-size "$stage" | cut -f 1)" -le 24 ]; then compress=(gzip -n -9); else compress=(cat); fi ;;
    *) echo "make-initramfs: COMPRESS is gzip, none or auto" >&2; exit 3 ;;
esac
(cd "$stage" && find . -mindepth 1 -print0 | LC_ALL=C sort -z | cpio --null -o -H newc --quiet --reproducible --owner=0:0) | "${compress[@]}" > "$out.new"
mv "$out.new" "$out"
rm -rf "$stage"
