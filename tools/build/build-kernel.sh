#!/usr/bin/env bash
# Builds one kernel image: modules, IL check, X#, ILC, link, object check.
# usage: build-kernel.sh NAME MODULE_LIST [MODULE_DIR...]      makes build/NAME.elf
# IL_UNCHECKED in the environment: names of assemblies that the IL check leaves out.
set -euo pipefail
# One build at a time in this tree.
if [ "${BUILD_LOCKED:-0}" = 0 ]; then
    mkdir -p build
    BUILD_LOCKED=1 exec flock -o build/.lock "$0" "$@"
fi
name=$1 list=$2
shift 2
start=$SECONDS
root=$PWD
tool() { echo "tools/$1/bin/Release/net10.0/$1"; }
variant=build/variants/$name
managed=build/managed/$name
mkdir -p "$variant" "$managed" build/obj
export CosmosKernelRoot=$root/
step() { echo "[$name] $*"; }

step "managed assemblies"
"$(tool modules)" plan "$list" "$@" --output "$variant" --root .
dotnet build "$variant/Modules.proj" -c Release -v q -nologo -p:Shared="Configuration=Release" -clp:NoSummary
"$(tool modules)" generate --output "$variant"
dotnet build "$variant/CosmosKernel.csproj" -c Release -v q -nologo -clp:NoSummary

# Only what changed is copied, so that ILC's result can be kept.
for file in "$variant"/bin/Release/*/*.dll "$variant"/bin/Release/*/*.pdb; do
    cmp -s "$file" "$managed/$(basename "$file")" || cp "$file" "$managed/"
done

step "IL check"
safe=()
for file in "$managed"/*.dll; do
    assembly=$(basename "$file" .dll)
    case " ${IL_UNCHECKED:-} " in
        *" $assembly "*) continue ;;
    esac
    case $assembly in
        CosmosKernel.Machine | CosmosKernel.Memory | CosmosKernel.Runtime) ;;
        *) safe+=(--assembly "$file") ;;
    esac
done
"$(tool ilcheck)" "${safe[@]}" --allow tools/ilcheck/allow.txt

step "X#"
tools/build/assemble.sh build/obj/xs "$(tool xsharp)"
step "ILC"
tools/build/compile-kernel.sh "build/obj/$name.o" "$managed/CosmosKernel.dll" "$managed"
step "link"
tools/build/link-kernel.sh "build/$name.elf" "build/obj/$name.o" build/obj/xs/objects.list "$(tool image)"
step "object check"
extra=()
while read -r object; do
    extra+=("$object")
done < build/obj/xs/objects.list
"$(tool objcheck)" --object "build/obj/$name.o" --extra "${extra[@]}" --rules tools/objcheck/rules.txt --mstat "build/obj/$name.mstat"
step "build/$name.elf in $((SECONDS - start)) s"
