using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Modules;

/// <summary>
/// Lets calls into something through until it is closed, and closing waits for those that are inside: what is called may be taken apart afterwards. Entering and leaving: any context but NMI, one atomic
/// operation each.
/// </summary>
public sealed class CallGate
{
    private const int Closed = int.MinValue;

    private readonly Completion _empty = new("call gate");

    // Calls inside; with Closed added, nobody comes in.
    [Atomic]
    private int _state;

    /// <summary>Nobody comes in any more. Outdated at once when false.</summary>
    public bool IsClosed => Volatile.Read(ref _state) < 0;

    /// <summary>Comes in. False when it is closed; otherwise <see cref="Exit"/> has to follow.</summary>
    [NoAllocation]
    public bool TryEnter()
    {
        int state = Volatile.Read(ref _state);
        while (state >= 0)
        {
            int seen = Interlocked.CompareExchange(ref _state, state + 1, state);
            if (seen == state)
            {
                return true;
            }

            state = seen;
        }

        return false;
    }

    /// <summary>Leaves.</summary>
    [NoAllocation]
    public void Exit()
    {
        if (Interlocked.Decrement(ref _state) == Closed)
        {
            _empty.CompleteAll();
        }
    }

    /// <summary>Closes it, and waits until nobody is inside. Task context; not from inside. May be called several times, by several tasks.</summary>
    [MightSleep]
    public void Close()
    {
        if (Interlocked.Or(ref _state, Closed) is 0 or Closed)
        {
            _empty.CompleteAll();
        }

        _empty.Wait();
    }
}
