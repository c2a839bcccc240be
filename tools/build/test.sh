#!/usr/bin/env bash
# Everything that proves the project: style, unit tests, checks of the images, boots. Ends with "N passed, N failed".
set -uo pipefail
results=build/results
rm -rf "$results"
mkdir -p "$results"
step() { printf '\n== %s (%d s so far)\n' "$*" "$SECONDS"; }

# Runs a command as a test of its own, whose result is counted with the others: check NAME COMMAND...
check() {
    local name=$1 file status
    shift
    step "$name"
    file=$results/$(tr -c 'a-zA-Z0-9\n' - <<< "$name").xml
    printf '<testsuite name="checks"><testcase name="%s">' "$name" > "$file"
    "$@"
    status=$?
    [ $status = 0 ] || printf '<failure message="%s: exit status %d"/>' "$(tr '&<>"' ' ' <<< "$*")" $status >> "$file"
    printf '</testcase></testsuite>\n' >> "$file"
}

# The tests of one project. A run that ends badly and names no failed test is a failure too.
unit() {
    local name
    name=$(basename "$1" .csproj)
    dotnet test "$1" -c Release --no-build -v q --nologo --logger "trx;LogFileName=$PWD/$results/$name.trx" && return
    grep -q 'outcome="Failed"' "$results/$name.trx" || check "the run of $name itself" false
}

# Code style is checked by the build too (EnforceCodeStyleInBuild); the build does not see spaces.
check "white space: dotnet format" dotnet format whitespace . --folder --verify-no-changes --exclude build bin obj
check "all projects build" dotnet build CosmosKernel.sln -c Release -v q -nologo -clp:NoSummary

step "unit tests"
for project in Tests/*.Tests/*.csproj; do
    [ "$project" = Tests/Machines.Tests/Machines.Tests.csproj ] || unit "$project"
done

check "the same kernel and ISO, byte by byte, from a copy in another folder" tools/build/check-reproducible.sh

step "boots"
unit Tests/Machines.Tests/Machines.Tests.csproj

step "result"
exec tools/testreport/bin/Release/net10.0/testreport "$results"
