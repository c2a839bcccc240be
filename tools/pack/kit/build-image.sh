#!/usr/bin/env bash
# Builds a kernel image with one more module from what the package CosmosKernel.Modules carries: IL check, the image's main assembly, ILC, link, object check.
# usage: build-image.sh WORK OUT.elf MODULE.dll OUTPUT_FOLDER CSC.dll REFERENCES
# WORK is a folder for what lies between; OUTPUT_FOLDER holds what the module needs besides the kernel; REFERENCES is a list of .NET's reference assemblies.
set -euo pipefail
kit=$(cd "$(dirname "$0")" && pwd)
out=$(realpath -m "$2") module=$(realpath "$3") folder=$(realpath "$4") csc=$5 references=$(realpath "$6")
mkdir -p "$1"
cd "$1"
for program in ld objcopy; do
    command -v "$program" > /dev/null || { echo "build-image: error : '$program' is missing: install the package binutils" >&2; exit 1; }
done
ln -sfn "$kit/tools" tools
ln -sfn "$kit/iso" iso
ln -sfn "$kit/Kernel" Kernel
ln -sfn "$kit/Directory.Build.props" Directory.Build.props
managed=build/managed
mkdir -p "$managed" build/obj/xs build/variant
tool() { echo "tools/$1/bin/Release/net10.0/$1"; }

# Only what changed is copied, so that ILC's result can be kept.
keep() { cmp -s "$1" "$managed/$(basename "$1")" || cp "$1" "$managed/"; }
for file in "$kit"/managed/*.dll; do keep "$file"; done
own=()
assemblies=()
for file in "$folder"/*.dll; do
    if [ ! -f "$kit/managed/$(basename "$file")" ]; then
        keep "$file"
        if [ -f "${file%.dll}.pdb" ]; then keep "${file%.dll}.pdb"; fi
        own+=(--assembly "$file")
        assemblies+=("$file")
    fi
done

"$(tool ilcheck)" "${own[@]}" --allow tools/ilcheck/allow.txt
bash tools/build/api.sh uses "$managed" "${assemblies[@]}"
sed "s:^:$PWD/$managed/:" "$kit/modules.list" > build/variant/assemblies.list
echo "$PWD/$managed/$(basename "$module")" >> build/variant/assemblies.list
"$(tool modules)" generate --output build/variant
{
    sed 's/.*/-r:"&"/' "$references"
    for file in "$managed"/*.dll; do
        [ "$(basename "$file")" = CosmosKernel.dll ] || echo "-r:\"$PWD/$file\""
    done
} > build/variant/references.rsp
dotnet "$csc" -nologo -noconfig -nostdlib+ -target:library -optimize+ -deterministic+ -langversion:13.0 -nullable:enable -out:build/variant/CosmosKernel.dll \
    @build/variant/references.rsp build/variant/Modules.g.cs
keep build/variant/CosmosKernel.dll

sed "s:^:$kit/objects/:" "$kit/objects.list" > build/obj/xs/objects.list
VALIDATOR=${VALIDATOR:-1} bash tools/build/compile-kernel.sh build/obj/kernel.o "$managed/CosmosKernel.dll" "$managed"
bash tools/build/link-kernel.sh build/kernel.elf build/obj/kernel.o build/obj/xs/objects.list "$(tool image)" "$kit/objects/vdso.o"
extra=()
while read -r object; do extra+=("$object"); done < build/obj/xs/objects.list
"$(tool objcheck)" --object build/obj/kernel.o --extra "${extra[@]}" --rules tools/objcheck/rules.txt --mstat build/obj/kernel.mstat
cp build/kernel.elf "$out"
