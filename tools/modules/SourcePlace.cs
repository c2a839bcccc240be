using System;
using System.IO;
using System.Linq;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace CosmosKernel.Tools.Modules;

/// <summary>Where something stands in the sources, from the assembly's symbols: <c>FILE(LINE)</c>; the assembly itself when it has none.</summary>
internal static class SourcePlace
{
    /// <summary>Of a method.</summary>
    public static string Of(MethodDefinition? method, string assembly)
    {
        SequencePoint? point = method is { HasBody: true } ? method.DebugInformation.SequencePoints.FirstOrDefault(p => !p.IsHidden) : null;
        return point is null ? assembly : $"{Display(point.Document.Url)}({point.StartLine})";
    }

    /// <summary>Of a class: its first line of code.</summary>
    public static string Of(TypeDefinition type, string assembly)
    {
        SequencePoint? first = type.Methods.Where(method => method.HasBody).SelectMany(method => method.DebugInformation.SequencePoints)
            .Where(point => !point.IsHidden).OrderBy(point => point.StartLine).FirstOrDefault();
        return first is null ? assembly : $"{Display(first.Document.Url)}({first.StartLine})";
    }

    // Sources of the tree are named relative to its top.
    private static string Display(string path) => File.Exists(path) || !path.StartsWith('/') ? path : path.TrimStart('/');
}
