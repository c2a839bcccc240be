using System;
using CosmosKernel.Abi.Security;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.Seccomp;

/// <summary>One filter of system calls and those that were installed before it, which all apply. Threads and processes share what they have in common: a tree whose leaves the threads name.</summary>
[Immutable]
public sealed class SeccompFilter
{
    /// <summary>Most instructions of all filters that one thread has, with <see cref="Overhead"/> for each of them.</summary>
    public const int MostInstructions = 32768;

    /// <summary>What each filter counts for beside its instructions.</summary>
    public const int Overhead = 4;

    /// <summary>Adds a filter.</summary>
    /// <param name="program">The program.</param>
    /// <param name="previous">The one before; null for none.</param>
    /// <param name="logs">What it does not allow is logged.</param>
    /// <param name="listener">Who decides when it answers so; null for nobody.</param>
    public SeccompFilter(BpfProgram program, SeccompFilter? previous, bool logs, SeccompListener? listener)
    {
        Program = program;
        Previous = previous;
        Logs = logs;
        Listener = listener;
        Count = 1 + (previous?.Count ?? 0);
        Instructions = program.Length + (previous is null ? 0 : previous.Instructions + Overhead);
    }

    /// <summary>The program.</summary>
    public BpfProgram Program { get; }

    /// <summary>The filter that was installed before; null for none.</summary>
    public SeccompFilter? Previous { get; }

    /// <summary>What it does not allow is logged.</summary>
    public bool Logs { get; }

    /// <summary>Who decides when it answers so; null for nobody.</summary>
    public SeccompListener? Listener { get; }

    /// <summary>Number of filters, this one included.</summary>
    public int Count { get; }

    /// <summary>Instructions of all of them, as the limit counts them.</summary>
    public int Instructions { get; }

    /// <summary>Some filter of these has a listener.</summary>
    public bool HasListener
    {
        get
        {
            for (SeccompFilter? filter = this; filter is not null; filter = filter.Previous)
            {
                if (filter.Listener is not null)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>One more thread has these filters. Any context.</summary>
    [NoAllocation]
    internal void AddThread()
    {
        for (SeccompFilter? filter = this; filter is not null; filter = filter.Previous)
        {
            filter.Listener?.AddThread();
        }
    }

    /// <summary>One less. Any context but NMI.</summary>
    [NoAllocation]
    internal void RemoveThread()
    {
        for (SeccompFilter? filter = this; filter is not null; filter = filter.Previous)
        {
            filter.Listener?.RemoveThread();
        }
    }

    /// <summary>Asks all filters, the last one first.</summary>
    /// <param name="data">The call: 16 words, <c>struct seccomp_data</c>.</param>
    /// <param name="decisive">The filter whose answer it is: of equal answers that of the filter that was installed last.</param>
    /// <returns>The answer that forbids most.</returns>
    public uint Ask(ReadOnlySpan<uint> data, out SeccompFilter decisive)
    {
        decisive = this;
        uint answer = (uint)SeccompAction.Allow;
        for (SeccompFilter? filter = this; filter is not null; filter = filter.Previous)
        {
            uint given = filter.Program.Run(data);
            if ((int)(given & SeccompConstants.ActionMask) < (int)(answer & SeccompConstants.ActionMask))
            {
                answer = given;
                decisive = filter;
            }
        }

        return answer;
    }

    /// <summary>Whether it is the other one or comes behind it; nothing is behind everything.</summary>
    public static bool IsAncestor(SeccompFilter? ancestor, SeccompFilter? of)
    {
        if (ancestor is null)
        {
            return true;
        }

        for (SeccompFilter? filter = of; filter is not null; filter = filter.Previous)
        {
            if (ReferenceEquals(filter, ancestor))
            {
                return true;
            }
        }

        return false;
    }
}
