using System.Collections.Generic;
using XSharp.Text;

namespace XSharp.Syntax;

/// <summary>One statement.</summary>
/// <param name="Position">Where it starts.</param>
public abstract record Statement(SourcePosition Position);

/// <summary>Statements between braces.</summary>
/// <param name="Statements">In source order.</param>
/// <param name="End">The closing brace.</param>
public sealed record Block(IReadOnlyList<Statement> Statements, SourcePosition End);

/// <summary><c>function Name { }</c> or <c>interrupt Name { }</c>.</summary>
/// <param name="Position">Where it starts.</param>
/// <param name="Name">Its name.</param>
/// <param name="IsInterrupt">Ends in the interrupt return of the mode.</param>
/// <param name="IsNaked">Nothing is added at its end.</param>
/// <param name="Body">Its statements.</param>
public sealed record FunctionStatement(SourcePosition Position, SymbolName Name, bool IsInterrupt, bool IsNaked, Block Body) : Statement(Position);

/// <summary><c>var</c>: one value, an array of zeros, text, or a block of data.</summary>
/// <param name="Position">Where it starts.</param>
/// <param name="Name">Its name.</param>
/// <param name="Size">Bytes of an element.</param>
/// <param name="Count">Number of elements, or null for one.</param>
/// <param name="Value">Initial value, or null for zero.</param>
/// <param name="Text">Initial text, stored with a zero byte behind it, or null.</param>
/// <param name="Data">Data statements, or null.</param>
public sealed record VariableStatement(
    SourcePosition Position,
    SymbolName Name,
    int Size,
    Expression? Count,
    Expression? Value,
    string? Text,
    Block? Data) : Statement(Position);

/// <summary><c>Name:</c>, or <c>export Name:</c>.</summary>
public sealed record LabelStatement(SourcePosition Position, SymbolName Name, bool IsExported) : Statement(Position);

/// <summary>A line of assembly that is passed on as it is.</summary>
public sealed record LiteralStatement(SourcePosition Position, string Text) : Statement(Position);

/// <summary><c>bits 16</c>, <c>bits 32</c>, <c>bits 64</c>.</summary>
public sealed record BitsStatement(SourcePosition Position, int Bits) : Statement(Position);

/// <summary><c>section "name" attributes</c>; without a name back to the default.</summary>
public sealed record SectionStatement(SourcePosition Position, string? Name, SectionAttributes? Attributes) : Statement(Position);

/// <summary>What the file says about a section; everything absent means what ELF tools assume for the name.</summary>
/// <param name="Executable">Holds code.</param>
/// <param name="Writable">May be written.</param>
/// <param name="HasBits">False for zero-filled memory that takes no room in the file.</param>
/// <param name="Allocated">False for sections that are not loaded.</param>
/// <param name="IsNote">An ELF note.</param>
/// <param name="Alignment">Bytes, or null.</param>
public sealed record SectionAttributes(bool Executable, bool Writable, bool HasBits, bool Allocated, bool IsNote, Expression? Alignment);

/// <summary><c>align N</c>.</summary>
public sealed record AlignStatement(SourcePosition Position, Expression Boundary) : Statement(Position);

/// <summary><c>extern Name, ...</c>.</summary>
public sealed record ExternStatement(SourcePosition Position, IReadOnlyList<string> Names) : Statement(Position);

/// <summary><c>qword 1, 2, @Name</c>.</summary>
public sealed record DataStatement(SourcePosition Position, int Size, IReadOnlyList<DataItem> Items) : Statement(Position);

/// <summary>One value or one text.</summary>
public sealed record DataItem(SourcePosition Position, Expression? Value, string? Text);

/// <summary><c>reserve byte[N]</c>.</summary>
public sealed record ReserveStatement(SourcePosition Position, int Size, Expression Count) : Statement(Position);

/// <summary>How the right side of an assignment is widened.</summary>
public enum Extension
{
    /// <summary>Both sides have one size.</summary>
    None,

    /// <summary>Upper bits become zero.</summary>
    Unsigned,

    /// <summary>Upper bits become copies of the sign.</summary>
    Signed,
}

