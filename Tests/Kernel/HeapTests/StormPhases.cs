using System.Threading;
using CosmosKernel.Machine.Locking;
using Semaphore = CosmosKernel.Tasks.Waiting.Semaphore;

namespace CosmosKernel.Tests.Heap;

/// <summary>
/// Cuts a storm into phases of equal work: each task makes the same number of rounds and waits until all have. What happens between two phases is then a matter of work done, not of time: the
/// same on a busy host as on a quiet one.
/// </summary>
internal sealed class StormPhases
{
    /// <summary>Rounds of each task in a phase. Nineteen of twenty objects are others after it.</summary>
    public const int Rounds = 4;

    private readonly Semaphore _arrived = new("storm's tasks", 0);
    private readonly Semaphore _next = new("storm's next phase", 0);

    [Atomic]
    private long _objects;

    [Atomic]
    private long _bytes;

    /// <summary>What the tasks of the phase that is over hold.</summary>
    public (long Objects, long Bytes) Held => (Volatile.Read(ref _objects), Volatile.Read(ref _bytes));

    /// <summary>A task's phase is over: waits for the next. By the storm's tasks.</summary>
    [MightSleep]
    public void Arrive(Storm storm)
    {
        (long objects, long bytes) = storm.Held;
        Interlocked.Add(ref _objects, objects);
        Interlocked.Add(ref _bytes, bytes);
        _arrived.Release();
        _next.Wait();
    }

    /// <summary>A task has left the storm.</summary>
    public void Leave() => _arrived.Release();

    /// <summary>Waits for one more task. By the measuring task.</summary>
    /// <param name="deadline">Nanoseconds on the monotonic clock.</param>
    /// <returns>False when none has come by then.</returns>
    [MightSleep]
    public bool WaitForOne(ulong deadline) => _arrived.Wait(deadline) == Tasks.Waiting.WaitResult.Woken;

    /// <summary>Begins the next phase of so many tasks.</summary>
    public void Begin(int tasks)
    {
        Volatile.Write(ref _objects, 0);
        Volatile.Write(ref _bytes, 0);
        for (int i = 0; i < tasks; i++)
        {
            _next.Release();
        }
    }
}
