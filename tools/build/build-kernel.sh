#!/usr/bin/env bash
# Builds one kernel image: modules, IL check, X#, ILC, link, object check.
# usage: build-kernel.sh NAME MODULE_LIST [MODULE_DIR...]      makes build/NAME.elf
# VALIDATOR=1 or 0 in the environment: with or without the lock validator; without the variable, kernels named *test* have it.
# MANAGED_OF=NAME in the environment: the assemblies are those of a kernel that was built just before from the same modules; only what differs is made.
# LOADABLE=1 in the environment: with what modules that are loaded at run time need (docs/module-loading.md).
# API_CHECK=1 in the environment, as make test sets it: a module API that has changed without its version being raised, and a driver that uses more than the API, are errors; otherwise they are only reported.
# IL_UNCHECKED in the environment: names of assemblies that the IL check leaves out.
# COSMOS_OWN and COSMOS_XSHARP in the environment: assemblies of a Cosmos kernel, and the folder with its objects of X# (cosmos.sh).
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
case ${VALIDATOR:-}-$name in
    -*test*) VALIDATOR=1 ;;
esac
export VALIDATOR=${VALIDATOR:-0}
variant=build/variants/$name
managed=build/managed/${MANAGED_OF:-$name}
mkdir -p "$variant" "$managed" build/obj
export CosmosKernelRoot=$root/
step() { echo "[$name] $*"; }

if [ -z "${MANAGED_OF:-}" ]; then
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
fi

if [ -z "${MANAGED_OF:-}" ]; then
    step "module API"
    tools/build/api.sh check "$managed" || [ "${API_CHECK:-0}" = 0 ]

    # Modules are written against the API only. Those of Tests/Kernel test the kernel itself, and Cosmos kernels have an API of their own. What a driver of the tree uses beyond it is an error like a changed API:
    # it belongs into the API, or with its reason into tools/apicheck/allow.txt.
    modules=() drivers=()
    while read -r file; do
        case $file in
            "$root"/Tests/Kernel/* | "$root"/Kernel/*) ;;
            "$root"/Drivers/*) drivers+=("$file") ;;
            *) modules+=("$file") ;;
        esac
    done < "$variant/assemblies.list"
    if [ ${#modules[@]} -gt 0 ] && [ -z "${COSMOS_OWN:-}" ]; then
        tools/build/api.sh uses "$managed" "${modules[@]}"
    fi
    if [ ${#drivers[@]} -gt 0 ]; then
        tools/build/api.sh uses "$managed" "${drivers[@]}" || [ "${API_CHECK:-0}" = 0 ]
    fi
fi

step "X#"
tools/build/assemble.sh build/obj/xs "$(tool xsharp)"
tools/build/link-vdso.sh build/obj/vdso.o "$(tool xsharp)"
step "ILC"
tools/build/compile-kernel.sh "build/obj/$name.o" "$managed/CosmosKernel.dll" "$managed"
objects=build/obj/xs/objects.list
if [ -n "${COSMOS_XSHARP:-}" ]; then
    objects=$variant/objects.list
    cat build/obj/xs/objects.list "$COSMOS_XSHARP/objects.list" > "$objects"
fi
extra=()
while read -r object; do
    extra+=("$object")
done < "$objects"
rules=tools/objcheck/rules.txt
if [ "${LOADABLE:-0}" = 0 ]; then
    step "link"
    tools/build/link-kernel.sh "build/$name.elf" "build/obj/$name.o" "$objects" "$(tool image)" build/obj/vdso.o
else
    step "exports"
    version=$(sed -n 's:.*<IlcVersion>\(.*\)</IlcVersion>.*:\1:p' Directory.Build.props)
    "$(tool loadable)" exports --object "build/obj/$name.o" --extra "${extra[@]}" --assembly "$managed"/*.dll build/obj/corelib/System.Private.CoreLib.dll "build/obj/$name.roots/CosmosKernel.Roots.dll" \
        --options "build/obj/$name.options" --compiler "$version" -o "build/obj/$name.exports.o" --symvers "build/$name.symvers"
    step "link"
    "$(tool loadable)" merge --object "build/obj/$name.o" -o "build/obj/$name.merged.o"
    tools/build/link-kernel.sh "build/$name.elf" "build/obj/$name.merged.o" "$objects" "$(tool image)" build/obj/vdso.o "build/obj/$name.exports.o"
    # Without the whole program in sight the compiler leaves calls virtual that it resolves otherwise.
    cat "$rules" tools/objcheck/rules-loadable.txt > "build/obj/$name.rules.txt"
    rules=build/obj/$name.rules.txt
fi
step "object check"
"$(tool objcheck)" --object "build/obj/$name.o" --extra "${extra[@]}" --rules "$rules" --mstat "build/obj/$name.mstat"
step "build/$name.elf in $((SECONDS - start)) s"
