using System;
using System.Collections.Generic;

namespace XSharp.Syntax;

/// <summary>Families of registers; each has its own moves.</summary>
public enum RegisterClass
{
    /// <summary>General purpose, 8 to 64 bits.</summary>
    General,

    /// <summary>CS, DS, ES, FS, GS, SS.</summary>
    Segment,

    /// <summary>CR0, CR2, CR3, CR4, CR8.</summary>
    Control,

    /// <summary>DR0 to DR7.</summary>
    Debug,

    /// <summary>XMM0 to XMM15.</summary>
    Vector,
}

/// <summary>A register of the processor.</summary>
/// <param name="Name">Its name in lower case, as the assembler wants it.</param>
/// <param name="Class">Its family.</param>
/// <param name="Size">Bytes: 1, 2, 4, 8 or 16.</param>
public sealed record Register(string Name, RegisterClass Class, int Size)
{
    private static readonly Dictionary<string, Register> _all = Build();

    /// <summary>Names of the 64-bit registers in the order in which <c>+All</c> pushes them; RSP is not among them.</summary>
    public static IReadOnlyList<string> All64 { get; } =
        ["rax", "rcx", "rdx", "rbx", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"];

    /// <summary>Finds a register, whatever the case of its name.</summary>
    public static bool TryFind(string name, out Register register) => _all.TryGetValue(name, out register!);

    private static Dictionary<string, Register> Build()
    {
        var all = new Dictionary<string, Register>(StringComparer.OrdinalIgnoreCase);
        void Add(string name, RegisterClass kind, int size) => all.Add(name, new Register(name, kind, size));

        foreach (string letter in new[] { "a", "b", "c", "d" })
        {
            Add($"r{letter}x", RegisterClass.General, 8);
            Add($"e{letter}x", RegisterClass.General, 4);
            Add($"{letter}x", RegisterClass.General, 2);
            Add($"{letter}l", RegisterClass.General, 1);
            Add($"{letter}h", RegisterClass.General, 1);
        }

        foreach (string name in new[] { "si", "di", "bp", "sp" })
        {
            Add($"r{name}", RegisterClass.General, 8);
            Add($"e{name}", RegisterClass.General, 4);
            Add(name, RegisterClass.General, 2);
            Add($"{name}l", RegisterClass.General, 1);
        }

        for (int number = 8; number < 16; number++)
        {
            Add($"r{number}", RegisterClass.General, 8);
            Add($"r{number}d", RegisterClass.General, 4);
            Add($"r{number}w", RegisterClass.General, 2);
            Add($"r{number}b", RegisterClass.General, 1);
        }

        foreach (string name in new[] { "cs", "ds", "es", "fs", "gs", "ss" })
        {
            Add(name, RegisterClass.Segment, 2);
        }

        foreach (int number in new[] { 0, 2, 3, 4, 8 })
        {
            Add($"cr{number}", RegisterClass.Control, 8);
        }

        for (int number = 0; number < 8; number++)
        {
            Add($"dr{number}", RegisterClass.Debug, 8);
        }

        for (int number = 0; number < 16; number++)
        {
            Add($"xmm{number}", RegisterClass.Vector, 16);
        }

        return all;
    }
}
