using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace CosmosKernel.Tools.ApiCheck;

/// <summary>
/// What a module names of the kernel that is not the module API: types outside of the scope, and members that are not public, which only a project gets at that calls itself as a friend of the kernel's is called.
/// </summary>
internal static class ApiUses
{
    /// <summary>What one module does so, each thing once, with the first place that does it.</summary>
    /// <param name="module">The module's assembly.</param>
    /// <param name="kernel">The kernel's assemblies.</param>
    /// <param name="scope">What is the API.</param>
    /// <param name="exceptions">What it may use beyond it.</param>
    public static List<string> Find(string module, IEnumerable<string> kernel, ApiScope scope, ApiExceptions exceptions)
    {
        HashSet<string> names = [.. kernel.Select(file => Path.GetFileNameWithoutExtension(file))];
        using var resolver = new DefaultAssemblyResolver();
        foreach (string folder in kernel.Append(module).Select(file => Path.GetDirectoryName(Path.GetFullPath(file))!).Distinct())
        {
            resolver.AddSearchDirectory(folder);
        }

        bool hasSymbols = File.Exists(Path.ChangeExtension(module, ".pdb"));
        using AssemblyDefinition assembly = AssemblyDefinition.ReadAssembly(module, new ReaderParameters { AssemblyResolver = resolver, ReadSymbols = hasSymbols });
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (TypeReference type in assembly.MainModule.GetTypeReferences().Where(IsKernels))
        {
            if (!scope.Contains(type))
            {
                found.TryAdd(type.FullName.Replace('/', '.'), "is not part of the module API");
            }
            else if (type.Resolve() is { } definition && !IsReachable(definition))
            {
                found.TryAdd(type.FullName.Replace('/', '.'), "is internal to the kernel");
            }
        }

        foreach (MemberReference member in assembly.MainModule.GetMemberReferences().Where(member => IsKernels(member.DeclaringType.GetElementType()) && scope.Contains(member.DeclaringType.GetElementType())))
        {
            if (scope.HasOnlyNameOf(member.DeclaringType.GetElementType()))
            {
                found.TryAdd(member.DeclaringType.GetElementType().FullName.Replace('/', '.'), "is part of the module API by its name only");
                continue;
            }

            bool isHidden = member switch
            {
                MethodReference method => method.Resolve() is { } definition && definition is { IsPublic: false, IsFamily: false, IsFamilyOrAssembly: false },
                FieldReference field => field.Resolve() is { } definition && definition is { IsPublic: false, IsFamily: false, IsFamilyOrAssembly: false },
                _ => false,
            };
            if (isHidden)
            {
                found.TryAdd($"{member.DeclaringType.GetElementType().FullName.Replace('/', '.')}.{member.Name}", "is internal to the kernel");
            }
        }

        string own = assembly.Name.Name;
        return [.. found.Where(pair => !exceptions.Allow(own, pair.Key)).Select(pair => $"{PlaceOf(assembly, pair.Key)}error : module {own} uses {pair.Key}, which {pair.Value}"), .. exceptions.Unused(own, found.Keys)];

        bool IsKernels(TypeReference type) => (type.DeclaringType ?? type).Scope is AssemblyNameReference { } scopeName && names.Contains(scopeName.Name);
    }

    private static bool IsReachable(TypeDefinition type) => type.DeclaringType is null ? type.IsPublic : (type.IsNestedPublic || type.IsNestedFamily || type.IsNestedFamilyOrAssembly) && IsReachable(type.DeclaringType);

    // The first line that names it; empty when no code does, or nothing is known of lines.
    private static string PlaceOf(AssemblyDefinition assembly, string name)
    {
        foreach (MethodDefinition method in assembly.MainModule.GetTypes().SelectMany(type => type.Methods).Where(method => method.HasBody && method.DebugInformation.HasSequencePoints))
        {
            foreach (Instruction instruction in method.Body.Instructions.Where(instruction => Names(instruction.Operand, name)))
            {
                SequencePoint? point = method.DebugInformation.SequencePoints.LastOrDefault(point => point.Offset <= instruction.Offset && !point.IsHidden);
                if (point is not null)
                {
                    // A build that hides where the tree is makes paths begin at its top.
                    string file = point.Document.Url;
                    return $"{(file.StartsWith('/') && !File.Exists(file) ? file[1..] : file)}({point.StartLine}): ";
                }
            }
        }

        return "";
    }

    private static bool Names(object? operand, string name) => operand switch
    {
        TypeReference type => type.GetElementType().FullName.Replace('/', '.') == name || (type is GenericInstanceType generic && generic.GenericArguments.Any(argument => Names(argument, name))),
        MemberReference member => Names(member.DeclaringType, name) || $"{member.DeclaringType?.GetElementType().FullName.Replace('/', '.')}.{member.Name}" == name
            || (member is MethodReference method && (Names(method.ReturnType, name) || method.Parameters.Any(parameter => Names(parameter.ParameterType, name)))),
        _ => false,
    };
}
