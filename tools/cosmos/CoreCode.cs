using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Mono.Cecil;

namespace CosmosKernel.Tools.Cosmos;

/// <summary>What no plug may replace (<c>core.txt</c>): the kernel itself, and what of CoreLib runs in it where nothing may allocate, throw or wait.</summary>
internal sealed class CoreCode
{
    private const string Intrinsic = "System.Runtime.CompilerServices.IntrinsicAttribute";
    private static readonly string[] s_bindings = ["System.Runtime.RuntimeExportAttribute", "System.Runtime.RuntimeImportAttribute", "System.Runtime.InteropServices.UnmanagedCallersOnlyAttribute"];

    private readonly List<(string Prefix, string Reason)> _rules;

    private CoreCode(List<(string Prefix, string Reason)> rules) => _rules = rules;

    /// <summary>Reads the list: <c>NAME : REASON</c> a line, where NAME is the beginning of full names; empty lines and those that begin with <c>#</c> are left out.</summary>
    public static CoreCode Read(string file) => new([.. File.ReadLines(file)
        .Where(line => line.Length > 0 && line[0] != '#')
        .Select(line => line.Split(" : ", 2))
        .Select(parts => parts.Length == 2 ? (parts[0].Trim(), parts[1].Trim()) : throw new FormatException($"{file}: expected 'NAME : REASON', found '{parts[0]}'"))]);

    /// <summary>Why a type cannot be plugged as a whole; null if it can.</summary>
    public string? RefuseType(TypeDefinition type) =>
        IsKernel(type.Module.Assembly.Name.Name) ? "it is the kernel itself" : Find(type.FullName + ".");

    /// <summary>Why a method cannot be plugged; null if it can.</summary>
    public string? Refuse(MethodDefinition method)
    {
        if ((RefuseType(method.DeclaringType) ?? Find($"{method.DeclaringType.FullName}.{method.Name}")) is { } reason)
        {
            return reason;
        }

        if (method.CustomAttributes.Any(attribute => s_bindings.Contains(attribute.AttributeType.FullName)))
        {
            return "the runtime calls it, or it calls the runtime, by a fixed name";
        }

        if (method.CustomAttributes.Any(attribute => attribute.AttributeType.FullName == Intrinsic))
        {
            return "the compiler knows what it does and does not always call it";
        }

        return method.IsAbstract ? "it is abstract" : method.IsRuntime ? "the runtime makes its code" : null;
    }

    // A Cosmos kernel may well be called CosmosKernel1.
    private static bool IsKernel(string assembly) => assembly == "CosmosKernel" || assembly.StartsWith("CosmosKernel.", StringComparison.Ordinal);

    private string? Find(string name) => _rules.Where(rule => name.StartsWith(rule.Prefix, StringComparison.Ordinal)).Select(rule => rule.Reason).FirstOrDefault();
}
