using System;

namespace CosmosKernel.Modules.Tracing;

/// <summary>How a field of a tracepoint is shown.</summary>
public enum TraceFieldKind : byte
{
    /// <summary>A signed number in decimal.</summary>
    Signed,

    /// <summary>A number that is not negative, in decimal.</summary>
    Unsigned,

    /// <summary>A number in hexadecimal, with 0x.</summary>
    Hexadecimal,

    /// <summary>Text, of which <see cref="Tracepoint.LongestText"/> bytes are kept. A tracepoint has at most one such field.</summary>
    Text,
}

/// <summary>A field of a tracepoint.</summary>
public sealed class TraceField
{
    /// <summary>Describes a field.</summary>
    /// <param name="name">A C identifier.</param>
    /// <param name="kind">How it is shown.</param>
    /// <exception cref="ArgumentException">The name is none.</exception>
    public TraceField(string name, TraceFieldKind kind = TraceFieldKind.Signed)
    {
        Tracepoints.CheckName(name);

        // A copy: the text of a module that was loaded goes with it, and records stay.
        Name = new string(name.AsSpan());
        Kind = kind;
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>How it is shown.</summary>
    public TraceFieldKind Kind { get; }
}