/// <summary><c>destination = source</c>.</summary>
/// <param name="Position">Where it starts.</param>
/// <param name="Destination">What is written.</param>
/// <param name="Source">What is read.</param>
/// <param name="Size">Bytes from <c>as</c>, or 0.</param>
/// <param name="Extension">Widening.</param>
/// <param name="Operator"><c>~</c> or <c>-</c> before the source, <c>*</c> when <paramref name="Factor"/> is there, or 0.</param>
/// <param name="Factor">Third operand of a multiplication.</param>
/// <param name="When">Condition code of <c>if</c> behind it, or null.</param>
public sealed record AssignStatement(
    SourcePosition Position,
    Operand Destination,
    Operand Source,
    int Size,
    Extension Extension,
    char Operator,
    Expression? Factor,
    string? When) : Statement(Position);

/// <summary><c>AL = flag carry</c>.</summary>
public sealed record SetFlagStatement(SourcePosition Position, Operand Destination, string Code) : Statement(Position);

/// <summary><c>RAX + 5</c>, <c>RAX ?= RBX</c> and the like.</summary>
/// <param name="Position">Where it starts.</param>
/// <param name="Mnemonic">The instruction.</param>
/// <param name="Destination">Left side.</param>
/// <param name="Source">Right side.</param>
/// <param name="Size">Bytes from <c>as</c>, or 0.</param>
/// <param name="IsLocked"><c>lock</c> before it.</param>
public sealed record OperateStatement(
    SourcePosition Position,
    string Mnemonic,
    Operand Destination,
    Operand Source,
    int Size,
    bool IsLocked) : Statement(Position);

/// <summary><c>RAX++</c> and <c>RAX--</c>.</summary>
public sealed record StepStatement(SourcePosition Position, bool IsIncrement, Operand Operand, int Size, bool IsLocked) : Statement(Position);

/// <summary><c>+RAX, RBX</c> and <c>-RBX, RAX</c>.</summary>
public sealed record StackStatement(SourcePosition Position, bool IsPush, IReadOnlyList<Operand> Operands, int Size) : Statement(Position);

/// <summary><c>+All</c> and <c>-All</c>.</summary>
public sealed record StackAllStatement(SourcePosition Position, bool IsPush) : Statement(Position);

/// <summary><c>goto</c> and calls; <see cref="IsFar"/> loads CS too.</summary>
/// <param name="Position">Where it starts.</param>
/// <param name="IsCall">A call rather than a jump.</param>
/// <param name="Target">A name, a register or memory.</param>
/// <param name="IsFar">Far transfer.</param>
/// <param name="Selector">Selector of a direct far transfer, or null.</param>
/// <param name="Offset">Offset of a direct far transfer, or null.</param>
/// <param name="Size">Bytes of the far offset from <c>as</c>, or 0.</param>
public sealed record TransferStatement(
    SourcePosition Position,
    bool IsCall,
    Operand? Target,
    bool IsFar,
    Expression? Selector,
    Expression? Offset,
    int Size) : Statement(Position);

/// <summary><c>if</c> with a block and perhaps <c>else</c>.</summary>
public sealed record IfStatement(SourcePosition Position, Condition Condition, Block Then, Block? Else) : Statement(Position);

/// <summary><c>if</c> with <c>goto</c>, or with <c>return</c> when <see cref="Target"/> is null.</summary>
public sealed record IfGotoStatement(SourcePosition Position, Condition Condition, SymbolName? Target) : Statement(Position);

/// <summary><c>while condition { }</c>.</summary>
public sealed record WhileStatement(SourcePosition Position, Condition Condition, Block Body) : Statement(Position);

/// <summary><c>repeat N times { }</c>; the body is emitted N times.</summary>
public sealed record RepeatStatement(SourcePosition Position, Expression Count, string? Counter, Block Body) : Statement(Position);

/// <summary><c>return</c> and <c>exit</c>.</summary>
public sealed record ReturnStatement(SourcePosition Position) : Statement(Position);

/// <summary>An instruction by its name.</summary>
/// <param name="Position">Where it starts.</param>
/// <param name="Name">Its name in lower case.</param>
/// <param name="Prefix">A repeat prefix, or null.</param>
/// <param name="IsLocked"><c>lock</c> before it.</param>
/// <param name="Operands">Its operands.</param>
/// <param name="Size">Bytes from <c>as</c>, or 0.</param>
public sealed record InstructionStatement(
    SourcePosition Position,
    string Name,
    string? Prefix,
    bool IsLocked,
    IReadOnlyList<Operand> Operands,
    int Size) : Statement(Position);
