using System;
using System.Threading;
using CosmosKernel.Drivers.Virtio;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules.Devices;
using CosmosKernel.Runtime.Services;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Drivers.VirtioRng;

/// <summary>One entropy device: a queue of buffers that it fills.</summary>
public sealed class EntropyDevice : VirtioListener
{
    private const int Queue = 0;
    private const int SeedBytes = 64;
    private const ulong NanosecondsPerSecond = 1_000_000_000;

    private static readonly LockClass s_lockClass = LockClasses.Register("virtio_rng.queue");

    private readonly VirtioDevice _device;
    private readonly WaitQueue _filled = new("entropy");
    private readonly Completion _ending = new("entropy feeder");
    private readonly ulong _period;

    // Bytes are copied under it, and nobody waits with it: a reader never stands behind one that waits for the host.
    private IrqSpinLock _lock = new(s_lockClass);

    [GuardedBy(nameof(_lock))]
    private readonly EntropyBuffer _buffer;

    // EntropyBuffer.IsAsked, for those who look at it without the lock, between preparing to sleep and sleeping.
    [Atomic]
    private int _isAsked;

    [Atomic]
    private int _isGone;

    [Atomic]
    private ulong _bytes;

    [Atomic]
    private ulong _requests;

    [Protocol("Set by Start, joined by Stop: the calls of the PCI bus, one after the other.")]
    private TaskStruct? _feeder;

    [MightSleep]
    internal EntropyDevice(PciDevice device, int periodSeconds)
    {
        Pci = device;
        _period = (ulong)periodSeconds * NanosecondsPerSecond;
        _device = VirtioDevice.Open(device, VirtioType.Entropy);
        _device.Negotiate(0);
        _buffer = new EntropyBuffer(_device.AddQueue(Queue, wantedSize: 8), device.AllocateDma(EntropyBuffer.Bytes));
    }

    /// <summary>Bytes that the host gave.</summary>
    public ulong Bytes => Volatile.Read(ref _bytes);

    /// <summary>Buffers that the host filled.</summary>
    public ulong Requests => Volatile.Read(ref _requests);

    /// <summary>Neither broken nor removed.</summary>
    public bool IsUsable => Volatile.Read(ref _isGone) == 0;

    internal PciDevice Pci { get; }

    internal bool IsLegacy => _device.IsLegacy;

    internal PciInterruptModes InterruptMode => _device.InterruptMode;

    /// <summary>Reads random bytes. Waits for the host, which may limit how many it gives in a time.</summary>
    /// <param name="to">Where they go.</param>
    /// <param name="mode">What else ends the wait.</param>
    /// <param name="deadline">Monotonic time in nanoseconds at which to give up; 0 does not wait.</param>
    /// <returns>How many, at least 1; 0 when the device is gone, and when the wait was ended.</returns>
    [MightSleep]
    public int Read(Span<byte> to, WaitMode mode, ulong deadline = Scheduler.Never)
    {
        if (to.IsEmpty)
        {
            return 0;
        }

        while (IsUsable)
        {
            int copied = TakeOrAsk(to);
            if (copied > 0 || deadline == 0 || !WaitForAnswer(mode, deadline))
            {
                return copied;
            }
        }

        return 0;
    }

    /// <inheritdoc/>
    [InterruptContext]
    public override void OnQueue(int queue)
    {
        using (_lock.Enter())
        {
            if (!_buffer.Fill())
            {
                _device.Break(_buffer.Queue);
            }

            Volatile.Write(ref _isAsked, _buffer.IsAsked ? 1 : 0);
        }

        _filled.WakeAll();
    }

    /// <inheritdoc/>
    [MightSleep]
    public override void OnBroken(string reason) => Leave();

    [MightSleep]
    internal void Start()
    {
        _device.Start(this);
        _feeder = KernelTask.Start("virtio_rng", Feed);
    }

    [MightSleep]
    internal void Stop()
    {
        Leave();
        _device.Stop();
        _feeder?.JoinUninterruptible();
    }

    // Whoever waits, or will, goes on.
    private void Leave()
    {
        Volatile.Write(ref _isGone, 1);
        _filled.WakeAll();
        _ending.CompleteAll();
    }

    // 0 when the device has the buffer.
    private int TakeOrAsk(Span<byte> to)
    {
        int copied;
        using (_lock.Enter())
        {
            copied = _buffer.Take(to);
            if (copied == 0 && _buffer.Ask())
            {
                _device.Kick(_buffer.Queue);
                Interlocked.Increment(ref _requests);
            }

            Volatile.Write(ref _isAsked, _buffer.IsAsked ? 1 : 0);
        }

        Interlocked.Add(ref _bytes, (ulong)copied);
        return copied;
    }

    // False when the wait was ended by something else than the device.
    [MightSleep]
    private bool WaitForAnswer(WaitMode mode, ulong deadline)
    {
        using WaitQueue.Wait wait = _filled.Begin(deadline, mode);
        while (true)
        {
            wait.Prepare();
            if (!IsUsable || Volatile.Read(ref _isAsked) == 0)
            {
                return true;
            }

            if (wait.Sleep() != WaitResult.Woken)
            {
                return false;
            }
        }
    }

    private void Feed()
    {
        byte[] seed = new byte[SeedBytes];
        do
        {
            for (int filled = 0; filled < seed.Length && IsUsable;)
            {
                filled += Read(seed.AsSpan(filled), WaitMode.Uninterruptible);
            }

            if (IsUsable)
            {
                RandomSource.Mix(seed, isTrusted: true);
            }
        }
        while (_ending.Wait(Clock.MonotonicNanoseconds + _period) == WaitResult.TimedOut);
    }
}
