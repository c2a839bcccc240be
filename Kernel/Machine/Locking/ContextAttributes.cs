using System;

namespace CosmosKernel.Machine.Locking;

/// <summary>The method runs in hard-interrupt context or with interrupts off: it must not allocate, throw, sleep, or take a lock that leaves interrupts on.</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Constructor)]
public sealed class InterruptContextAttribute : Attribute;

/// <summary>The method allocates nothing on the managed heap, in itself and in all that it calls.</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Constructor)]
public sealed class NoAllocationAttribute : Attribute;

/// <summary>The method may put the running task to sleep: it must not be called in atomic or interrupt context.</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Constructor)]
public sealed class MightSleepAttribute : Attribute;

/// <summary>The caller holds this lock: a field of the same type, or of the argument that it belongs to, given with <c>nameof</c>.</summary>
/// <param name="lockName">The lock's field.</param>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Constructor, AllowMultiple = true)]
public sealed class RequiresLockAttribute(string lockName) : Attribute
{
    /// <summary>The lock's field.</summary>
    public string LockName { get; } = lockName;
}
