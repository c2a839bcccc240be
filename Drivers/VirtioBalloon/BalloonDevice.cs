using System;
using System.Buffers.Binary;
using System.Threading;
using CosmosKernel.Drivers.Virtio;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Memory.Areas;
using CosmosKernel.Memory.Frames;
using CosmosKernel.Modules.Devices;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Waiting;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Drivers.VirtioBalloon;

/// <summary>One balloon: a task of its own follows the size that the host wants, piece by piece, and answers its questions for statistics.</summary>
public sealed class BalloonDevice : VirtioListener
{
    private const int InflateQueue = 0;
    private const int DeflateQueue = 1;
    private const int StatisticsQueue = 2;
    private const int StatisticsFeature = 1;
    private const int DeflateOnShortageFeature = 2;
    private const int WantedOffset = 0;
    private const int ActualOffset = 4;
    private const int PagesAtOnce = 256;
    private const int NumberBytes = 4;
    private const int StatisticBytes = 10;
    private const int Statistics = 3;
    private const ushort FreeTag = 4;
    private const ushort TotalTag = 5;
    private const ushort AvailableTag = 6;
    private const ulong Second = 1_000_000_000;
    private const ulong HostPatience = 10 * Second;

    private static readonly LockClass s_lockClass = LockClasses.Register("virtio_balloon.queues");

    private readonly VirtioDevice _device;
    private readonly DmaBuffer _numbers;
    private readonly DmaBuffer _statistics;
    private readonly Completion _work = new("virtio balloon");
    private readonly Completion _answered = new("virtio balloon host");

    // Who changes the balloon's size, and waits for the host's answer meanwhile.
    private readonly Mutex _changing = new("virtio balloon");

    [GuardedBy(nameof(_changing))]
    private readonly BalloonFrames _frames = new();

    private IrqSpinLock _lock = new(s_lockClass);

    // By number; what they hold is guarded by _lock.
    [GuardedBy(nameof(_lock))]
    private readonly VirtQueue?[] _queues = new VirtQueue?[3];

    [Atomic]
    private int _isGone;

    [Atomic]
    private int _statisticsWanted;

    // Set by a shortage until the host changes its mind: what was given back is not taken again at once.
    [Atomic]
    private int _hadShortage;

    [Atomic]
    private long _pages;

    [Protocol("Set by Start, joined by Stop: the calls of the PCI bus, one after the other.")]
    private TaskStruct? _task;

    [MightSleep]
    internal BalloonDevice(PciDevice device)
    {
        Pci = device;
        _device = VirtioDevice.Open(device, VirtioType.Balloon);
        _device.Negotiate((1ul << StatisticsFeature) | (1ul << DeflateOnShortageFeature));
        _queues[InflateQueue] = _device.AddQueue(InflateQueue, 16);
        _queues[DeflateQueue] = _device.AddQueue(DeflateQueue, 16);
        _queues[StatisticsQueue] = _device.Has(StatisticsFeature) ? _device.AddQueue(StatisticsQueue, 16) : null;
        _numbers = device.AllocateDma(PagesAtOnce * NumberBytes);
        _statistics = device.AllocateDma(Statistics * StatisticBytes);
    }

    /// <summary>Pages of 4 KiB in the balloon.</summary>
    public long Pages => Volatile.Read(ref _pages);

    /// <summary>Whether memory comes back when there is none left.</summary>
    public bool DeflatesOnShortage => _device.Has(DeflateOnShortageFeature);

    internal PciDevice Pci { get; }

    internal bool IsLegacy => _device.IsLegacy;

    internal PciInterruptModes InterruptMode => _device.InterruptMode;

    private bool IsGone => Volatile.Read(ref _isGone) != 0;

    /// <inheritdoc/>
    [InterruptContext]
    public override void OnQueue(int queue)
    {
        using (_lock.Enter())
        {
            VirtQueue? used = _queues[queue];
            while (used is not null && used.TryTake(out _, out _))
            {
                if (queue == StatisticsQueue)
                {
                    Volatile.Write(ref _statisticsWanted, 1);
                    _work.Complete();
                }
                else
                {
                    _answered.Complete();
                }
            }

            if (used is not null && used.Fault != VirtQueueFault.None)
            {
                _device.Break(used);
            }
        }
    }

    /// <inheritdoc/>
    [InterruptContext]
    public override void OnConfigurationChange()
    {
        Volatile.Write(ref _hadShortage, 0);
        _work.Complete();
    }

    /// <inheritdoc/>
    [MightSleep]
    public override void OnBroken(string reason) => Leave();

    [MightSleep]
    internal void Start()
    {
        // The host asks with the first buffer that it has.
        _device.Start(this);
        Volatile.Write(ref _statisticsWanted, 1);
        _work.Complete();
        _task = KernelTask.Start("virtio_balloon", Work);
    }

