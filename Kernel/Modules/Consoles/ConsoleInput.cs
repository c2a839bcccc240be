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
    private readonly byte[] _buffer = new byte[Capacity];
    private IrqSpinLock _lock;

    [GuardedBy(nameof(_lock))]
    private int _start;

    [GuardedBy(nameof(_lock))]
    private int _count;

    /// <summary>Bytes that found the buffer full.</summary>
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
    public void Add(ReadOnlySpan<byte> bytes)
    {
        using (_lock.Enter())
        {
            if (bytes.Length > Capacity - _count)
            {
                Dropped += bytes.Length;
                return;
            }

            foreach (byte value in bytes)
            {
                _buffer[(_start + _count) % Capacity] = value;
                _count++;
            }
        }

        _readers.WakeOne();
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
            return true;
        }
    }

    /// <summary>Takes a byte, waiting for it. Task context.</summary>
    /// <param name="value">The byte.</param>
    /// <param name="deadline">Monotonic time in nanoseconds at which to give up; <see cref="Scheduler.Never"/> waits as long as it takes.</param>
    /// <returns>False when the time was over or the task was interrupted.</returns>
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
