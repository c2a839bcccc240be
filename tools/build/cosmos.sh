#!/usr/bin/env bash
# Builds kernels that were written for Cosmos, from their own project files, and boots them. The folders of the projects stay as they are.
# usage: cosmos.sh 'KERNEL.csproj [KERNEL.csproj...]' [CPUS [MEMORY_MIB]]
# Makes build/cosmos/NAME.elf and build/cosmos/NAME.iso, by the name of the first; with BOOT=0 that is all. Of several kernels in one image the boot option cosmos=NAME says which one runs.
set -euo pipefail
cpus=${2:-4} memory=${3:-512}
fail() { echo "cosmos: $*" >&2; exit 1; }
[ -n "${1:-}" ] || fail "say which kernel: make cosmos KERNEL=path/to/kernel.csproj"
# One path may have spaces in it; of several none may.
if [ -e "$1" ]; then kernels=("$1"); else read -ra kernels <<< "$1"; fi
names=() projects=()
for kernel in "${kernels[@]}"; do
    [ -e "$kernel" ] || fail "$kernel: no such file"
    case $kernel in
        *.csproj | *.vbproj | *.fsproj) [ -f "$kernel" ] || fail "$kernel: expected a project file" ;;
        *) fail "$kernel: expected a project file (.csproj)" ;;
    esac
    file=$(basename "$kernel")
    case ${file%.*} in
        *[!A-Za-z0-9._-]*) fail "$kernel: expected a project name of letters, digits, '.', '_' and '-'" ;;
    esac
    case " ${names[*]} " in
        *" ${file%.*} "*) fail "$kernel: another kernel of the image has this name, too" ;;
    esac
    names+=("${file%.*}")
    projects+=("$(realpath "$kernel")")
done
name=${names[0]}

# One build at a time in this tree. The lock is not held while the kernel runs.
if [ "${BUILD_LOCKED:-0}" = 0 ]; then
    mkdir -p build
    BUILD_LOCKED=1 flock -o build/.lock "$0" "$@"
    [ "${BOOT:-1}" = 0 ] || exec tools/build/run.sh "build/cosmos/$name.iso" "$cpus" "$memory"
    exit 0
fi

root=$PWD
user=$root/build/cosmos/$name
results=$user/results
variant=build/variants/cosmos/$name
assemblies=$root/Kernel/Cosmos/Cosmos.System2/bin/Release
framework=$(sed -n 's:.*<KernelTargetFramework>\(.*\)</KernelTargetFramework>.*:\1:p' Directory.Build.props)
mkdir -p "$user" "$variant" build/obj/cosmos
step() { echo "[cosmos/$name] $*"; }

step "Cosmos API"
dotnet build Kernel/Cosmos/Cosmos.System2/Cosmos.System2.csproj -c Release -v q -nologo -clp:NoSummary

step "${projects[*]}"
rm -rf "$results"
mkdir -p "$results"
# All kernels by one run of MSBuild. Restoring is not done side by side: projects that several of them refer to are each restored by all.
{
    echo '<Project DefaultTargets="Build">'
    printf '  <ItemGroup><Kernel Include="%s" /></ItemGroup>\n' "${projects[@]//&/&amp;}"
    echo '  <Target Name="Build">'
    echo '    <MSBuild Projects="@(Kernel)" Targets="Restore" Properties="RestoreOnly=1" />'
    echo '    <MSBuild Projects="@(Kernel)" Targets="Build" BuildInParallel="true" />'
    echo '  </Target>'
    echo '</Project>'
} > "$variant/Kernels.proj"
# The projects keep their say on everything but where they are built for, where to, and what the Cosmos packages are.
dotnet build "$variant/Kernels.proj" -c Release -v q -nologo -clp:NoSummary -p:ArtifactsPath="$user" -p:CosmosKernelFramework="$framework" \
    -p:BeforeMicrosoftNETSdkTargets="$root/tools/cosmos/Before.targets" -p:CustomAfterDirectoryBuildTargets="$root/tools/cosmos/Packages.targets" \
    -p:CosmosKernelAssemblies="$assemblies/$framework/" -p:CosmosKernelResults="$results/"
tools/cosmos/bin/Release/net10.0/cosmos image --kernel "${names[@]}" --results "$results" --references "$assemblies/$framework" --output "$variant" --root .

# X# sources beside those in C#, each project's once. Their functions are what extern methods can be bound to.
xsharp=tools/xsharp/bin/Release/net10.0/xsharp
rm -rf "$user/xs"
mkdir -p "$user/xs"
: > "$user/xs/objects.list"
: > "$user/xs/symbols"
while read -r source; do
    [ -n "$source" ] || continue
    object=$user/xs/$(sha256sum <<< "$source" | cut -c1-12)-$(basename "${source%.xs}").o
    "$xsharp" -o "$object" --constants Kernel/Machine/Offsets.txt "$source"
    echo "$object" >> "$user/xs/objects.list"
    nm --defined-only --extern-only --format=posix "$object" | awk '$2 == "T" { print $1 }' >> "$user/xs/symbols"
done < <(cat "$results"/*.xs | LC_ALL=C sort -u)

# What a former build left is not in this image. ILC's result is kept by content.
rm -rf "$variant/bin" "build/managed/cosmos/$name"
# The kernels and what they brought may use unsafe code: they are their author's.
own=
for kernel in "${names[@]}"; do
    for dll in "$(dirname "$(cat "$results/$kernel.path")")"/*.dll; do
        own+=" $(basename "$dll" .dll)"
    done
done
IL_UNCHECKED=$own COSMOS_OWN=$own COSMOS_XSHARP=$user/xs tools/build/build-kernel.sh "cosmos/$name" Kernel/Image/modules.conf
tools/build/make-iso.sh "build/cosmos/$name.elf" "build/cosmos/$name.iso"
step "build/cosmos/$name.iso"
