using XSharp.Text;

namespace XSharp.Syntax;

/// <summary>What an <c>if</c> or a <c>while</c> asks.</summary>
/// <param name="Position">Where it starts.</param>
/// <param name="Code">The assembler's condition code that makes it true: <c>b</c>, <c>nz</c>, ...</param>
public abstract record Condition(SourcePosition Position, string Code);

/// <summary>Flags that an earlier statement left.</summary>
public sealed record FlagCondition(SourcePosition Position, string Code) : Condition(Position, Code);

/// <summary>A comparison (<c>cmp</c>) or a bit test (<c>test</c>).</summary>
/// <param name="Position">Where it starts.</param>
/// <param name="Code">The condition code.</param>
/// <param name="Operator">As written: <c>&lt;</c>, <c>=</c>, <c>?&amp;</c>, ...</param>
/// <param name="Signed">Whether the comparison is signed.</param>
/// <param name="Left">Left side.</param>
/// <param name="Right">Right side.</param>
/// <param name="Size">Bytes from <c>as</c>, or 0.</param>
public sealed record CompareCondition(
    SourcePosition Position,
    string Code,
    string Operator,
    bool Signed,
    Operand Left,
    Operand Right,
    int Size) : Condition(Position, Code);

/// <summary>Condition codes and their opposites.</summary>
public static class ConditionCode
{
    /// <summary>The code of a comparison operator: unsigned as X# publishes it, or signed.</summary>
    public static string Of(string comparison, bool signed) => comparison switch
    {
        "=" or "==" => "e",
        "!=" => "ne",
        "<" => signed ? "l" : "b",
        "<=" => signed ? "le" : "be",
        ">" => signed ? "g" : "a",
        ">=" => signed ? "ge" : "ae",
        _ => throw new System.ArgumentOutOfRangeException(nameof(comparison), comparison, "not a comparison"),
    };

    /// <summary>The opposite code: <c>nz</c> for <c>z</c>, <c>ae</c> for <c>b</c>.</summary>
    public static string Invert(string code) => code.StartsWith('n') ? code[1..] : "n" + code;
}
