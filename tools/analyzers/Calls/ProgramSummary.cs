using System.Collections.Concurrent;
using System.Collections.Generic;

namespace CosmosKernel.Analyzers.Calls;

/// <summary>
/// What is known of methods of other assemblies beyond their attributes. The compiler sees one assembly at a time and has none of it; <c>tools/locks</c>
/// looks at all assemblies, lowest first, and hands the knowledge on. Any thread.
/// </summary>
public sealed class ProgramSummary
{
    /// <summary>By the documentation name of the method.</summary>
    public ConcurrentDictionary<string, MethodSummary> Methods { get; } = new();

    /// <summary>By the documentation name of the lock's field.</summary>
    public ConcurrentDictionary<string, Locks.LockClass> LockClasses { get; } = new();

    /// <summary>Who calls whom, and what is off there.</summary>
    public ConcurrentBag<Edge> Calls { get; } = [];

    /// <summary>Who takes which lock, and what is off there.</summary>
    public ConcurrentBag<Edge> Takes { get; } = [];

    /// <summary>Methods that declare where they run: true in interrupt context, false with preemption off.</summary>
    public ConcurrentDictionary<string, bool> Declared { get; } = new();
}

/// <summary>A method does something: calls a method, or takes a lock.</summary>
/// <param name="from">The method.</param>
/// <param name="to">The method or the lock's field.</param>
/// <param name="interrupt">Interrupts are off there.</param>
/// <param name="atomic">Preemption is off there.</param>
public sealed class Edge(string from, string to, bool interrupt, bool atomic)
{
    /// <summary>The method.</summary>
    public string From { get; } = from;

    /// <summary>The method or the lock's field.</summary>
    public string To { get; } = to;

    /// <summary>Interrupts are off there.</summary>
    public bool Interrupt { get; } = interrupt;

    /// <summary>Preemption is off there.</summary>
    public bool Atomic { get; } = atomic;
}

/// <summary>What a method does, all that it calls included.</summary>
/// <param name="sleeps">How it may sleep: the calls on the way; null: it does not.</param>
/// <param name="allocates">How it allocates; null: it does not.</param>
/// <param name="takes">Locks that it takes, by the documentation name of their fields, and how.</param>
public sealed class MethodSummary(string? sleeps, string? allocates, IReadOnlyDictionary<string, TakenLock> takes)
{
    /// <summary>How it may sleep: the calls on the way; null: it does not.</summary>
    public string? Sleeps { get; } = sleeps;

    /// <summary>How it allocates; null: it does not.</summary>
    public string? Allocates { get; } = allocates;

    /// <summary>Locks that it takes.</summary>
    public IReadOnlyDictionary<string, TakenLock> Takes { get; } = takes;
}

/// <summary>A lock that a method takes, itself or further down.</summary>
/// <param name="id">Documentation name of its field.</param>
/// <param name="name">Readable name of its field.</param>
/// <param name="kind">What it turns off.</param>
/// <param name="chain">The calls on the way to it.</param>
public sealed class TakenLock(string id, string name, Flow.LockKind kind, string chain)
{
    /// <summary>Documentation name of its field.</summary>
    public string Id { get; } = id;

    /// <summary>Readable name of its field.</summary>
    public string Name { get; } = name;

    /// <summary>What it turns off.</summary>
    public Flow.LockKind Kind { get; } = kind;

    /// <summary>The calls on the way to it.</summary>
    public string Chain { get; } = chain;
}
