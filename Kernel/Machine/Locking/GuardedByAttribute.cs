using System;

namespace CosmosKernel.Machine.Locking;

/// <summary>
/// Discipline <b>guarded</b>: the lock that must be held to read or write this field or property. On a type: the default for each mutable field
/// that declares nothing itself. Several of them on one field: all are held to write, one is enough to read.
/// Checked at build time (docs/analyzers/CKL003.md).
/// </summary>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property | AttributeTargets.Class | AttributeTargets.Struct, AllowMultiple = true)]
public sealed class GuardedByAttribute : Attribute
{
    /// <summary>A lock of the same object, or a static one of the same type.</summary>
    /// <param name="lockName">The lock's field, with <c>nameof</c>; or a path from the object to it, as <c>"_queue.Lock"</c>.</param>
    public GuardedByAttribute(string lockName)
    {
        LockName = lockName;
    }

    /// <summary>A lock of another type: the static one, or that of whichever instance this object belongs to at the moment. Which one that is, is not checked.</summary>
    /// <param name="owner">The type that has the lock.</param>
    /// <param name="lockName">The lock's field there, with <c>nameof</c>.</param>
    public GuardedByAttribute(Type owner, string lockName)
    {
        Owner = owner;
        LockName = lockName;
    }

    /// <summary>The lock's field.</summary>
    public string LockName { get; }

    /// <summary>The type that has the lock, if it is not the type of the field.</summary>
    public Type? Owner { get; }

    /// <summary>
    /// Only writers need the lock; who reads without it gets a value that may be outdated at once. Such a read of a field is
    /// a <c>Volatile.Read</c> or <c>Interlocked</c> (or the field is volatile); a property is read as it is. The type must be one that the processor loads whole.
    /// </summary>
    public bool LockFreeReads { get; set; }
}
