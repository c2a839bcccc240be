#!/usr/bin/env bash
# Everything that proves the project: style, unit tests, checks of the images, boots. Ends with "N passed, N failed".
set -uo pipefail
results=build/results
rm -rf "$results"
mkdir -p "$results"
broken=0
step() { printf '\n== %s (%d s so far)\n' "$*" "$SECONDS"; }

step "style: dotnet format"
dotnet format CosmosKernel.sln --verify-no-changes --severity warn || broken=1

step "unit tests"
dotnet build CosmosKernel.sln -c Release -v q -nologo -clp:NoSummary || broken=1
for project in Tests/*.Tests/*.csproj; do
    name=$(basename "$project" .csproj)
    [ "$name" = Machines.Tests ] && continue
    dotnet test "$project" -c Release --no-build -v q --nologo --logger "trx;LogFileName=$PWD/$results/$name.trx" || broken=1
done

step "the same kernel and ISO, byte by byte, from a copy in another folder"
tools/build/check-reproducible.sh || broken=1

step "boots"
dotnet test Tests/Machines.Tests/Machines.Tests.csproj -c Release --no-build -v q --nologo --logger "trx;LogFileName=$PWD/$results/Machines.Tests.trx" || broken=1

step "result"
tools/testreport/bin/Release/net10.0/testreport "$results"/*.trx || broken=1
exit $broken
