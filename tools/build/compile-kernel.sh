#!/usr/bin/env bash
# Compiles managed assemblies to one object with ILC.
# usage: compile-kernel.sh OUT.o INPUT.dll REFERENCE_DIR
# Does nothing when OUT.o was made from the same assemblies with the same options.
set -euo pipefail
out=$1 input=$2 references=$3
version=$(sed -n 's:.*<IlcVersion>\(.*\)</IlcVersion>.*:\1:p' Directory.Build.props)
packages=${NUGET_PACKAGES:-$HOME/.nuget/packages}
ilc=$packages/runtime.linux-x64.microsoft.dotnet.ilcompiler/$version
[ -x "$ilc/tools/ilc" ] || { echo "compile-kernel: ILC $version is not in $packages; run 'make restore'" >&2; exit 3; }

features="
Microsoft.Extensions.DependencyInjection.VerifyOpenGenericServiceTrimmability=true
System.ComponentModel.DefaultValueAttribute.IsSupported=false
System.Diagnostics.Debugger.IsSupported=false
System.Diagnostics.Tracing.EventSource.IsSupported=false
System.Globalization.Invariant=true
System.Globalization.PredefinedCulturesOnly=true
System.Reflection.Metadata.MetadataUpdater.IsSupported=false
System.Resources.ResourceManager.AllowCustomResourceTypes=false
System.Resources.UseSystemResourceKeys=false
System.Runtime.CompilerServices.RuntimeFeature.IsDynamicCodeSupported=false
System.Runtime.InteropServices.BuiltInComInterop.IsSupported=false
System.Runtime.InteropServices.EnableConsumingManagedCodeFromNativeHosting=false
System.Runtime.Serialization.EnableUnsafeBinaryFormatterSerialization=false
System.StartupHookProvider.IsSupported=false
System.Text.Encoding.EnableUnsafeUTF7Encoding=false
System.Threading.Thread.EnableAutoreleasePool=false
System.Linq.Expressions.CanEmitObjectArrayDelegate=false
"

rsp=${out%.o}.ilc.rsp
{
    echo "$input"
    echo "-o:$out"
    for dll in "$references"/*.dll; do
        [ "$dll" = "$input" ] || echo "-r:$dll"
    done
    # CoreLib and its companions come from the compiler's own package.
    echo "-r:$ilc/sdk/*.dll"
    echo "-r:$ilc/framework/*.dll"
    printf '%s\n' --targetos:linux --targetarch:x64 --Ot -g --nativelib --noinlinetls --stacktracedata --scanreflection --singlewarn
    printf -- '--initassembly:%s\n' System.Private.CoreLib System.Private.StackTraceMetadata System.Private.TypeLoader System.Private.Reflection.Execution
    printf -- '--directpinvoke:%s\n' libSystem.Native
    printf -- '--generateunmanagedentrypoints:%s\n' System.Private.CoreLib
    for dll in "$references"/CosmosKernel.*.dll; do
        echo "--generateunmanagedentrypoints:$(basename "$dll" .dll)"
    done
    for feature in $features; do
        echo "--feature:$feature"
        echo "--runtimeknob:$feature"
    done
    echo "--mstat:${out%.o}.mstat"
} > "$rsp.new"

sum=$({ cat "$rsp.new"; cat "$input" "$references"/*.dll; } | sha256sum)
if [ -f "$out" ] && [ -f "$rsp.sum" ] && [ "$sum" = "$(cat "$rsp.sum")" ]; then
    exit 0
fi
mv "$rsp.new" "$rsp"
rm -f "$rsp.sum"
start=$SECONDS
"$ilc/tools/ilc" "@$rsp"
echo "$sum" > "$rsp.sum"
echo "ILC: $(basename "$out"), $(stat -c %s "$out" | awk '{printf "%.1f MB", $1 / 1e6}') in $((SECONDS - start)) s"
