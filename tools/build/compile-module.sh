#!/usr/bin/env bash
# Compiles the assemblies of one module to an object with ILC, as the loadable kernel was compiled.
# usage: compile-module.sh OUT.o KERNEL INPUT.dll... [-- REFERENCE.dll...]      KERNEL: name of the kernel's build, whose assemblies and options are used
# Does nothing when OUT.o was made from the same assemblies with the same options.
set -euo pipefail
out=$1 kernel=$2
shift 2
inputs=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do
    inputs+=("$1")
    shift
done
[ $# -eq 0 ] || shift
version=$(sed -n 's:.*<IlcVersion>\(.*\)</IlcVersion>.*:\1:p' Directory.Build.props)
ilc=${NUGET_PACKAGES:-$HOME/.nuget/packages}/runtime.linux-x64.microsoft.dotnet.ilcompiler/$version
corelib=build/obj/corelib/System.Private.CoreLib.dll
rsp=${out%.o}.ilc.rsp
# An assembly that uses all interfaces: the compiler leaves those out of the module's types that it does not see used.
interfaces=$(dirname "$out")/CosmosKernel.Interfaces.dll
lists=("build/$kernel.symvers")
for dll in "$@"; do
    lists+=("$(dirname "$dll")"/*.symvers)
done
tools/loadable/bin/Release/net10.0/loadable interfaces --own "${inputs[@]}" --symvers "${lists[@]}" --reference "$@" "build/managed/$kernel"/*.dll "$corelib" "$ilc"/sdk/*.dll "$ilc"/framework/*.dll -o "$interfaces"
inputs+=("$interfaces")
{
    printf '%s\n' "${inputs[@]}"
    echo "-o:$out"
    printf -- '-r:%s\n' "$@" "build/managed/$kernel"/*.dll "$corelib" | sed '/^-r:$/d'
    for dll in "$ilc"/sdk/*.dll; do
        [ "$(basename "$dll")" = System.Private.CoreLib.dll ] || echo "-r:$dll"
    done
    echo "-r:$ilc/framework/*.dll"
    cat "build/obj/$kernel.options"
    echo "--mstat:${out%.o}.mstat"
} > "$rsp.new"
sum=$({ cat "$rsp.new" "${inputs[@]}" "$@" "$corelib" "build/managed/$kernel"/*.dll; } | sha256sum)
if [ -f "$out" ] && [ -f "$rsp.sum" ] && [ "$sum" = "$(cat "$rsp.sum")" ]; then
    exit 0
fi
mv "$rsp.new" "$rsp"
rm -f "$rsp.sum"
log=${out%.o}.ilc.log
if ! "$ilc/tools/ilc" "@$rsp" > "$log" 2>&1; then
    cat "$log" >&2
    exit 1
fi
sed '/System\.Linq\.Parallel/d' "$log"
tools/loadable/bin/Release/net10.0/loadable repair --object "$out" --mstat "${out%.o}.mstat"
echo "$sum" > "$rsp.sum"
