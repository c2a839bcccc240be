using XSharp.Text;

namespace XSharp.Syntax;

/// <summary>Something that a statement works on.</summary>
/// <param name="Position">Where it starts.</param>
public abstract record Operand(SourcePosition Position);

/// <summary>A register.</summary>
public sealed record RegisterOperand(SourcePosition Position, Register Register) : Operand(Position);

/// <summary>A value known at build time.</summary>
public sealed record ImmediateOperand(SourcePosition Position, Expression Value) : Operand(Position);

/// <summary>Memory at base + index * scale + displacement.</summary>
/// <param name="Position">Where it starts.</param>
/// <param name="Size">Bytes, or 0 when it was not written.</param>
/// <param name="Segment">Segment override, or null.</param>
/// <param name="Base">Base register, or null.</param>
/// <param name="Index">Index register, or null.</param>
/// <param name="Scale">1, 2, 4 or 8 (any expression of that value).</param>
/// <param name="Displacement">What is added, or null.</param>
/// <param name="Variable">The variable's name when it was written <c>.Name</c>, or null; its declaration gives the size.</param>
public sealed record MemoryOperand(
    SourcePosition Position,
    int Size,
    Register? Segment,
    Register? Base,
    Register? Index,
    Expression? Scale,
    Expression? Displacement,
    SymbolName? Variable) : Operand(Position);

/// <summary>The address of a memory operand: <c>@[RBX + 8]</c>.</summary>
public sealed record EffectiveAddressOperand(SourcePosition Position, MemoryOperand Memory) : Operand(Position);

/// <summary>An I/O port: <c>Port[DX]</c> or <c>Port[$60]</c>.</summary>
/// <param name="Position">Where it starts.</param>
/// <param name="Number">The number, or null for the port in DX.</param>
public sealed record PortOperand(SourcePosition Position, Expression? Number) : Operand(Position);

/// <summary>A name in the place of a target or of an instruction's operand.</summary>
public sealed record TargetOperand(SourcePosition Position, SymbolName Name) : Operand(Position);
