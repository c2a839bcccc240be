using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using XSharp.Emit;
using XSharp.Syntax;
using XSharp.Text;

namespace XSharp;

/// <summary>How much of a program is X# and how much is literal assembly.</summary>
/// <param name="Input">The program's file.</param>
/// <param name="Statements">Statements of X#, those of included files too.</param>
/// <param name="LiteralLines">Lines of literal assembly.</param>
public sealed record Statistics(string Input, int Statements, int LiteralLines);

/// <summary>What a compilation gives.</summary>
/// <param name="Assembly">Text for NASM; of no use when there are errors.</param>
/// <param name="Statistics">The counts.</param>
/// <param name="Diagnostics">Errors, ordered by position.</param>
public sealed record CompilationResult(string Assembly, Statistics Statistics, IReadOnlyList<Diagnostic> Diagnostics);

/// <summary>Compiles one X# program to assembly text.</summary>
public sealed class Compilation : IParserHost
{
    private readonly DiagnosticBag _diagnostics = new();
    private readonly ConstantTable _constants = new();
    private readonly HashSet<string> _included = new(StringComparer.Ordinal);
    private readonly IReadOnlyList<string> _includeDirectories;
    private int _definitions;

    private Compilation(IReadOnlyList<string> includeDirectories) => _includeDirectories = includeDirectories;

    /// <summary>Compiles a program.</summary>
    /// <param name="name">The program's file name, for messages and debug information.</param>
    /// <param name="text">The program.</param>
    /// <param name="constantFiles">Names and contents of files with <c>NAME=VALUE</c> lines.</param>
    /// <param name="includeDirectories">Where included files are looked for, behind the folder of the including file.</param>
    public static CompilationResult Compile(
        string name,
        string text,
        IEnumerable<(string Name, string Text)>? constantFiles = null,
        IReadOnlyList<string>? includeDirectories = null)
    {
        var compilation = new Compilation(includeDirectories ?? []);
        foreach ((string file, string lines) in constantFiles ?? [])
        {
            compilation.ReadConstants(file, lines);
        }

        compilation._included.Add(Path.GetFullPath(name));
        IReadOnlyList<Statement> program = compilation.Parse(name, text);
        string assembly = ProgramEmitter.Emit(program, compilation._constants, compilation._diagnostics);
        (int statements, int literals) = Count(program);
        var statistics = new Statistics(name, statements + compilation._definitions, literals);
        return new CompilationResult(assembly, statistics, compilation._diagnostics.Sorted);
    }

    /// <inheritdoc/>
    public IReadOnlyList<Statement> Include(Token file)
    {
        string folder = Path.GetDirectoryName(file.Position.File) ?? "";
        foreach (string candidate in _includeDirectories.Prepend(folder).Select(d => Path.Combine(d, file.Text)))
        {
            if (!File.Exists(candidate))
            {
                continue;
            }

            return _included.Add(Path.GetFullPath(candidate)) ? Parse(candidate, Read(file, candidate)) : [];
        }

        throw new StatementException(file.Position, ErrorCode.FileNotFound, $"expected a file beside this one or in an include directory, found no '{file.Text}'");
    }

    /// <inheritdoc/>
    public void DefineConstant(Token name, string nameSpace, Expression value)
    {
        _definitions++;
        if (!_constants.TryDefine(name.Text, nameSpace, value))
        {
            throw new StatementException(name.Position, ErrorCode.DuplicateName, $"expected a new name, found '{name.Text}', which is a constant already");
        }
    }

    private static string Read(Token file, string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StatementException(file.Position, ErrorCode.FileNotFound, $"expected a readable file, found '{file.Text}': {error.Message}");
        }
    }

    private IReadOnlyList<Statement> Parse(string name, string text)
    {
        string display = name.StartsWith("./", StringComparison.Ordinal) ? name[2..] : name;
        return Parser.Parse(Tokenizer.Read(display, text, _diagnostics), this, _diagnostics);
    }

    private void ReadConstants(string file, string text)
    {
        int number = 0;
        foreach (string line in text.Split('\n').Select(l => l.Trim()))
        {
            number++;
            if (line.Length == 0 || line.StartsWith("//", StringComparison.Ordinal))
            {
                continue;
            }

            var position = new SourcePosition(file, number, 1);
            int split = line.IndexOf('=', StringComparison.Ordinal);
            string name = split < 0 ? "" : line[..split].Trim();
            string value = line[(split + 1)..].Trim();
            bool negative = value.StartsWith('-');
            if (!IsName(name) || !Tokenizer.TryParseNumber(negative ? value[1..] : value, out Int128 amount))
            {
                _diagnostics.Report(position, ErrorCode.BadConstantLine, $"expected NAME=VALUE with a decimal or hexadecimal number, found '{line}'");
            }
            else if (!_constants.TryDefine(name, "", new NumberExpression(position, negative ? -amount : amount)))
            {
                _diagnostics.Report(position, ErrorCode.DuplicateName, $"expected a new name, found '{name}', which is a constant already");
            }
        }
    }

    private static bool IsName(string text) =>
        text.Length != 0 && !char.IsAsciiDigit(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    private static (int Statements, int Literals) Count(IEnumerable<Statement> statements)
    {
        int total = 0;
        int literals = 0;
        foreach (Statement statement in statements)
        {
            _ = statement is LiteralStatement ? literals++ : total++;
            foreach (Block block in Blocks(statement))
            {
                (int inner, int innerLiterals) = Count(block.Statements);
                total += inner;
                literals += innerLiterals;
            }
        }

        return (total, literals);
    }

    private static IEnumerable<Block> Blocks(Statement statement) => statement switch
    {
        FunctionStatement function => [function.Body],
        VariableStatement { Data: { } data } => [data],
        IfStatement { Else: { } otherwise } choice => [choice.Then, otherwise],
        IfStatement choice => [choice.Then],
        WhileStatement loop => [loop.Body],
        RepeatStatement repeat => [repeat.Body],
        _ => [],
    };
}
