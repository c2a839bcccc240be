using System;
using System.Collections.Generic;
using XSharp.Syntax;
using XSharp.Text;

namespace XSharp.Emit;

/// <summary>Names of functions, variables and labels, and what each becomes in the object file.</summary>
public sealed class SymbolTable
{
    private readonly Dictionary<string, int> _defined = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _externs = new(StringComparer.Ordinal);
    private readonly HashSet<string> _declaredExterns = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _functionLabels = new(StringComparer.Ordinal);
    private readonly DiagnosticBag _diagnostics;

    /// <summary>Collects the names of a program.</summary>
    public SymbolTable(IReadOnlyList<Statement> program, DiagnosticBag diagnostics)
    {
        _diagnostics = diagnostics;
        Collect(program, null);
    }

    /// <summary>Object-file names of the function that is being emitted, or null outside functions.</summary>
    public string? Function { get; set; }

    /// <summary>Names that other objects must provide, sorted.</summary>
    public IReadOnlyCollection<string> Externs => _externs;

    /// <summary>The name in the object file: with its namespace before it, unless the program asked for exactly this name.</summary>
    public static string FullName(SymbolName name) =>
        name.Dots == 2 || name.Namespace.Length == 0 ? name.Text : name.Namespace + "_" + name.Text;

    /// <summary>True when the function being emitted has this label.</summary>
    public bool IsFunctionLabel(SymbolName name) => Function is not null && name.Dots == 0 && _functionLabels[Function].Contains(name.Text);

    /// <summary>The object-file name of a label where it is defined.</summary>
    public string LabelName(LabelStatement label) =>
        Function is not null && label.Name.Dots == 0 ? Function + "." + label.Name.Text : FullName(label.Name);

    /// <summary>The object-file name that a use of a name means; an unknown name becomes an outside symbol.</summary>
    public string Resolve(SymbolName name)
    {
        if (IsFunctionLabel(name))
        {
            return Function + "." + name.Text;
        }

        string full = FullName(name);
        if (_defined.ContainsKey(full))
        {
            return full;
        }

        if (_declaredExterns.Contains(name.Text) || _defined.ContainsKey(name.Text))
        {
            return name.Text;
        }

        _externs.Add(full);
        return full;
    }

    /// <summary>Bytes of an element of a variable of this file; 0 when the file does not declare it.</summary>
    public int VariableSize(SymbolName name) => _defined.GetValueOrDefault(Resolve(name));

    private void Collect(IEnumerable<Statement> statements, string? function)
    {
        foreach (Statement statement in statements)
        {
            switch (statement)
            {
                case FunctionStatement inner:
                    string name = FullName(inner.Name);
                    Define(inner.Position, name, 0);
                    _functionLabels.TryAdd(name, new HashSet<string>(StringComparer.Ordinal));
                    Collect(inner.Body.Statements, name);
                    break;
                case VariableStatement variable:
                    Define(variable.Position, FullName(variable.Name), variable.Data is null ? variable.Size : 0);
                    Collect(variable.Data?.Statements ?? [], null);
                    break;
                case LabelStatement label:
                    CollectLabel(label, function);
                    break;
                case ExternStatement outside:
                    _declaredExterns.UnionWith(outside.Names);
                    _externs.UnionWith(outside.Names);
                    break;
                case IfStatement choice:
                    Collect(choice.Then.Statements, function);
                    Collect(choice.Else?.Statements ?? [], function);
                    break;
                case WhileStatement loop:
                    Collect(loop.Body.Statements, function);
                    break;
                case RepeatStatement repeat:
                    Collect(repeat.Body.Statements, function);
                    break;
                default:
                    break;
            }
        }
    }

    private void CollectLabel(LabelStatement label, string? function)
    {
        if (function is null || label.Name.Dots != 0)
        {
            Define(label.Position, FullName(label.Name), 0);
        }
        else if (!_functionLabels[function].Add(label.Name.Text))
        {
            ReportDuplicate(label.Position, label.Name.Text);
        }
    }

    private void Define(SourcePosition position, string name, int size)
    {
        if (!_defined.TryAdd(name, size))
        {
            ReportDuplicate(position, name);
        }
    }

    private void ReportDuplicate(SourcePosition position, string name) =>
        _diagnostics.Report(position, ErrorCode.DuplicateName, $"expected a new name, found '{name}', which is defined already");
}
