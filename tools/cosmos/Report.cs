using System.Collections.Generic;
using System.Linq;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace CosmosKernel.Tools.Cosmos;

/// <summary>What is wrong in the assemblies of a kernel, each with file and line where debug information has them.</summary>
internal sealed class Report
{
    private readonly List<string> _errors = [];

    /// <summary>All errors so far.</summary>
    public IReadOnlyList<string> Errors => _errors;

    /// <summary>Adds an error.</summary>
    /// <param name="place">What it is about.</param>
    /// <param name="message">What is wrong.</param>
    public void Error(IMemberDefinition place, string message) => _errors.Add($"{PlaceOf(place)}: error: {message}");

    /// <summary>File and line of a member; of a type or field, those of the first method beside it. Without debug information the assembly.</summary>
    public static string PlaceOf(IMemberDefinition member)
    {
        if (member is MethodDefinition method && LineOf(method) is { } line)
        {
            return line;
        }

        TypeDefinition type = member as TypeDefinition ?? member.DeclaringType;
        return type.Methods.Select(LineOf).FirstOrDefault(found => found is not null)?.Split('(')[0] ?? type.Module.Name;
    }

    /// <summary>A type as C# writes it.</summary>
    public static string NameOf(TypeReference type) => type.FullName.Replace('/', '.');

    private static string? LineOf(MethodDefinition method)
    {
        SequencePoint? point = method.DebugInformation?.SequencePoints.FirstOrDefault(at => !at.IsHidden);
        return point is null ? null : $"{point.Document.Url}({point.StartLine})";
    }
}
