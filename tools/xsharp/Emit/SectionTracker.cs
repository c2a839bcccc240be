using System;
using System.Collections.Generic;
using System.Text;
using XSharp.Syntax;
using XSharp.Text;

namespace XSharp.Emit;

/// <summary>
/// Knows which section the output is in. Until the program names a section, functions go to <c>.text</c>, variables
/// with a value to <c>.data</c> and those without to <c>.bss</c>; behind a <c>section</c> statement everything goes there.
/// </summary>
public sealed class SectionTracker(Output output, Evaluator evaluator)
{
    private readonly Dictionary<string, SectionAttributes> _known = new(StringComparer.Ordinal)
    {
        [".text"] = new(true, false, true, true, false, null),
        [".data"] = new(false, true, true, true, false, null),
        [".rodata"] = new(false, false, true, true, false, null),
        [".bss"] = new(false, true, false, true, false, null),
    };

    private string? _current;
    private string? _chosen;
    private int _pendingAlignment;

    /// <summary>False in a section that takes no room in the file.</summary>
    public bool HasBits => _current is null || _known[_current].HasBits;

    /// <summary>Follows a <c>section</c> statement.</summary>
    public void Select(SectionStatement statement)
    {
        _chosen = statement.Name;
        if (statement.Name is null)
        {
            return;
        }

        if (statement.Attributes is not null && _known.TryGetValue(statement.Name, out SectionAttributes? known)
            && known with { Alignment = null } != statement.Attributes with { Alignment = null })
        {
            throw new StatementException(statement.Position, ErrorCode.DuplicateName, $"expected the attributes that section '{statement.Name}' has already, found others");
        }

        bool isNew = !_known.ContainsKey(statement.Name);
        SectionAttributes attributes = statement.Attributes ?? _known.GetValueOrDefault(statement.Name) ?? Guess(statement.Name);
        _known.TryAdd(statement.Name, attributes);
        _current = statement.Name;
        var text = new StringBuilder("section ").Append(statement.Name);
        if (isNew)
        {
            text.Append(attributes.IsNote ? " note" : attributes.HasBits ? " progbits" : " nobits")
                .Append(attributes.Allocated ? " alloc" : " noalloc")
                .Append(attributes.Executable ? " exec" : " noexec")
                .Append(attributes.Writable ? " write" : " nowrite");
        }

        if (attributes.Alignment is not null && statement.Attributes is not null)
        {
            int alignment = evaluator.Number(attributes.Alignment, 1, 1 << 30, "an alignment");
            RequirePowerOfTwo(alignment, attributes.Alignment.Position);
            text.Append(" align=").Append(alignment);
        }

        output.Line(text.ToString());
    }

    /// <summary>Goes where functions and statements belong.</summary>
    public void ForCode() => Go(".text", 1);

    /// <summary>Goes where variables belong, at a multiple of <paramref name="alignment"/>.</summary>
    public void ForData(bool isZero, int alignment) => Go(isZero ? ".bss" : ".data", _chosen is null ? alignment : 1);

    /// <summary>Aligns what comes next; outside functions it waits until it is known which section that is.</summary>
    public void Align(int boundary, SourcePosition position, bool inFunction)
    {
        RequirePowerOfTwo(boundary, position);
        if (inFunction || _chosen is not null)
        {
            Pad(boundary);
        }
        else
        {
            _pendingAlignment = Math.Max(_pendingAlignment, boundary);
        }
    }

    private void Go(string section, int alignment)
    {
        string target = _chosen ?? section;
        if (_current != target)
        {
            output.Line($"section {target}");
            _current = target;
        }

        int boundary = Math.Max(alignment, _pendingAlignment);
        _pendingAlignment = 0;
        if (boundary > 1)
        {
            Pad(boundary);
        }
    }

    private void Pad(int boundary)
    {
        SectionAttributes? current = _current is null ? null : _known[_current];
        output.Line(current switch
        {
            { HasBits: false } => $"alignb {boundary}",
            { Executable: false } => $"align {boundary}, db 0",
            _ => $"align {boundary}",
        });
    }

    private static void RequirePowerOfTwo(int value, SourcePosition position)
    {
        if ((value & (value - 1)) != 0)
        {
            throw new StatementException(position, ErrorCode.ValueOutOfRange, $"expected a power of two, found {value}");
        }
    }

    private static SectionAttributes Guess(string name) => new(
        name.StartsWith(".text", StringComparison.Ordinal),
        name.StartsWith(".data", StringComparison.Ordinal) || name.StartsWith(".bss", StringComparison.Ordinal),
        !name.StartsWith(".bss", StringComparison.Ordinal),
        true,
        name.StartsWith(".note", StringComparison.Ordinal),
        null);
}
