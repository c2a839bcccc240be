#!/usr/bin/env bash
# Makes the initramfs of the stress programs of Tests/Programs/load: Debian's rt-tests and stress-ng, Tests/Programs/dotnet as machine code and as a .dll, and this machine's .NET runtime for that.
# usage: make-load-initramfs.sh OUT.cpio
set -euo pipefail
umask 022
out=$1
program=Tests/Programs/dotnet/dotnetload.csproj
published=build/dotnet
tree=$out.load
framework=$(sed -n 's:.*<HostTargetFramework>net\(.*\)</HostTargetFramework>.*:\1:p' Directory.Build.props)

# dotnet --list-runtimes: NAME VERSION [FOLDER]; the newest of the version that the .dll is for.
read -r version folder < <(dotnet --list-runtimes | sed -nE "s/^Microsoft\.NETCore\.App (${framework//./\\.}\.[^ ]+) \[(.*)\]$/\1 \2/p" | sort -V | tail -n 1) || true
if [ -z "${folder:-}" ] || [ ! -d "$folder/$version" ]; then
    echo "make-load-initramfs: dotnet --list-runtimes names no runtime of .NET $framework" >&2
    exit 3
fi
root=$(dirname "$(dirname "$folder")")

dotnet publish "$program" -c Release -v q -nologo -p:Native=true -o "$published/native"
dotnet publish "$program" -c Release -v q -nologo -o "$published/dll"

rm -rf "$tree"
mkdir -p "$tree"/tests/load "$tree"/usr/share/dotnet/{host/fxr,shared/Microsoft.NETCore.App} "$tree"/usr/bin
cp Tests/Programs/load/*.inc "$tree/tests/load/"
cp "$published/native/dotnetload" "$published"/dll/dotnetload.{dll,deps.json,runtimeconfig.json} "$tree/tests/load/"
cp "$root/dotnet" "$tree/usr/share/dotnet/"
cp -R "$root/host/fxr/$version" "$tree/usr/share/dotnet/host/fxr/"
cp -R "$folder/$version" "$tree/usr/share/dotnet/shared/Microsoft.NETCore.App/"
# What a debugger and tracing want.
rm -f "$tree/usr/share/dotnet/shared/Microsoft.NETCore.App/$version"/{createdump,libmscordbi.so,libmscordaccore.so,libcoreclrtraceptprovider.so}
ln -s ../share/dotnet/dotnet "$tree/usr/bin/dotnet"
tools/build/make-package-initramfs.sh load "$out" "$tree"
rm -rf "$tree"
