using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace CosmosKernel.Tools.Syscalls;

/// <summary>Reads the <c>[SystemCall]</c> attributes of the sources.</summary>
internal static class CallSources
{
    /// <summary>All system calls, by number.</summary>
    /// <param name="root">The folder of the whole tree.</param>
    /// <exception cref="InvalidDataException">An attribute cannot be read without compiling it, two classes have one number, or a name is not Linux's.</exception>
    public static IReadOnlyList<CallEntry> Read(string root)
    {
        string folder = Path.Combine(root, "Kernel", "Syscalls");
        List<CallEntry> calls = [];
        IEnumerable<string> files = Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal));
        foreach (string file in files)
        {
            string place = Path.GetRelativePath(root, file).Replace('\\', '/');
            calls.AddRange(ReadFile(File.ReadAllText(file), place));
        }

        calls.Sort((left, right) => left.Number.CompareTo(right.Number));
        Check(calls);
        return calls;
    }

    /// <summary>The system calls of one file.</summary>
    internal static IEnumerable<CallEntry> ReadFile(string text, string place) =>
        CSharpSyntaxTree.ParseText(text).GetRoot().DescendantNodes().OfType<AttributeSyntax>()
            .Where(attribute => attribute.Name.ToString() == "SystemCall")
            .Select(attribute => Read(attribute, place));

    /// <summary>The names that Linux has on x86-64, by number.</summary>
    internal static IReadOnlyDictionary<int, string> ReadNames()
    {
        using Stream stream = typeof(CallSources).Assembly.GetManifestResourceStream("names.txt")!;
        using StreamReader reader = new(stream);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' '))
            .ToDictionary(parts => int.Parse(parts[0], System.Globalization.CultureInfo.InvariantCulture), parts => parts[1]);
    }

    private static CallEntry Read(AttributeSyntax attribute, string place)
    {
        SeparatedSyntaxList<AttributeArgumentSyntax> arguments = attribute.ArgumentList!.Arguments;
        int number = (int)((LiteralExpressionSyntax)arguments[0].Expression).Token.Value!;
        string support = ((MemberAccessExpressionSyntax)arguments[2].Expression).Name.Identifier.Text;
        string missing = arguments.Count > 3 ? TextOf(arguments[3].Expression, place) : "";
        return new CallEntry(number, TextOf(arguments[1].Expression, place), support, missing, place);
    }

    private static string TextOf(ExpressionSyntax expression, string place) => expression switch
    {
        LiteralExpressionSyntax literal => literal.Token.ValueText,
        BinaryExpressionSyntax sum when sum.IsKind(SyntaxKind.AddExpression) => TextOf(sum.Left, place) + TextOf(sum.Right, place),
        _ => throw new InvalidDataException($"{place}: a text of [SystemCall] is not a literal: {expression}"),
    };

    private static void Check(List<CallEntry> calls)
    {
        IReadOnlyDictionary<int, string> names = ReadNames();
        for (int i = 0; i < calls.Count; i++)
        {
            CallEntry call = calls[i];
            if (i > 0 && calls[i - 1].Number == call.Number)
            {
                throw new InvalidDataException($"{call.Place}: number {call.Number} is also that of {calls[i - 1].Place}");
            }

            if (!names.TryGetValue(call.Number, out string? name) || name != call.Name)
            {
                throw new InvalidDataException($"{call.Place}: Linux calls number {call.Number} {name ?? "nothing"}, not {call.Name}");
            }

            if (call.Support == "Some" && call.Missing.Length == 0)
            {
                throw new InvalidDataException($"{call.Place}: {call.Name} does not say what is missing");
            }
        }
    }
}
