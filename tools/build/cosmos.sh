#!/usr/bin/env bash
# Builds a kernel that was written for Cosmos, from its own project file, and boots it. The folder of the project stays as it is.
# usage: cosmos.sh KERNEL.csproj [CPUS [MEMORY_MIB]]      makes build/cosmos/NAME.elf and build/cosmos/NAME.iso; with BOOT=0 that is all
set -euo pipefail
kernel=${1:-} cpus=${2:-4} memory=${3:-512}
fail() { echo "cosmos: $*" >&2; exit 1; }
[ -n "$kernel" ] || fail "say which kernel: make cosmos KERNEL=path/to/kernel.csproj"
[ -e "$kernel" ] || fail "$kernel: no such file"
case $kernel in
    *.csproj | *.vbproj | *.fsproj) [ -f "$kernel" ] || fail "$kernel: expected a project file" ;;
    *) fail "$kernel: expected a project file (.csproj)" ;;
esac

# One build at a time in this tree. The lock is not held while the kernel runs.
if [ "${BUILD_LOCKED:-0}" = 0 ]; then
    mkdir -p build
    BUILD_LOCKED=1 flock -o build/.lock "$0" "$@"
    file=$(basename "$kernel")
    [ "${BOOT:-1}" = 0 ] || exec tools/build/run.sh "build/cosmos/${file%.*}.iso" "$cpus" "$memory"
    exit 0
fi

root=$PWD
project=$(realpath "$kernel")
file=$(basename "$project")
name=${file%.*}
case $name in
    *[!A-Za-z0-9._-]*) fail "$kernel: expected a project name of letters, digits, '.', '_' and '-'" ;;
esac
user=$root/build/cosmos/$name
variant=build/variants/cosmos/$name
assemblies=$root/Kernel/Cosmos/Cosmos.System2/bin/Release
framework=$(sed -n 's:.*<KernelTargetFramework>\(.*\)</KernelTargetFramework>.*:\1:p' Directory.Build.props)
mkdir -p "$user" "$variant" build/obj/cosmos
step() { echo "[cosmos/$name] $*"; }

step "Cosmos API"
dotnet build Kernel/Cosmos/Cosmos.System2/Cosmos.System2.csproj -c Release -v q -nologo -clp:NoSummary

step "$project"
# The project keeps its say on everything but where it is built for, where to, and what the Cosmos packages are.
dotnet build "$project" -c Release -v q -nologo -clp:NoSummary -p:ArtifactsPath="$user" -p:CosmosKernelFramework="$framework" \
    -p:BeforeMicrosoftNETSdkTargets="$root/tools/cosmos/Before.targets" -p:CustomAfterDirectoryBuildTargets="$root/tools/cosmos/Packages.targets" \
    -p:CosmosKernelAssemblies="$assemblies/$framework/" -p:CosmosKernelProject="$project" -p:CosmosKernelResult="$user/assembly.path"
assembly=$(cat "$user/assembly.path")
tools/cosmos/bin/Release/net10.0/cosmos --assembly "$assembly" --references "$assemblies/$framework" --output "$variant" --root .

# What a former build left is not in this image. ILC's result is kept by content.
rm -rf "$variant/bin" "build/managed/cosmos/$name"
# The kernel and what it brought may use unsafe code: they are their author's.
own=
for dll in "$(dirname "$assembly")"/*.dll; do
    own+=" $(basename "$dll" .dll)"
done
IL_UNCHECKED=$own tools/build/build-kernel.sh "cosmos/$name" Kernel/Image/modules.conf
tools/build/make-iso.sh "build/cosmos/$name.elf" "build/cosmos/$name.iso"
step "build/cosmos/$name.iso"