    // What is in the balloon goes back to the allocator: after a reset, the host has no claim to it.
    [MightSleep]
    internal void Stop()
    {
        if (!_device.IsBroken)
        {
            Volatile.Write(ref _hadShortage, 1);
            while (Pages > 0 && Deflate(PagesAtOnce) > 0)
            {
            }
        }

        Leave();
        _device.Stop();
        _task?.JoinUninterruptible();
        using (_changing.Enter())
        {
            _frames.Dispose();
            Volatile.Write(ref _pages, 0);
        }
    }

    /// <summary>Memory has run out: gives a piece of the balloon back.</summary>
    /// <returns>How many pages.</returns>
    [MightSleep]
    internal long GiveBackForShortage()
    {
        if (!DeflatesOnShortage || IsGone || Pages == 0)
        {
            return 0;
        }

        Volatile.Write(ref _hadShortage, 1);
        return Deflate(PagesAtOnce);
    }

    private void Leave()
    {
        Volatile.Write(ref _isGone, 1);
        _work.CompleteAll();
        _answered.CompleteAll();
    }

    private void Work()
    {
        bool isBehind = false;
        while (!IsGone)
        {
            // When there was no memory to give, the host's wish is tried again each second.
            _work.Wait(isBehind ? Clock.MonotonicNanoseconds + Second : Tasks.Scheduling.Scheduler.Never);
            if (Interlocked.Exchange(ref _statisticsWanted, 0) != 0)
            {
                SendStatistics();
            }

            isBehind = Follow();
        }
    }

    // True when the balloon should be larger than it is.
    [MightSleep]
    private bool Follow()
    {
        while (!IsGone)
        {
            long missing = _device.Config.Read32(WantedOffset) - Pages;
            if (missing == 0)
            {
                return false;
            }

            int count = (int)Math.Min(Math.Abs(missing), PagesAtOnce);
            if (missing > 0 && Volatile.Read(ref _hadShortage) != 0)
            {
                return false;
            }

            if ((missing > 0 ? Inflate(count) : Deflate(count)) == 0)
            {
                return missing > 0;
            }
        }

        return false;
    }

    [MightSleep]
    private int Inflate(int count)
    {
        Span<uint> numbers = stackalloc uint[PagesAtOnce];
        using (_changing.Enter())
        {
            int taken = _frames.Take(numbers[..count]);
            if (taken > 0 && !Tell(InflateQueue, numbers[..taken]))
            {
                return 0;
            }

            Publish();
            return taken;
        }
    }

    [MightSleep]
    private int Deflate(int count)
    {
        Span<uint> numbers = stackalloc uint[PagesAtOnce];
        using (_changing.Enter())
        {
            int leaving = _frames.BeginReturn(numbers[..count]);
            if (leaving == 0 || !Tell(DeflateQueue, numbers[..leaving]))
            {
                // Without an answer they stay out of use, until the device is reset.
                return 0;
            }

            _frames.Release();
            Publish();
            return leaving;
        }
    }

    [RequiresLock(nameof(_changing))]
    private void Publish()
    {
        Volatile.Write(ref _pages, _frames.Count);
        if (!IsGone)
        {
            _device.Config.Write32(ActualOffset, (uint)_frames.Count);
        }
    }

    // False when the host does not answer: it is given up.
    [MightSleep]
    [RequiresLock(nameof(_changing))]
    private bool Tell(int index, ReadOnlySpan<uint> numbers)
    {
        Span<byte> bytes = _numbers.Span(0, numbers.Length * NumberBytes);
        for (int i = 0; i < numbers.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[(i * NumberBytes)..], numbers[i]);
        }

        using (_lock.Enter())
        {
            VirtQueue queue = _queues[index]!;
            if (!queue.TryAdd([new DmaSegment(_numbers.PhysicalAddress, bytes.Length)], [], 0))
            {
                return false;
            }

            _device.Kick(queue);
        }

        if (_answered.Wait(Clock.MonotonicNanoseconds + HostPatience) != WaitResult.Woken)
        {
            _device.Break(null);
            return false;
        }

        return !IsGone;
    }

    private void SendStatistics()
    {
        if (!_device.Has(StatisticsFeature))
        {
            return;
        }

        Span<byte> bytes = _statistics.Span(0, Statistics * StatisticBytes);
        ulong free = FrameAllocator.FreeFrames * (ulong)Frame.Size;
        Write(bytes, FreeTag, free);
        Write(bytes[StatisticBytes..], TotalTag, FrameAllocator.ManagedFrames * (ulong)Frame.Size);
        Write(bytes[(2 * StatisticBytes)..], AvailableTag, free);
        using (_lock.Enter())
        {
            VirtQueue queue = _queues[StatisticsQueue]!;
            if (queue.TryAdd([new DmaSegment(_statistics.PhysicalAddress, bytes.Length)], [], 0))
            {
                _device.Kick(queue);
            }
        }
    }

    private static void Write(Span<byte> to, ushort tag, ulong value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(to, tag);
        BinaryPrimitives.WriteUInt64LittleEndian(to[2..], value);
    }
}
