using System;

namespace CosmosKernel.Machine.Locking;

/// <summary>What is impossible while a lock of this type is held.</summary>
public enum LockKind
{
    /// <summary>Nothing: waiting for the lock sleeps. Task context only.</summary>
    Sleeping,

    /// <summary>Preemption: the holder stays on its CPU and must not sleep. Not in interrupt context.</summary>
    PreemptionOff,

    /// <summary>Interrupts, too. Any context but NMI.</summary>
    InterruptsOff,

    /// <summary>The lock turns nothing off itself, and must not be taken while the holder can be switched away.</summary>
    Bare,
}

/// <summary>
/// The type is a lock: its methods say with <see cref="AcquiresAttribute"/> and <see cref="ReleasesAttribute"/> what they do. On a static class: what its methods turn off and on
/// again is no lock, and nests.
/// </summary>
/// <param name="kind">What is impossible while it is held.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct)]
public sealed class LockTypeAttribute(LockKind kind) : Attribute
{
    /// <summary>What is impossible while it is held.</summary>
    public LockKind Kind { get; } = kind;
}

/// <summary>The caller holds this lock. On a type: for all methods and computed properties that it declares, and what overrides them.</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Property | AttributeTargets.Constructor | AttributeTargets.Class | AttributeTargets.Struct, AllowMultiple = true)]
public sealed class RequiresLockAttribute : Attribute
{
    /// <summary>A lock of this object, or of a parameter.</summary>
    /// <param name="lockName">The lock's field, with <c>nameof</c>; a parameter that is the lock itself; or a path from either to it, as <c>"queue.Lock"</c>.</param>
    public RequiresLockAttribute(string lockName)
    {
        LockName = lockName;
    }

    /// <summary>A static lock of another type, or that of an instance which the signature does not name.</summary>
    /// <param name="owner">The type that has the lock.</param>
    /// <param name="lockName">The lock's field there, with <c>nameof</c>.</param>
    public RequiresLockAttribute(Type owner, string lockName)
    {
        Owner = owner;
        LockName = lockName;
    }

    /// <summary>The lock's field.</summary>
    public string LockName { get; }

    /// <summary>The type that has the lock, if no object of the signature has it.</summary>
    public Type? Owner { get; }

    /// <summary>The lock may be shared with other readers: enough to read what it guards, not to write.</summary>
    public bool Shared { get; set; }
}

/// <summary>The method needs no lock, although its type says by <see cref="RequiresLockAttribute"/> that its methods do: what it reads may be read without.</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Property)]
public sealed class LockFreeAttribute : Attribute;

/// <summary>
/// The method returns holding a lock that it took. If it returns a <c>ref struct</c> with a <c>Dispose</c> method, that guard holds the lock,
/// and must be in a <c>using</c>.
/// </summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Property, AllowMultiple = true)]
public sealed class AcquiresAttribute : Attribute
{
    /// <summary>The lock is the object itself: for the methods of lock types.</summary>
    public AcquiresAttribute()
    {
    }

    /// <summary>A lock of this object, of a parameter, or of the result.</summary>
    /// <param name="lockName">The lock's field, with <c>nameof</c>, or a path as in <see cref="RequiresLockAttribute"/>; <c>"return.Lock"</c> begins at what the method returns.</param>
    public AcquiresAttribute(string lockName)
    {
        LockName = lockName;
    }

    /// <summary>A static lock of another type, or that of each instance of it.</summary>
    /// <param name="owner">The type that has the lock.</param>
    /// <param name="lockName">The lock's field there.</param>
    public AcquiresAttribute(Type owner, string lockName)
    {
        Owner = owner;
        LockName = lockName;
    }

    /// <summary>The lock's field; null: the object itself.</summary>
    public string? LockName { get; }

    /// <summary>The type that has the lock, if no object of the signature has it.</summary>
    public Type? Owner { get; }

    /// <summary>The lock may be shared with other readers: enough to read what it guards, not to write.</summary>
    public bool Shared { get; set; }

    /// <summary>It does not wait. The lock is held only if the method returned true, or the guard's <c>Taken</c> is true.</summary>
    public bool MayFail { get; set; }
}

/// <summary>The caller holds a lock, and the method returns without it.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class ReleasesAttribute : Attribute
{
    /// <summary>The lock is the object itself: for the methods of lock types.</summary>
    public ReleasesAttribute()
    {
    }

    /// <summary>A lock of this object, or of a parameter.</summary>
    /// <param name="lockName">The lock's field, with <c>nameof</c>, or a path as in <see cref="RequiresLockAttribute"/>.</param>
    public ReleasesAttribute(string lockName)
    {
        LockName = lockName;
    }

    /// <summary>What a static class turned off, such as preemption, is on again.</summary>
    /// <param name="scope">The static class with <see cref="LockTypeAttribute"/>.</param>
    public ReleasesAttribute(Type scope)
    {
        Scope = scope;
    }

    /// <summary>The static class whose scope ends; null: a lock is released.</summary>
    public Type? Scope { get; }

    /// <summary>A static lock of another type, or that of each instance of it.</summary>
    /// <param name="owner">The type that has the lock.</param>
    /// <param name="lockName">The lock's field there.</param>
    public ReleasesAttribute(Type owner, string lockName)
    {
        Owner = owner;
        LockName = lockName;
    }

    /// <summary>The lock's field; null: the object itself.</summary>
    public string? LockName { get; }

    /// <summary>The type that has the lock, if no object of the signature has it.</summary>
    public Type? Owner { get; }
}
