using System;

namespace CosmosKernel.Machine.Locking;

/// <summary>Names the lock that must be held to read or write this field: a field of the same type, given with <c>nameof</c>.</summary>
/// <param name="lockName">The lock's field.</param>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property)]
public sealed class GuardedByAttribute(string lockName) : Attribute
{
    /// <summary>The lock's field.</summary>
    public string LockName { get; } = lockName;
}
