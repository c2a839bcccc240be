using System;
using XSharp.Text;

namespace XSharp.Syntax;

/// <summary>A value that is known when the program is assembled or linked.</summary>
/// <param name="Position">Where it starts.</param>
public abstract record Expression(SourcePosition Position);

/// <summary>An integer.</summary>
public sealed record NumberExpression(SourcePosition Position, Int128 Value) : Expression(Position);

/// <summary>A constant: <c>#Name</c>.</summary>
public sealed record ConstantExpression(SourcePosition Position, string Name, string Namespace) : Expression(Position);

/// <summary>The address of a name: <c>@Name</c>.</summary>
public sealed record AddressExpression(SourcePosition Position, SymbolName Name) : Expression(Position);

/// <summary>The address of the statement itself: <c>@here</c>.</summary>
public sealed record HereExpression(SourcePosition Position) : Expression(Position);

/// <summary><c>-x</c> or <c>~x</c>.</summary>
public sealed record UnaryExpression(SourcePosition Position, char Operator, Expression Operand) : Expression(Position);

/// <summary>Two values and an operator: <c>+ - * / % &amp; | ^ &lt;&lt; &gt;&gt;</c>.</summary>
public sealed record BinaryExpression(SourcePosition Position, string Operator, Expression Left, Expression Right) : Expression(Position);

/// <summary>A name as the program writes it.</summary>
/// <param name="Text">The name without its dots.</param>
/// <param name="Dots">0: look in the function first; 1: skip its labels; 2: exactly this name, no namespace.</param>
/// <param name="Namespace">The namespace in force, or an empty string.</param>
public sealed record SymbolName(string Text, int Dots, string Namespace);
