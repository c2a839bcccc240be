using System;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks.Time;

namespace CosmosKernel.Tests.Time;

/// <summary>
/// A timer that keeps a book of its starts and runs, and notes what must not be: a run before the deadline, more runs than starts, a run when there may be none. Its handler may start
/// the timer again. The book is opened for an episode and closed after <see cref="KernelTimer.CancelAndWait"/>.
/// </summary>
internal sealed class CountingTimer : KernelTimer
{
    // Starts are counted before they happen and runs when they have begun: at any moment there are no more runs than starts.
    [Atomic]
    private long _starts;

    [Atomic]
    private long _runs;

    [Atomic]
    private int _running;

    // Starts that the handler still makes.
    [Atomic]
    private int _restarts;

    // No start of this episode has an earlier deadline.
    [Atomic]
    private ulong _earliest;

    [Atomic]
    private bool _isClosed = true;

    [Atomic]
    private string? _wrong;

    // The handler stays until this is false.
    [Atomic]
    private bool _isHeld;

    // Moves on with each run, so that the handler's choices differ.
    [Atomic]
    private long _choices;

    /// <summary>While true, a handler that runs does not end. Its CPU stands still meanwhile.</summary>
    public bool IsHeld
    {
        get => Volatile.Read(ref _isHeld);
        set => Volatile.Write(ref _isHeld, value);
    }

    /// <summary>Starts since the book was opened, those of the handler included.</summary>
    public long Starts => Volatile.Read(ref _starts);

    /// <summary>Runs since the book was opened.</summary>
    public long Runs => Volatile.Read(ref _runs);

    /// <summary>What was found wrong first, or null.</summary>
    public string? Wrong => Volatile.Read(ref _wrong);

    /// <summary>Begins an episode. The timer is neither pending nor running, and nobody else starts it.</summary>
    public void Open()
    {
        Volatile.Write(ref _starts, 0);
        Volatile.Write(ref _runs, 0);
        Volatile.Write(ref _restarts, 0);
        Volatile.Write(ref _earliest, ulong.MaxValue);
        Volatile.Write(ref _isClosed, false);
    }

    /// <summary>Starts it or starts it anew. The handler starts it again so many times, after random times.</summary>
    public void Begin(ulong deadline, ulong slack, int restarts)
    {
        Interlocked.Increment(ref _starts);
        LowerEarliest(deadline);
        Volatile.Write(ref _restarts, restarts);
        Start(deadline, slack);
    }

    /// <summary>Ends an episode: from now on no run is right. <see cref="KernelTimer.CancelAndWait"/> has returned and nobody else starts it.</summary>
    /// <param name="cancelled">Calls that took a start back.</param>
    /// <param name="replaced">Starts that may have taken the place of one that was pending.</param>
    public void Close(long cancelled, long replaced)
    {
        Volatile.Write(ref _isClosed, true);
        if (Volatile.Read(ref _running) != 0)
        {
            Note("a handler runs after CancelAndWait has returned");
        }

        if (IsPending)
        {
            Note("a timer is pending after CancelAndWait has returned");
        }

        if (Runs + cancelled > Starts)
        {
            Note("a timer ran and was cancelled more often than it was started");
        }

        if (Runs + cancelled < Starts - replaced)
        {
            Note("a start was lost: it neither ran nor was cancelled");
        }
    }

    /// <inheritdoc/>
    [InterruptContext]
    protected override void OnExpired(ulong now)
    {
        Interlocked.Increment(ref _running);
        if (Volatile.Read(ref _isClosed))
        {
            Note("a handler began after CancelAndWait had returned");
        }

        if (now < Volatile.Read(ref _earliest))
        {
            Note("a timer ran before its deadline");
        }

        if (Interlocked.Increment(ref _runs) > Starts)
        {
            Note("a timer ran more often than it was started");
        }

        uint choice = (uint)((ulong)Interlocked.Add(ref _choices, unchecked((long)0x9E3779B97F4A7C15)) >> 40);
        // Now and then long enough to be met by who cancels elsewhere.
        for (uint i = choice % 8 == 0 ? choice % 20_000 : choice % 500; i > 0 || IsHeld; i -= Math.Min(i, 1))
        {
        }

        if (Interlocked.Decrement(ref _restarts) >= 0)
        {
            Interlocked.Increment(ref _starts);

            // Now and then one that has passed.
            Start(now + (choice % 30_000), choice % 3 == 0 ? 20_000u : 0);
        }

        if (Volatile.Read(ref _isClosed))
        {
            Note("CancelAndWait returned while a handler ran");
        }

        Interlocked.Decrement(ref _running);
    }

    private void LowerEarliest(ulong deadline)
    {
        ulong earliest = Volatile.Read(ref _earliest);
        while (deadline < earliest)
        {
            ulong seen = Interlocked.CompareExchange(ref _earliest, deadline, earliest);
            if (seen == earliest)
            {
                return;
            }

            earliest = seen;
        }
    }

    private void Note(string what) => Interlocked.CompareExchange(ref _wrong, what, null);
}
