#!/usr/bin/env bash
# Makes the packages that a kernel written for Cosmos refers to, for editors and plain builds: the names are those of tools/cosmos/Packages.targets.
# usage: pack-cosmos.sh OUT_DIR
set -euo pipefail
out=$1
framework=$(sed -n 's:.*<KernelTargetFramework>\(.*\)</KernelTargetFramework>.*:\1:p' Directory.Build.props)
dotnet build Kernel/Cosmos/Cosmos.System2/Cosmos.System2.csproj -c Release -v q -nologo -clp:NoSummary
assemblies=()
for project in Kernel/Cosmos/*/; do
    name=$(basename "$project")
    assemblies+=("${project}obj/Release/$framework/ref/$name.dll")
done
mapfile -t names < <(sed -n 's:.*<_CosmosKnown Include="\(.*\)" />.*:\1:p' tools/cosmos/Packages.targets | tr ';' '\n')
# One version for all: any range that gen2 projects have admits it, and it is another one when the API is, since NuGet keeps what it has once seen.
version=1.0.$((16#$(cat "${assemblies[@]}" tools/cosmos/Packages.targets tools/cosmos/bin/Release/net10.0/cosmos.dll | sha256sum | cut -c1-7)))
for name in "${names[@]}"; do
    rm -f "$out/$name".1.0.*.nupkg
done
tools/cosmos/bin/Release/net10.0/cosmos pack --assembly "${assemblies[@]}" --empty "${names[@]}" --version "$version" --output "$out"
echo "$out: ${#assemblies[@]} assemblies of the Cosmos API and the names beside them, version $version"
