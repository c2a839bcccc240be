using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Drivers.Mousedev;

/// <summary>Everybody who has /dev/input/mice open. All mice are one: a button is down while it is down at any of them.</summary>
internal sealed class MiceReaders
{
    private const int Buttons = 5;

    private IrqSpinLock _lock = new(LockClasses.Register("mice.readers"));

    // Replaced as a whole.
    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    private MiceReader[] _readers = [];

    // How many mice hold each button down.
    [GuardedBy(nameof(_lock))]
    private readonly int[] _holders = new int[Buttons];

    [GuardedBy(nameof(_lock))]
    private byte _buttons;

    /// <summary>Adds a reader. Task context.</summary>
    public void Add(MiceReader reader)
    {
        Replace(before => [.. before, reader]);
        using (_lock.Enter())
        {
            reader.Stream.Add(0, 0, 0, _buttons);
        }
    }

    /// <summary>Takes a reader away. Task context.</summary>
    public void Remove(MiceReader reader) => Replace(before => Array.FindAll(before, other => other != reader));

    /// <summary>Takes what a reader can have. Any context but NMI.</summary>
    public int Read(MiceReader reader, Span<byte> bytes)
    {
        using (_lock.Enter())
        {
            return reader.Stream.Read(bytes);
        }
    }

    /// <summary>Whether a reader can have something. Any context but NMI.</summary>
    public bool HasData(MiceReader reader)
    {
        using (_lock.Enter())
        {
            return reader.Stream.HasData;
        }
    }

    /// <summary>Takes a byte that a reader wrote; there is an answer afterwards. Any context but NMI.</summary>
    public void Write(MiceReader reader, byte value)
    {
        using (_lock.Enter())
        {
            reader.Stream.Write(value);
        }

        reader.Queue.Wake(PollEvents.Readable);
    }

    /// <summary>A mouse moved.</summary>
    /// <param name="x">To the right.</param>
    /// <param name="y">Up.</param>
    /// <param name="wheel">Away from the user.</param>
    /// <param name="released">Buttons that went up.</param>
    /// <param name="pressed">Buttons that went down.</param>
    [InterruptContext]
    public void Move(int x, int y, int wheel, byte released, byte pressed)
    {
        MiceReader[] woken;
        using (_lock.Enter())
        {
            _buttons = 0;
            for (int i = 0; i < Buttons; i++)
            {
                _holders[i] += ((pressed >> i) & 1) - ((released >> i) & 1);
                _buttons |= (byte)(_holders[i] > 0 ? 1 << i : 0);
            }

            woken = _readers;
            for (int i = 0; i < woken.Length; i++)
            {
                woken[i].Stream.Add(x, y, wheel, _buttons);
            }
        }

        // Not with the lock: it sends signals.
        for (int i = 0; i < woken.Length; i++)
        {
            woken[i].Queue.Wake(PollEvents.Readable);
        }
    }

    private void Replace(Func<MiceReader[], MiceReader[]> change)
    {
        while (true)
        {
            MiceReader[] before = Volatile.Read(ref _readers);
            MiceReader[] after = change(before);
            using (_lock.Enter())
            {
                if (_readers == before)
                {
                    Volatile.Write(ref _readers, after);
                    return;
                }
            }
        }
    }
}
