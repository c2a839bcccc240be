using System;

namespace CosmosKernel.Machine.Locking;

/// <summary>
/// Discipline <b>immutable</b>: set before others can see it (in a constructor, an initializer or a
/// <see cref="BeforePublicationAttribute"/> method), and never after. Holds for the elements of an array, too. On a type: the default for its fields.
/// </summary>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property | AttributeTargets.Class | AttributeTargets.Struct)]
public sealed class ImmutableAttribute : Attribute;

/// <summary>
/// Discipline <b>per-CPU</b>: belongs to one CPU, and is touched only by code that runs there and cannot leave it: in interrupts,
/// with a spin lock held, with preemption or interrupts off. On a type: the default for its fields.
/// </summary>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property | AttributeTargets.Class | AttributeTargets.Struct)]
public sealed class PerCpuAttribute : Attribute
{
    /// <summary>Only writers must be on the CPU: a counter that others read for reports. A value that is read elsewhere may be outdated at once.</summary>
    public bool ReadAnywhere { get; set; }
}

/// <summary>
/// Discipline <b>atomic</b>: touched only through <c>Volatile</c> and <c>Interlocked</c>, or declared <c>volatile</c> and never read and written in one expression.
/// A property is loaded and stored whole; its type must be one that the processor loads whole. On a type: the default for its fields.
/// </summary>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property | AttributeTargets.Class | AttributeTargets.Struct)]
public sealed class AtomicAttribute : Attribute;

/// <summary>
/// Discipline <b>task-private</b>. On a field or property of a task (or of what belongs to one): touched only by that task itself, through <c>this</c> or the current task.
/// On a class: an object of it is used only by the task that made it, and is never stored where another task could find it.
/// </summary>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property | AttributeTargets.Class | AttributeTargets.Struct)]
public sealed class TaskPrivateAttribute : Attribute;

/// <summary>
/// Discipline <b>owned</b>, for classes that are part of something else (a tree, a ring, a list node): the object has no lock of its own, and is touched only
/// as the field that holds it allows. So each field of a shared type that holds one declares its discipline, even when it is readonly.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct)]
public sealed class OwnedAttribute : Attribute;

/// <summary>
/// Discipline <b>protocol</b>, for what none of the others describes: words shared with hardware or assembly code, memory that the collector reads while the world is stopped,
/// a step of a lock-free algorithm. The reason says how the protocol works, and is printed in docs/locks.md. On a type: the default for its fields.
/// </summary>
/// <param name="reason">Who writes and who reads, when, and what orders them.</param>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property | AttributeTargets.Class | AttributeTargets.Struct)]
public sealed class ProtocolAttribute(string reason) : Attribute
{
    /// <summary>Who writes and who reads, when, and what orders them.</summary>
    public string Reason { get; } = reason;
}
