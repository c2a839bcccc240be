using System;
using System.Collections.Generic;
using System.Linq;
using Mono.Cecil;

namespace CosmosKernel.Tools.Cosmos;

/// <summary>
/// Binds <c>static extern</c> methods with <c>[MethodImpl(MethodImplOptions.InternalCall)]</c> to functions in X#: the function <c>Name</c> in the X# namespace <c>Class</c>, whose symbol is <c>Class_Name</c>. ILC calls such a
/// method directly, by the System V calling convention.
/// </summary>
internal sealed class AssemblyFunctions(AssemblySet assemblies, Report report)
{
    private const string Namespace = "System.Runtime";
    private const string Name = "RuntimeImportAttribute";

    /// <summary>How many methods were bound.</summary>
    public int Count { get; private set; }

    /// <summary>Binds all such methods of some assemblies.</summary>
    /// <param name="own">The kernel's assembly and what it brought.</param>
    /// <param name="symbols">The global functions of the kernel's X# sources.</param>
    public void Apply(IEnumerable<AssemblyDefinition> own, IReadOnlySet<string> symbols)
    {
        foreach (AssemblyDefinition assembly in own)
        {
            var seen = new Dictionary<string, MethodDefinition>(StringComparer.Ordinal);
            MethodDefinition? constructor = null;
            foreach (MethodDefinition method in assembly.MainModule.GetTypes().SelectMany(type => type.Methods).Where(method => method.IsInternalCall && !method.HasBody).ToList())
            {
                string symbol = $"{method.DeclaringType.Name}_{method.Name}";
                if (!method.IsStatic || method.HasGenericParameters || method.DeclaringType.HasGenericParameters)
                {
                    report.Error(method, $"{Report.NameOf(method.DeclaringType)}.{method.Name}: expected a static method without type parameters: X# knows no others");
                }
                else if (!seen.TryAdd(symbol, method))
                {
                    report.Error(method, $"{Report.NameOf(method.DeclaringType)}.{method.Name} has the name {symbol} in X#, as has {PlugMatcher.Describe(seen[symbol])}");
                }
                else if (!symbols.Contains(symbol))
                {
                    report.Error(method, $"{Report.NameOf(method.DeclaringType)}.{method.Name} has no body: no X# source of the project has 'namespace {method.DeclaringType.Name}' with 'function {method.Name}'");
                }
                else
                {
                    constructor ??= AddAttribute(assembly.MainModule);
                    method.CustomAttributes.Add(new CustomAttribute(constructor) { ConstructorArguments = { new CustomAttributeArgument(assembly.MainModule.TypeSystem.String, symbol) } });
                    assemblies.Change(assembly);
                    Count++;
                }
            }
        }
    }

    // ILC knows it by its name; CoreLib's own is internal.
    private static MethodDefinition AddAttribute(ModuleDefinition module)
    {
        const MethodAttributes Constructor = MethodAttributes.Public | MethodAttributes.HideBySig | MethodAttributes.SpecialName | MethodAttributes.RTSpecialName;
        var parent = new TypeReference("System", "Attribute", module, module.TypeSystem.CoreLibrary);
        var type = new TypeDefinition(Namespace, Name, TypeAttributes.NotPublic | TypeAttributes.Sealed | TypeAttributes.BeforeFieldInit, parent);
        var constructor = new MethodDefinition(".ctor", Constructor, module.TypeSystem.Void);
        constructor.Parameters.Add(new ParameterDefinition("entry", ParameterAttributes.None, module.TypeSystem.String));
        var il = constructor.Body.GetILProcessor();
        il.Emit(Mono.Cecil.Cil.OpCodes.Ldarg_0);
        il.Emit(Mono.Cecil.Cil.OpCodes.Call, new MethodReference(".ctor", module.TypeSystem.Void, parent) { HasThis = true });
        il.Emit(Mono.Cecil.Cil.OpCodes.Ret);
        type.Methods.Add(constructor);
        module.Types.Add(type);
        return constructor;
    }
}
