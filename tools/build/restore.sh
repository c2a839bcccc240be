#!/usr/bin/env bash
# Fetches ILC, the NativeAOT compiler, as the NuGet package that Directory.Build.props names.
set -euo pipefail
version=$(sed -n 's:.*<IlcVersion>\(.*\)</IlcVersion>.*:\1:p' Directory.Build.props)
packages=${NUGET_PACKAGES:-$HOME/.nuget/packages}
[ -x "$packages/runtime.linux-x64.microsoft.dotnet.ilcompiler/$version/tools/ilc" ] && exit 0
echo "restore: ILC $version, the compiler from C# to machine code"
dotnet restore tools/build/ilc.proj -v q -nologo
