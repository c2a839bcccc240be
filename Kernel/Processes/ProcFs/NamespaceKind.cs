using System;
using System.Globalization;
using System.Text;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.ProcFs;

/// <summary>An entry of /proc/PID/ns (namespaces(7)).</summary>
/// <param name="name">Its name there.</param>
/// <param name="type">The kind's name.</param>
/// <param name="flag">CLONE_NEW* of the kind.</param>
/// <param name="number">Its inode number.</param>
internal sealed class NamespaceKind(string name, string type, uint flag, ulong number)
{
    [Immutable]
    private readonly byte[] _name = Encoding.ASCII.GetBytes(name);

    [Immutable]
    private readonly byte[] _text = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{type}:[{number}]"));

    /// <summary>The user namespace.</summary>
    public static NamespaceKind User { get; } = new("user", "user", 0x1000_0000, 4_026_531_837);

    /// <summary>The name.</summary>
    public ReadOnlySpan<byte> Name => _name;

    /// <summary>What its link says.</summary>
    public ReadOnlySpan<byte> Text => _text;

    /// <summary>CLONE_NEW*.</summary>
    public uint Type { get; } = flag;

    /// <summary>Inode number.</summary>
    public ulong Number { get; } = number;

    /// <summary>It is the user namespace.</summary>
    public bool IsUser => ReferenceEquals(this, User);

    /// <summary>Namespaces of the kind have parents.</summary>
    public bool HasParents => IsUser || Type == 0x2000_0000;
}
