using System;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Modules.Consoles;

/// <summary>
/// Bytes that were typed, UTF-8 with ANSI sequences for special keys, on the way to whoever reads. Drivers add from interrupt context; a full buffer drops what comes
/// next and counts it.
/// </summary>
public sealed class ConsoleInput
{
    private const int Capacity = 4096;

    private readonly WaitQueue _readers = new("console input");

    [GuardedBy(nameof(_lock))]
    private readonly byte[] _buffer = new byte[Capacity];

    private IrqSpinLock _lock = new(LockClass.ConsoleInput);

    [GuardedBy(nameof(_lock))]
    private int _start;

    [GuardedBy(nameof(_lock))]
    private int _count;

    // Bytes that were ever taken: where the first byte of the buffer is in the stream of all.
    [GuardedBy(nameof(_lock))]
    private long _taken;

    /// <summary>Bytes that found the buffer full.</summary>
    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    public long Dropped { get; private set; }

    /// <summary>Whether there is something to read.</summary>
    public bool HasData
    {
        get
        {
            using (_lock.Enter())
            {
                return _count > 0;
            }
        }
    }

    /// <summary>Adds a typed byte. Any context but NMI; allocates nothing.</summary>
    public void Add(byte value)
    {
        using (_lock.Enter())
        {
            if (_count == Capacity)
            {
                Dropped++;
                return;
            }

            _buffer[(_start + _count) % Capacity] = value;
            _count++;
        }

        _readers.WakeOne();
    }

    /// <summary>Adds typed bytes that belong together, all or (when the buffer has no room) none. Any context but NMI; allocates nothing.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <returns>Where in the stream of all bytes that were ever added they begin; -1 when there was no room.</returns>
    public long Add(ReadOnlySpan<byte> bytes)
    {
        long position;
        using (_lock.Enter())
        {
            if (bytes.Length > Capacity - _count)
            {
                Dropped += bytes.Length;
                return -1;
            }

            position = _taken + _count;

            foreach (byte value in bytes)
            {
                _buffer[(_start + _count) % Capacity] = value;
                _count++;
            }
        }

        _readers.WakeOne();
        return position;
    }

    /// <summary>Where in the stream of all bytes that were ever added the next one is that a reader gets. Any context but NMI.</summary>
    public long Position
    {
        get
        {
            using (_lock.Enter())
            {
                return _taken;
            }
        }
    }

    /// <summary>Takes bytes away if they are the next ones. Any context but NMI.</summary>
    /// <param name="position">Where they begin: what <see cref="Add(ReadOnlySpan{byte})"/> gave.</param>
    /// <param name="count">How many.</param>
    /// <returns>False when somebody has taken one of them, or others come first; nothing is taken then.</returns>
    public bool TryTake(long position, int count)
    {
        using (_lock.Enter())
        {
            if (position != _taken || count > _count)
            {
                return false;
            }

            _start = (_start + count) % Capacity;
            _count -= count;
            _taken += count;
            return true;
        }
    }

    /// <summary>Waits until there is something to read, without taking it. Task context.</summary>
    /// <param name="deadline">Monotonic time in nanoseconds at which to give up.</param>
    /// <returns>Whether there is.</returns>
    [MightSleep]
    public bool WaitForData(ulong deadline)
    {
        using WaitQueue.Wait wait = _readers.Begin(deadline);
        while (true)
        {
            wait.Prepare();
            if (HasData)
            {
                return true;
            }

            if (wait.Sleep() != WaitResult.Woken)
            {
                return HasData;
            }
        }
    }

    /// <summary>Takes a byte if there is one. Any context but NMI.</summary>
    public bool TryRead(out byte value)
    {
        using (_lock.Enter())
        {
            if (_count == 0)
            {
                value = 0;
                return false;
            }

            value = _buffer[_start];
            _start = (_start + 1) % Capacity;
            _count--;
            _taken++;
            return true;
        }
    }

    /// <summary>Takes a byte, waiting for it. Task context.</summary>
    /// <param name="value">The byte.</param>
    /// <param name="deadline">Monotonic time in nanoseconds at which to give up; <see cref="Scheduler.Never"/> waits as long as it takes.</param>
    /// <returns>False when the time was over or the task was interrupted.</returns>
    [MightSleep]
    public bool Read(out byte value, ulong deadline = Scheduler.Never)
    {
        using WaitQueue.Wait wait = _readers.Begin(deadline);
        while (true)
        {
            wait.Prepare();
            if (TryRead(out value))
            {
                return true;
            }

            if (wait.Sleep() != WaitResult.Woken)
            {
                return TryRead(out value);
            }
        }
    }
}
