#!/usr/bin/env bash
# Makes a folder with Debian packages and all that they depend on, unpacked, for make run TREES=DIR: docs/programs.md, "Run a Debian program".
# apt resolves, from the sources of this machine, against an empty list of installed packages; dpkg-deb unpacks. Nothing of the packages is executed, so that neither root
# rights nor a chroot are needed; what their scripts would have done for the basics (merged /usr, passwd, alternatives, ld.so.cache) is done here.
# A folder of a package that another one has as a link, as /bin, is kept as the link.
# usage: make-debian-tree.sh OUT_DIR PACKAGE...         NAME=VERSION and NAME:ARCH as apt-get install takes them
#   DEBIAN_KEEP="doc man locale" in the environment: keep documentation, manual pages, translations (left out otherwise; the locale C.UTF-8 is always there).
# build/debian (or $DEBIAN_CACHE) keeps apt's lists for a day and the downloaded packages. A tree that is already there and up to date is left as it is.
set -euo pipefail
umask 022
complain() { echo "make-debian-tree: $*" >&2; exit 3; }

[ $# -ge 2 ] || { echo "usage: make-debian-tree.sh OUT_DIR PACKAGE..." >&2; exit 3; }
out=$1
shift
for package in "$@"; do
    [[ $package =~ ^[a-z0-9][a-z0-9+.:~-]*(=.+)?$ ]] || complain "'$package' is no name of a package"
done
for tool in apt-get dpkg-deb tar; do
    command -v "$tool" > /dev/null || complain "$tool is missing: packages come from a machine with Debian's package tools"
done
ldconfig=$(PATH=$PATH:/sbin:/usr/sbin command -v ldconfig) || complain "ldconfig is missing (package libc-bin)"
mkdir -p "$(dirname "$out")"
out=$(realpath -m "$out")
case $out in / | /usr | /etc | /home | /root) complain "$out is no folder for this" ;; esac
if [ -d "$out" ] && [ -n "$(ls -A "$out")" ] && [ ! -e "$out.stamp" ]; then
    complain "$out is there, and was not made by this program"
fi

# The basics of every tree: folders and files that programs expect, users, the C library's tools and locale.
base=(base-files base-passwd libc-bin ncurses-base dash usr-is-merged)
cache=$(realpath -m "${DEBIAN_CACHE:-build/debian}")
state=$cache/apt
mkdir -p "$state"/{lists/partial,cache,dpkg} "$cache/archives/partial"
: > "$state/dpkg/status"

# One at a time: apt's own locks are for the machine's package state.
exec 9> "$cache/.lock"
flock 9
apt() {
    LC_ALL=C apt-get -q -y \
        -o Dir::State="$state" -o Dir::State::lists="$state/lists" -o Dir::State::status="$state/dpkg/status" -o Dir::State::extended_states="$state/extended_states" \
        -o Dir::Cache="$state/cache" -o Dir::Cache::pkgcache=pkgcache.bin -o Dir::Cache::srcpkgcache=srcpkgcache.bin -o Dir::Cache::archives="$cache/archives" -o Dir::Log="$state" \
        -o APT::Architecture=amd64 -o APT::Architectures::=amd64 -o APT::Sandbox::User=root -o Debug::NoLocking=true \
        -o Acquire::Languages=none -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false -o Acquire::IndexTargets::deb::CNF::DefaultEnabled=false -o Acquire::Retries=3 -o APT::Install-Recommends=false -o APT::Install-Suggests=false \
        -o APT::Keep-Downloaded-Packages=true -o APT::Get::List-Cleanup=false -o Dpkg::Use-Pty=false "$@"
}
update() {
    echo "make-debian-tree: reading the lists of packages"
    apt update > "$state/update.log" 2>&1 && touch "$state/updated"
}
has_lists() { compgen -G "$state/lists/*Packages*" > /dev/null; }
if [ -z "$(find "$state/updated" -mmin -1440 2> /dev/null)" ]; then
    if ! update; then
        has_lists || { cat "$state/update.log" >&2; complain "apt-get update failed (above); are there sources in /etc/apt, and can they be reached?"; }
        echo "make-debian-tree: no newer lists of packages; those from before are used" >&2
    fi
    has_lists || { cat "$state/update.log" >&2; complain "apt has no source of packages: see sources.list(5)"; }
fi

