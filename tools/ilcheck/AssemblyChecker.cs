using System;
using System.Collections.Generic;
using System.IO;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace CosmosKernel.Tools.IlCheck;

/// <summary>Looks through one assembly: attributes, layouts, signatures, and (with <see cref="BodyChecker"/>) code.</summary>
internal sealed class AssemblyChecker
{
    private readonly BannedList _banned;
    private readonly List<Finding> _findings = [];
    private readonly string _assembly;

    private AssemblyChecker(string assembly, BannedList banned)
    {
        _assembly = assembly;
        _banned = banned;
    }

    /// <summary>Checks an assembly file; debug information beside it gives source lines.</summary>
    /// <exception cref="BadImageFormatException">It is not a .NET assembly.</exception>
    public static IReadOnlyList<Finding> Check(string path, BannedList banned)
    {
        using var resolver = new DefaultAssemblyResolver();
        resolver.AddSearchDirectory(Path.GetDirectoryName(Path.GetFullPath(path)));
        var parameters = new ReaderParameters
        {
            AssemblyResolver = resolver,
            ReadSymbols = true,
            SymbolReaderProvider = new DefaultSymbolReaderProvider(throwIfNoSymbol: false),
        };
        using var assembly = AssemblyDefinition.ReadAssembly(path, parameters);
        var checker = new AssemblyChecker(assembly.Name.Name, banned);
        checker.CheckAssembly(assembly);
        return checker._findings;
    }

    /// <summary>Records a finding in a method.</summary>
    internal void Add(MethodDefinition method, Instruction? instruction, string what, string reason)
    {
        SequencePoint? point = null;
        if (method.HasBody && method.DebugInformation.HasSequencePoints)
        {
            int offset = instruction?.Offset ?? 0;
            foreach (SequencePoint candidate in method.DebugInformation.SequencePoints)
            {
                if (!candidate.IsHidden && (point is null || candidate.Offset <= offset))
                {
                    point = candidate;
                }
            }
        }

        _findings.Add(new Finding(_assembly, TypeNames.Of(method), instruction?.Offset ?? -1, DisplayPath(point?.Document.Url), point?.StartLine ?? 0, what, reason));
    }

    /// <summary>Checks every part of a type that code or a signature names.</summary>
    /// <returns>What is wrong with it, or null.</returns>
    internal (string What, string Reason)? ProblemOf(TypeReference? type)
    {
        foreach (TypeReference part in TypeNames.Parts(type))
        {
            if (part is PointerType)
            {
                return ($"pointer {part.FullName}", "addresses are not checked");
            }

            if (part is FunctionPointerType)
            {
                return ($"function pointer {part.FullName}", "calls through it are not checked");
            }

            if (_banned.IsBanned(TypeNames.Of(part), out _, out string? reason))
            {
                return (TypeNames.Of(part), reason);
            }
        }

        return null;
    }

    /// <summary>Checks a member that code names.</summary>
    /// <returns>What is wrong with it, or null.</returns>
    internal (string What, string Reason)? ProblemOf(MemberReference member)
    {
        if (ProblemOf(member.DeclaringType) is { } problem)
        {
            return problem;
        }

        string name = TypeNames.Of(member);
        return _banned.IsBanned(name, out _, out string? reason) ? (name, reason) : null;
    }

    // The build maps the source root to "/_/".
    private static string DisplayPath(string? path)
    {
        const string Root = "/_/";
        return path is null ? string.Empty : path.StartsWith(Root, StringComparison.Ordinal) ? path[Root.Length..] : path.TrimStart('/');
    }

    private void Add(string where, string what, string reason) => _findings.Add(new Finding(_assembly, where, -1, string.Empty, 0, what, reason));

    private void CheckAssembly(AssemblyDefinition assembly)
    {
        CheckAttributes(assembly, "assembly");
        foreach (ModuleDefinition module in assembly.Modules)
        {
            CheckAttributes(module, "module");
            foreach (TypeDefinition type in module.GetTypes())
            {
                if (!TypeNames.IsCompilerDetail(type))
                {
                    CheckType(type);
                }
            }
        }
    }

    private void CheckType(TypeDefinition type)
    {
        string name = TypeNames.Of(type);
        CheckAttributes(type, name);
        Check(ProblemOf(type.BaseType), name);
        foreach (InterfaceImplementation implemented in type.Interfaces)
        {
            Check(ProblemOf(implemented.InterfaceType), name);
        }

        foreach (FieldDefinition field in type.Fields)
        {
            CheckAttributes(field, TypeNames.Of(field));
            Check(ProblemOf(field.FieldType), TypeNames.Of(field));
        }

        if (type.IsExplicitLayout && LayoutChecker.FindOverlap(type) is { } overlap)
        {
            Add(name, overlap, "overlapping fields reinterpret memory");
        }

        foreach (MethodDefinition method in type.Methods)
        {
            CheckMethod(method);
        }
    }

    private void CheckMethod(MethodDefinition method)
    {
        CheckAttributes(method, TypeNames.Of(method), method);
        CheckSignature(method);
        if (method.IsPInvokeImpl)
        {
            Add(method, null, "DllImport", "calls code that nothing checks");
        }
        else if (method.IsInternalCall || method.IsNative || method.IsUnmanaged)
        {
            Add(method, null, "a body outside of IL (InternalCall or native)", "calls code that nothing checks");
        }

        if (method.HasBody)
        {
            new BodyChecker(this, method).Check();
        }
    }

    private void CheckSignature(MethodDefinition method)
    {
        Check(ProblemOf(method.ReturnType), method);
        foreach (ParameterDefinition parameter in method.Parameters)
        {
            CheckAttributes(parameter, TypeNames.Of(method), method);
            Check(ProblemOf(parameter.ParameterType), method);
        }

        foreach (GenericParameter parameter in method.GenericParameters)
        {
            foreach (GenericParameterConstraint constraint in parameter.Constraints)
            {
                Check(ProblemOf(constraint.ConstraintType), method);
            }
        }
    }

    private void CheckAttributes(Mono.Cecil.ICustomAttributeProvider provider, string where, MethodDefinition? method = null)
    {
        foreach (CustomAttribute attribute in provider.CustomAttributes)
        {
            if (_banned.IsBanned(TypeNames.Of(attribute.AttributeType), out string? what, out string? reason))
            {
                if (method is null)
                {
                    Add(where, what, reason);
                }
                else
                {
                    Add(method, null, what, reason);
                }
            }
        }
    }

    private void Check((string What, string Reason)? problem, string where)
    {
        if (problem is { } found)
        {
            Add(where, found.What, found.Reason);
        }
    }

    private void Check((string What, string Reason)? problem, MethodDefinition method)
    {
        if (problem is { } found)
        {
            Add(method, null, found.What, found.Reason);
        }
    }
}
