#!/usr/bin/env bash
# Compiles managed assemblies to one object with ILC.
# usage: compile-kernel.sh OUT.o INPUT.dll REFERENCE_DIR
# VALIDATOR=1 in the environment: with the lock validator and lock statistics (docs/validator.md); otherwise nothing of them is compiled.
# LOADABLE=1 in the environment: so that modules can be loaded at run time (docs/module-loading.md). Then OUT.options gets what modules must be compiled with too.
# Does nothing when OUT.o was made from the same assemblies with the same options.
set -euo pipefail
out=$1 input=$2 references=$3
version=$(sed -n 's:.*<IlcVersion>\(.*\)</IlcVersion>.*:\1:p' Directory.Build.props)
packages=${NUGET_PACKAGES:-$HOME/.nuget/packages}
ilc=$packages/runtime.linux-x64.microsoft.dotnet.ilcompiler/$version
[ -x "$ilc/tools/ilc" ] || { echo "compile-kernel: ILC $version is not in $packages; run 'make restore'" >&2; exit 3; }

validator=false
[ "${VALIDATOR:-0}" = 0 ] || validator=true
features="
CosmosKernel.LockValidator=$validator
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

# CoreLib with the few bodies that the kernel provides (Kernel/Runtime/corelib-substitutions.txt says which and why).
rules=Kernel/Runtime/corelib-substitutions.txt
substitute=tools/substitute/bin/Release/net10.0/substitute
corelib=build/obj/corelib/System.Private.CoreLib.dll
corelib_sum=$(cat "$ilc/sdk/System.Private.CoreLib.dll" "$rules" "$substitute.dll" | sha256sum)
if [ ! -f "$corelib" ] || [ "$corelib_sum" != "$(cat "$corelib.sum" 2> /dev/null)" ]; then
    "$substitute" --corelib "$ilc/sdk/System.Private.CoreLib.dll" --rules "$rules" --output "$corelib"
    echo "$corelib_sum" > "$corelib.sum"
fi

# A Cosmos kernel's plugs, resources and X# functions are put in place in copies of the assemblies that they are in, whichever those are. Of two assemblies of a name ILC takes the first.
changed=
if [ -n "${COSMOS_OWN:-}" ]; then
    changed=${out%.o}.changed
    # shellcheck disable=SC2086
    tools/cosmos/bin/Release/net10.0/cosmos rewrite --managed "$references" --framework "$ilc/sdk" "$ilc/framework" --corelib "$corelib" --own $COSMOS_OWN --symbols "$COSMOS_XSHARP/symbols" --output "$changed"
    [ ! -f "$changed/System.Private.CoreLib.dll" ] || corelib=$changed/System.Private.CoreLib.dll
fi

rsp=${out%.o}.ilc.rsp
kernel=("$references"/*.dll)
roots=
if [ "${LOADABLE:-0}" != 0 ]; then
    # An assembly that refers to all that modules may use.
    roots=${out%.o}.roots/CosmosKernel.Roots.dll
    mkdir -p "$(dirname "$roots")"
    tools/loadable/bin/Release/net10.0/loadable roots --rules Kernel/Image/loadable.conf --reference "${kernel[@]}" "$corelib" "$ilc"/sdk/*.dll "$ilc"/framework/*.dll -o "$roots"
fi
{
    # What is an input is compiled whole; of a reference only what is used.
    if [ -n "$roots" ]; then as=; else as=-r:; fi
    echo "$input"
    echo "-o:$out"
    [ -z "$changed" ] || find "$changed" -name '*.dll' -printf '-r:%p\n' | LC_ALL=C sort
    for dll in "${kernel[@]}"; do
        [ "$dll" = "$input" ] || [ -f "$changed/$(basename "$dll")" ] || echo "$as$dll"
    done
    # CoreLib and its companions come from the compiler's own package.
    echo "$as$corelib"
    for dll in "$ilc"/sdk/*.dll; do
        case $(basename "$dll") in
            System.Private.CoreLib.dll) ;;
            System.Private.DisabledReflection.dll) echo "-r:$dll" ;;
            *) echo "$as$dll" ;;
        esac
    done
    echo "$as$ilc/framework/*.dll"
    if [ -n "$roots" ]; then
        echo "$roots"
        # Multifile: full virtual tables, and the same layout of generic dictionaries in each compilation. It turns the compile-time class constructors off unless told otherwise.
        printf '%s\n' --multifile --preinitstatics
        # About what is kept for modules: a module that uses such a member is warned itself.
        printf '%s\n' --notrimwarn --noaotwarn --nowarn:IL3002
    fi
    printf '%s\n' --targetos:linux --targetarch:x64 --Ot -g --nativelib --noinlinetls --stacktracedata --scanreflection --singlewarn
    printf -- '--initassembly:%s\n' System.Private.CoreLib System.Private.StackTraceMetadata System.Private.TypeLoader System.Private.Reflection.Execution
    printf -- '--directpinvoke:%s\n' libSystem.Native
    if [ -z "$roots" ]; then
        printf -- '--generateunmanagedentrypoints:%s\n' System.Private.CoreLib
        for dll in "$references"/CosmosKernel.*.dll; do
            echo "--generateunmanagedentrypoints:$(basename "$dll" .dll)"
        done
    fi
    for feature in $features; do
        echo "--feature:$feature"
        echo "--runtimeknob:$feature"
    done
    echo "--mstat:${out%.o}.mstat"
} > "$rsp.new"

sum=$({ cat "$rsp.new"; cat "${kernel[@]}" "$corelib" $roots; [ -z "$changed" ] || find "$changed" -name '*.dll' -print0 | LC_ALL=C sort -z | xargs -0 -r cat; } | sha256sum)
if [ -f "$out" ] && [ -f "$rsp.sum" ] && [ "$sum" = "$(cat "$rsp.sum")" ]; then
    exit 0
fi
mv "$rsp.new" "$rsp"
rm -f "$rsp.sum"
start=$SECONDS
log=${out%.o}.ilc.log
if ! "$ilc/tools/ilc" "@$rsp" > "$log" 2>&1; then
    cat "$log" >&2
    exit 1
fi
# PLINQ's OrderBy is generic without end: each ThenBy needs a type that nests the one before, and ILC stops at the sixth. docs/threading.md tells users; the messages are long and stay in the log.
sed '/System\.Linq\.Parallel/d' "$log"
if [ -n "$roots" ]; then
    tools/loadable/bin/Release/net10.0/loadable repair --object "$out" --mstat "${out%.o}.mstat"
    grep '^--' "$rsp" | grep -Ev '^--(mstat|nativelib|initassembly|runtimeknob|notrimwarn|noaotwarn|nowarn)' > "${out%.o}.options"
fi
echo "$sum" > "$rsp.sum"
echo "ILC: $(basename "$out"), $(stat -c %s "$out" | awk '{printf "%.1f MB", $1 / 1e6}') in $((SECONDS - start)) s"
