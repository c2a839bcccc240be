#!/usr/bin/env bash
# Builds one kernel image: managed assemblies, IL check, X#, ILC, object check, link.
# usage: build-kernel.sh NAME MODULE_LIST [MODULE_DIR...]      makes build/NAME.elf
set -euo pipefail
name=$1 list=$2
shift 2
start=$SECONDS
tool() { echo "tools/$1/bin/Release/net10.0/$1"; }
managed=build/managed/$name
mkdir -p "$managed" build/obj

echo "[$name] managed assemblies"
dotnet build Kernel/Image/Image.csproj -c Release -v q -nologo
rsync -a --delete --include='*.dll' --include='*.pdb' --exclude='*' Kernel/Image/bin/Release/net9.0/ "$managed/" 2>/dev/null \
    || { rm -f "$managed"/*; cp Kernel/Image/bin/Release/net9.0/*.dll Kernel/Image/bin/Release/net9.0/*.pdb "$managed/"; }

echo "[$name] X#"
tools/build/assemble.sh build/obj/xs "$(tool xsharp)"
echo "[$name] ILC"
tools/build/compile-kernel.sh "build/obj/$name.o" "$managed/CosmosKernel.dll" "$managed"
echo "[$name] link"
tools/build/link-kernel.sh "build/$name.elf" "build/obj/$name.o" build/obj/xs/objects.list "$(tool image)"
echo "[$name] build/$name.elf in $((SECONDS - start)) s"
