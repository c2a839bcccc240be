#!/usr/bin/env bash
# Makes CosmosKernel.sln anew from the project files in the tree.
set -euo pipefail
rm -f CosmosKernel.sln
dotnet new sln --format sln -n CosmosKernel > /dev/null
git ls-files '*.csproj' | grep -vE '^Tests/(SampleModule|LoadableModules|ModuleFigures|Cosmos)/|^Kernel/Cosmos/.*/template/|^tools/pack/' | LC_ALL=C sort | xargs dotnet sln CosmosKernel.sln add > /dev/null
