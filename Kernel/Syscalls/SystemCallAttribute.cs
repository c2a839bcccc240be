using System;

namespace CosmosKernel.Syscalls;

/// <summary>The class is a system call: from these the table gets its numbers and <c>docs/syscalls.md</c> is made.</summary>
/// <param name="number">Its number on x86-64.</param>
/// <param name="name">Its name, as in man page section 2.</param>
/// <param name="support">How much of it works.</param>
/// <param name="missing">With <see cref="Support.Some"/>: what does not work, for readers of the table.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class SystemCallAttribute(int number, string name, Support support, string missing = "") : Attribute
{
    /// <summary>Its number on x86-64.</summary>
    public int Number { get; } = number;

    /// <summary>Its name, as in man page section 2.</summary>
    public string Name { get; } = name;

    /// <summary>How much of it works.</summary>
    public Support Support { get; } = support;

    /// <summary>What does not work; empty when all does.</summary>
    public string Missing { get; } = missing;
}