# What is to be unpacked: NAME VERSION of each package, in the order of apt.
resolve() { apt install --simulate "${base[@]}" "$@" > "$state/resolve.log" 2>&1; }
resolve "$@" || { grep -v '^Inst\|^Conf' "$state/resolve.log" >&2; complain "apt cannot find these packages together"; }
mapfile -t packages < <(sed -nE 's/^Inst ([^ ]+) \(([^ ]+) .*/\1 \2/p' "$state/resolve.log")
[ ${#packages[@]} -gt 0 ] || complain "apt named no packages; its output is in $state/resolve.log"
stamp=$(printf '%s\n' "${packages[@]}" "keep ${DEBIAN_KEEP:-}" "$(sha256sum < "$0")")
if [ -e "$out.stamp" ] && [ "$stamp" = "$(cat "$out.stamp")" ]; then
    exit 0
fi

echo "make-debian-tree: $out: ${#packages[@]} packages"
archive_of() { # NAME[:ARCH] VERSION: the file that apt has made of it; epochs are written 1%3a2.0
    local file
    for file in "$cache/archives/${1%%:*}_${2//:/%3a}"_{amd64,all}.deb; do
        [ -s "$file" ] && { echo "$file"; return 0; }
    done
    return 1
}
is_complete() {
    local package
    for package in "${packages[@]}"; do archive_of $package > /dev/null || return 1; done
}
download() { apt install --download-only "${base[@]}" "$@" > "$state/download.log" 2>&1; }
if ! is_complete; then
    if ! download "$@"; then
        # Packages that the lists name may have been replaced by newer ones since.
        update && resolve "$@" && download "$@" || { tail -n 20 "$state/download.log" >&2; complain "a package could not be downloaded"; }
        mapfile -t packages < <(sed -nE 's/^Inst ([^ ]+) \(([^ ]+) .*/\1 \2/p' "$state/resolve.log")
        stamp=$(printf '%s\n' "${packages[@]}" "keep ${DEBIAN_KEEP:-}" "$(sha256sum < "$0")")
    fi
fi

rm -rf "$out.new" "$out.stamp"
mkdir -p "$out.new"/usr/{bin,sbin,lib,lib64}
tree=$out.new
for folder in bin sbin lib lib64; do ln -s "usr/$folder" "$tree/$folder"; done
left_out=()
for entry in doc:doc doc:doc-base doc:info doc:lintian doc:bug man:man locale:locale; do
    [[ " ${DEBIAN_KEEP:-} " == *" ${entry%%:*} "* ]] || left_out+=(--exclude="./usr/share/${entry#*:}")
done
mkdir -p "$cache/control"
for package in "${packages[@]}"; do
    archive=$(archive_of $package) || complain "apt gave no file of $package; its output is in $state/download.log"
    dpkg-deb --fsys-tarfile "$archive" | tar -C "$tree" -xpf - --no-same-owner --keep-directory-symlink --delay-directory-restore "${left_out[@]}"
done

# What the scripts of base-files and base-passwd do.
add() { [ -e "$tree/$1" ] || { mkdir -p "$(dirname "$tree/$1")"; cat > "$tree/$1"; }; }
add etc/passwd < "$tree/usr/share/base-passwd/passwd.master"
add etc/group < "$tree/usr/share/base-passwd/group.master"
sed -E 's/^([^:]*):.*/\1:*:19000:0:99999:7:::/' "$tree/etc/passwd" | add etc/shadow
chmod 640 "$tree/etc/shadow"
for file in nsswitch.conf profile; do
    [ ! -e "$tree/usr/share/base-files/$file" ] || add etc/$file < "$tree/usr/share/base-files/$file"
done
for file in profile bashrc; do
    [ ! -e "$tree/usr/share/base-files/dot.$file" ] || add root/.$file < "$tree/usr/share/base-files/dot.$file"
done
printf '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n' | add etc/hosts
echo "LANG=C.UTF-8" | add etc/default/locale
[ -e "$tree/etc/mtab" ] || ln -s ../proc/self/mounts "$tree/etc/mtab"
# What pam-auth-update writes: passwords of /etc/shadow.
if [ -d "$tree/etc/pam.d" ]; then
    add etc/pam.d/common-auth <<< $'auth\t[success=1 default=ignore]\tpam_unix.so nullok\nauth\trequisite\tpam_deny.so\nauth\trequired\tpam_permit.so'
    add etc/pam.d/common-account <<< $'account\t[success=1 new_authtok_reqd=done default=ignore]\tpam_unix.so\naccount\trequisite\tpam_deny.so\naccount\trequired\tpam_permit.so'
    add etc/pam.d/common-password <<< $'password\t[success=1 default=ignore]\tpam_unix.so obscure yescrypt\npassword\trequisite\tpam_deny.so\npassword\trequired\tpam_permit.so'
    for kind in session session-noninteractive; do
        add etc/pam.d/common-$kind <<< $'session\t[default=1]\tpam_permit.so\nsession\trequisite\tpam_deny.so\nsession\trequired\tpam_permit.so\nsession\trequired\tpam_unix.so'
    done
fi
mkdir -p "$tree"/{dev,proc,sys,run,tmp,var/tmp}
chmod 1777 "$tree"/{tmp,var/tmp}
chmod 700 "$tree/root"

# Alternatives (awk, pager, w, cc, ...): the lines of the packages' scripts that say them in plain words, the highest priority of each name.
for package in "${packages[@]}"; do
    dpkg-deb -I "$(archive_of $package)" postinst 2> /dev/null | sed -e ':join' -e '/\\$/{N;s/\\\n/ /;bjoin' -e '}' | grep -E '^[^#]*update-alternatives.*--install' || true
done | awk '
    { # update-alternatives ... --install LINK NAME PATH PRIORITY [--slave LINK NAME PATH]...
        group = ""
        for (i = 1; i <= NF; i++) {
            if ($i == "--install") { priority = $(i + 4) + 0; group = $(i + 2); print priority, $(i + 1), $(i + 2), $(i + 3); i += 4 }
            else if ($i == "--slave" && group != "") { print priority, $(i + 1), $(i + 2), $(i + 3); i += 3 }
        }
    }' | sort -n | while read -r _ link name path; do
    case "$link $name $path" in *[\$\"\`\']*) continue ;; esac
    [[ $link == /* && $path == /* ]] || continue
    [ -e "$tree$path" ] || continue
    [ -L "$tree$link" ] || [ ! -e "$tree$link" ] || continue
    mkdir -p "$tree/etc/alternatives" "$(dirname "$tree$link")"
    ln -sfn "$path" "$tree/etc/alternatives/$name"
    ln -sfn "/etc/alternatives/$name" "$tree$link"
done

"$ldconfig" -r "$tree" 2> "$state/ldconfig.log" || { cat "$state/ldconfig.log" >&2; complain "ldconfig failed"; }
rm -rf "$tree"/var/cache/ldconfig "$tree"/var/cache/{apt,debconf,man}
rm -rf "$out"
mv "$tree" "$out"
printf '%s\n' "$stamp" > "$out.stamp"
echo "make-debian-tree: $out: $(du -sm --apparent-size "$out" | cut -f 1) MiB"
