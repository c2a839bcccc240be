using System;

namespace CosmosKernel.Machine.Locking;

/// <summary>The method runs in hard-interrupt context or with interrupts off: it must not allocate, throw, sleep, or take a lock that leaves interrupts on.</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Property | AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Constructor)]
public sealed class InterruptContextAttribute : Attribute;

/// <summary>The caller has preemption off (or a spin lock held, or interrupts off): the method must not sleep, and stays on one CPU.</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Property | AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Constructor)]
public sealed class AtomicContextAttribute : Attribute;

/// <summary>The method allocates nothing on the managed heap, in itself and in all that it calls.</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Property | AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Constructor)]
public sealed class NoAllocationAttribute : Attribute;

/// <summary>The method may put the running task to sleep: it must not be called in atomic or interrupt context.</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Property | AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Constructor | AttributeTargets.Delegate)]
public sealed class MightSleepAttribute : Attribute;

/// <summary>
/// The method runs while nobody else can see what it changes: at boot on the only CPU, or on an object that its caller has just made and not yet
/// shown to anyone. It may set what is <see cref="ImmutableAttribute">immutable</see> and touch guarded data without the lock; only constructors and other such
/// methods may call it, or code that calls it on an object that it has made itself.
/// </summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Property | AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Constructor)]
public sealed class BeforePublicationAttribute : Attribute;
