using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Modules.Testing;

/// <summary>One of the tasks of a <see cref="Torture"/>, as its operation sees it.</summary>
public sealed class Contender
{
    private readonly Torture _torture;

    [Protocol("The contender's own.")]
    private ulong _random;

    // Written by the contender, read by the watcher.
    [Atomic]
    private long _operations;

    // What the watcher saw when this contender last moved.
    [Protocol("The watcher's own.")]
    private long _seenOperations = -1;

    [Protocol("The watcher's own.")]
    private long _seenSum;

    [Protocol("The watcher's own.")]
    private ulong _seenTime;

    internal Contender(Torture torture, int index, int seed)
    {
        _torture = torture;
        Index = index;
        _random = (ulong)(uint)seed + 0x9E3779B97F4A7C15;
    }

    /// <summary>Its number, from 0.</summary>
    public int Index { get; }

    /// <summary>The torture ends: an operation that could wait long should not begin.</summary>
    public bool Stopped => _torture.Stopped;

    /// <summary>Operations so far.</summary>
    public long Operations => Volatile.Read(ref _operations);

    [Atomic]
    internal TaskStruct? Task { get; set; }

    /// <summary>Fails the torture unless something holds; the first failure counts.</summary>
    public void Require(bool condition, string what)
    {
        if (!condition)
        {
            _torture.Fail(what);
        }
    }

    /// <summary>The next of its random numbers (Vigna's xorshift64*), 0 to one below the bound. The contender itself.</summary>
    public int Next(int bound)
    {
        _random ^= _random >> 12;
        _random ^= _random << 25;
        _random ^= _random >> 27;
        return (int)(((_random * 0x2545F4914F6CDD1D) >> 33) % (uint)bound);
    }

    /// <summary>A deadline: none, at once, or in up to 200 microseconds.</summary>
    public ulong SomeDeadline() => Next(6) switch
    {
        < 3 => Scheduler.Never,
        3 => 0,
        _ => Clock.MonotonicNanoseconds + (ulong)Next(200_000),
    };

    /// <summary>A way to wait.</summary>
    public WaitMode SomeMode() => Next(3) switch
    {
        0 => WaitMode.Uninterruptible,
        1 => WaitMode.Killable,
        _ => WaitMode.Interruptible,
    };

    /// <summary>After a wait that was given up, with no lock held: uses an interrupt up that ended it, so that the next wait is one again. Ends the task if a kill ended the wait.</summary>
    [MightSleep]
    public void AfterWait(bool succeeded)
    {
        if (!succeeded)
        {
            KernelTask.Sleep(1000);
        }
    }

    internal void Count() => Volatile.Write(ref _operations, Operations + 1);

    internal bool HasStarved(long sum, long bound, ulong now, ulong time)
    {
        if (Operations != _seenOperations)
        {
            _seenOperations = Operations;
            _seenSum = sum;
            _seenTime = now;
            return false;
        }

        return sum - _seenSum > bound && now - _seenTime > time;
    }
}
