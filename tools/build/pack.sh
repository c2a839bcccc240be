#!/usr/bin/env bash
# Packs the module API, the template and the boot-test library from what make kernel has built: build/packages/*.nupkg.
# Each has the API's version and a mark of its contents, so that a package of other contents never has the same version.
set -euo pipefail
root=$PWD
work=build/pack
packages=build/packages
tool() { echo "tools/$1/bin/Release/net10.0/$1"; }
rm -rf "$work"
mkdir -p "$work"/{lib,analyzers,build,boottest,templates,kit/managed,kit/objects,kit/tools/build,kit/tools/objcheck,kit/tools/ilcheck,kit/tools/apicheck,kit/Kernel/Runtime,kit/Kernel/Modules,kit/iso} "$packages"

# What a module compiles against, and what its image is made of.
for file in build/managed/kernel/*.dll; do
    name=$(basename "$file" .dll)
    [ "$name" = CosmosKernel ] || cp "$file" "${file%.dll}.pdb" "$work/kit/managed/"
done
for assembly in Abi Machine Memory Runtime Tasks Locking Modules Files; do
    cp "build/managed/kernel/CosmosKernel.$assembly.dll" "$work/lib/"
    if [ -f "Kernel/$assembly/bin/Release/net9.0/CosmosKernel.$assembly.xml" ]; then cp "Kernel/$assembly/bin/Release/net9.0/CosmosKernel.$assembly.xml" "$work/lib/"; fi
done
sed 's:.*/::' build/variants/kernel/assemblies.list > "$work/kit/modules.list"

# The tools that make an image, and what they read.
for name in modules ilcheck apicheck substitute image objcheck; do
    mkdir -p "$work/kit/tools/$name/bin/Release/net10.0"
    [ -x "$(tool $name)" ] || { echo "pack: $name was not built" >&2; exit 1; }
    find "$(dirname "$(tool $name)")" -maxdepth 1 -type f -exec cp -t "$work/kit/tools/$name/bin/Release/net10.0/" {} +
done
cp tools/build/api.sh tools/build/compile-kernel.sh tools/build/link-kernel.sh "$work/kit/tools/build/"
cp tools/objcheck/rules.txt "$work/kit/tools/objcheck/"
cp tools/ilcheck/*.txt "$work/kit/tools/ilcheck/"
cp tools/apicheck/*.txt "$work/kit/tools/apicheck/"
cp iso/*.ld "$work/kit/iso/"
cp Kernel/Runtime/corelib-substitutions.txt "$work/kit/Kernel/Runtime/"
cp Kernel/Modules/api.conf "$work/kit/Kernel/Modules/"
cp Directory.Build.props "$work/kit/"
cp tools/pack/kit/build-image.sh "$work/kit/"
while read -r object; do cp "$object" "$work/kit/objects/"; done < build/obj/xs/objects.list
sed 's:.*/::' build/obj/xs/objects.list > "$work/kit/objects.list"
cp build/obj/vdso.o "$work/kit/objects/"

cp tools/analyzers/bin/Release/netstandard2.0/CosmosKernel.Analyzers.dll "$work/analyzers/"
cp tools/pack/build/* "$work/build/"
cp tools/bootharness/Boot/bin/Release/net10.0/{CosmosKernel.BootHarness,Elf}.dll "$work/boottest/"
cp -R tools/pack/templates/. "$work/templates/"

api=$(sed -n 's/^version //p' Kernel/Modules/api.txt)
ilc=$(sed -n 's:.*<IlcVersion>\(.*\)</IlcVersion>.*:\1:p' Directory.Build.props)
mark=$(cd "$work" && find . -type f | LC_ALL=C sort | xargs sha256sum | sha256sum | cut -c1-12)
version=$api-local.h$mark
package_version() { sed -n "s:.*PackageVersion Include=\"$1\" Version=\"\(.*\)\".*:\1:p" Directory.Packages.props; }
find "$work/templates" -type f \( -name '*.csproj' -o -name nuget.config \) -exec sed -i \
    -e "s:PACKAGE-VERSION:$version:" -e "s:PACKAGE-FEED:$root/$packages:" -e "s:TEST-SDK-VERSION:$(package_version Microsoft.NET.Test.Sdk):" \
    -e "s:XUNIT-VERSION:$(package_version xunit):" -e "s:RUNNER-VERSION:$(package_version xunit.runner.visualstudio):" {} +

rm -f "$packages"/CosmosKernel.*.nupkg
dotnet restore tools/pack/pack.proj -v q -nologo
for name in Modules BootTest Templates; do
    sed -e "s:\\\$version\\\$:$version:" -e "s:\\\$ilc\\\$:$ilc:" "tools/pack/$name.nuspec" > "$work/$name.nuspec"
    dotnet pack tools/pack/pack.proj --no-build --no-restore -v q -nologo -o "$packages" -p:NuspecFile="$root/$work/$name.nuspec" -p:NuspecBasePath="$root/$work"
done
ls "$packages"/CosmosKernel.*.nupkg | sed 's/^/[pack] /'
