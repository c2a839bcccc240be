#!/usr/bin/env bash
# Compares the module API's public surface with Kernel/Modules/api.txt, or writes that anew.
# usage: api.sh check|write FOLDER_OF_ASSEMBLIES
#        api.sh uses FOLDER_OF_ASSEMBLIES MODULE.dll...      fails when a module uses something of the kernel that is not the API
set -euo pipefail
assemblies=()
for name in Abi Machine Memory Runtime Tasks Locking Modules Files; do
    assemblies+=("$2/CosmosKernel.$name.dll")
done
if [ "$1" = uses ]; then
    kernel=()
    for file in "${assemblies[@]}" "$2"/CosmosKernel.{Console,Processes,Syscalls}.dll; do
        if [ -f "$file" ]; then kernel+=(--kernel "$file"); fi
    done
    exec tools/apicheck/bin/Release/net10.0/apicheck uses --scope Kernel/Modules/api.conf --allow tools/apicheck/allow.txt "${kernel[@]}" "${@:3}"
fi
tools/apicheck/bin/Release/net10.0/apicheck "$1" --file Kernel/Modules/api.txt --scope Kernel/Modules/api.conf --source Kernel/Modules/ModuleApi.cs "${assemblies[@]}"
