using System;
using System.Threading;
using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Memory.Areas;
using CosmosKernel.Modules.Devices;
using CosmosKernel.Modules.Log;
using CosmosKernel.Tasks.Deferred.Work;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Drivers.Virtio;

/// <summary>
/// A virtio device on the PCI bus, from its reset to its use and back (Virtual I/O Device 1.2, section 3.1): <see cref="Open"/>, <see cref="Negotiate"/>, <see cref="AddQueue"/>, <see cref="Start"/>,
/// <see cref="Stop"/>. What it takes belongs to the <see cref="PciDevice"/> and is released with it. Task context, one task at a time, except where a member says otherwise.
/// </summary>
public sealed class VirtioDevice
{
    private const int MostQueues = 64;
    private const ulong Millisecond = 1_000_000;
    private const int ResetMilliseconds = 1000;
    private const ulong LegacyMask = 0xFFFF_FFFF;
    private const byte MsiXCapability = 0x11;
    private const int MsiXSizeMask = 0x7FF;

    // The highest page number that a legacy device can be told is 32 bits.
    private const ulong LegacyHighest = (1ul << 44) - 1;

    private readonly VirtioTransport _transport;
    private readonly BreakWork _breakWork;

    // Whoever sets up the device adds queues, before it interrupts.
    [Protocol("Filled by AddQueue, before the device interrupts.")]
    private readonly VirtQueue?[] _queues = new VirtQueue?[MostQueues];

    [Protocol("Counted by AddQueue, before the device interrupts.")]
    private int _queueCount;

    [Protocol("Set by Start, before the device interrupts.")]
    private VirtioListener? _listener;

    [Protocol("Of the task that starts and stops the device.")]
    private PciInterrupts? _interrupts;

    // 1 from the moment on that the device is not trusted any more.
    [Atomic]
    private int _isBroken;

    [Atomic]
    private int _isStopped;

    [Atomic]
    private VirtQueue? _brokenQueue;

    private VirtioDevice(PciDevice device, VirtioTransport transport)
    {
        Pci = device;
        _transport = transport;
        _breakWork = new BreakWork(this);
        Config = new VirtioConfig(transport);
    }

    /// <summary>The claimed PCI device.</summary>
    public PciDevice Pci { get; }

    /// <summary>The device's own configuration.</summary>
    public VirtioConfig Config { get; }

    /// <summary>Whether it is used as a device from before version 1.0.</summary>
    public bool IsLegacy => _transport.IsLegacy;

    /// <summary>The features that both sides use; 0 before <see cref="Negotiate"/>.</summary>
    [Protocol("Set by Negotiate, before the device interrupts.")]
    public ulong Features { get; private set; }

    /// <summary>How the device interrupts; none before <see cref="Start"/>.</summary>
    public PciInterruptModes InterruptMode => _interrupts?.Mode ?? PciInterruptModes.None;

    /// <summary>The device was stopped for what it did wrong. Any context.</summary>
    public bool IsBroken => Volatile.Read(ref _isBroken) != 0;

    /// <summary>Resets a device and tells it that there is a driver.</summary>
    /// <param name="device">The claimed device.</param>
    /// <param name="type">What kind it must be.</param>
    /// <exception cref="NotSupportedException">It is of another kind.</exception>
    /// <exception cref="InvalidOperationException">It cannot be reached, or does not come out of its reset.</exception>
    [MightSleep]
    public static VirtioDevice Open(PciDevice device, VirtioType type)
    {
        ArgumentNullException.ThrowIfNull(device);
        int found = VirtioIds.TypeOf(device.Info);
        if (found != (int)type)
        {
            throw new NotSupportedException($"it is no virtio device of type {(int)type} ({type}), but of {found}");
        }

        var opened = new VirtioDevice(device, VirtioTransport.Open(device, VirtioModule.PrefersLegacy));
        opened.Reset();
        opened._transport.Status = VirtioStatus.Acknowledge;
        opened._transport.Status = VirtioStatus.Acknowledge | VirtioStatus.Driver;
        return opened;
    }

    /// <summary>Settles what both sides use. The bits that all devices share are chosen here.</summary>
    /// <param name="wanted">Bits of this kind of device that the driver uses when the device has them.</param>
    /// <param name="required">Bits without which the driver does not work.</param>
    /// <exception cref="NotSupportedException">The device has not all that is required, or refuses the choice.</exception>
    public void Negotiate(ulong wanted, ulong required = 0)
    {
        ulong offered = _transport.DeviceFeatures;
        if ((offered & required) != required)
        {
            throw new NotSupportedException($"the device lacks features 0x{required & ~offered:x}");
        }

        ulong shared = VirtioFeatures.EventIndex | VirtioFeatures.IndirectDescriptors;
        if (IsLegacy)
        {
            Features = offered & (wanted | required | shared) & LegacyMask;
            _transport.AcceptFeatures(Features);
            return;
        }

        if ((offered & VirtioFeatures.Version1) == 0)
        {
            throw new NotSupportedException("it has the registers of a modern device, but not its features");
        }

        Features = offered & (wanted | required | shared | VirtioFeatures.Version1);
        _transport.AcceptFeatures(Features);
        VirtioStatus status = _transport.Status | VirtioStatus.FeaturesOk;
        _transport.Status = status;
        if ((_transport.Status & VirtioStatus.FeaturesOk) == 0)
        {
            throw new NotSupportedException($"the device refuses the features 0x{Features:x} of 0x{offered:x}");
        }
    }

    /// <summary>Whether a feature is used. Any context, after <see cref="Negotiate"/>.</summary>
    /// <param name="bit">Number of the bit.</param>
    public bool Has(int bit) => (Features & (1ul << bit)) != 0;

    /// <summary>Whether the device has a queue of this number.</summary>
    public bool HasQueue(int index) => index is >= 0 and < MostQueues && _transport.LargestQueue(index) != 0;

    /// <summary>Makes a queue. Before <see cref="Start"/>.</summary>
    /// <param name="index">Its number, 0 to 63.</param>
    /// <param name="wantedSize">Descriptors at most, a power of two; a legacy device chooses itself.</param>
    /// <param name="indirectSegments">The longest buffer that takes a single descriptor, when the device can do that; 0 for none.</param>
    /// <exception cref="InvalidOperationException">The device has no such queue, or one of an impossible size.</exception>
    /// <exception cref="OutOfMemoryException">There is no memory for it.</exception>
    [MightSleep]
    public VirtQueue AddQueue(int index, int wantedSize = 256, int indirectSegments = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, MostQueues);
        int size = _transport.LargestQueue(index);
        if (size == 0)
        {
            throw new InvalidOperationException($"the device has no queue {index}");
        }

        if (!VirtQueueLayout.IsValidSize(size))
        {
            throw new InvalidOperationException($"queue {index} has {size} descriptors, which is no power of two up to {VirtQueueLayout.LargestSize}");
        }

        var layout = new VirtQueueLayout(_transport.CanShrinkQueues && wantedSize < size ? wantedSize : size);
        ulong highest = IsLegacy ? LegacyHighest : ulong.MaxValue;
        DmaBuffer memory = Pci.AllocateDma(layout.Bytes, highest);
        bool isIndirect = indirectSegments > 1 && (Features & VirtioFeatures.IndirectDescriptors) != 0;
        DmaBuffer? tables = isIndirect ? Pci.AllocateDma(layout.Size * indirectSegments * VirtQueueLayout.DescriptorBytes) : null;
        var queue = new VirtQueue(index, layout, memory, (Features & VirtioFeatures.EventIndex) != 0, tables, indirectSegments);
        _queues[index] = queue;
        _queueCount = Math.Max(_queueCount, index + 1);
        return queue;
    }

    /// <summary>
    /// Lets the device work: interrupts (MSI-X with a vector for each queue, or one for all, else its line), queues, bus mastering. Its listener may be called before this returns.
    /// </summary>
    /// <exception cref="InvalidOperationException">The device does not take its queues or vectors, or has no way to interrupt.</exception>
    [MightSleep]
    public void Start(VirtioListener listener)
    {
        _listener = listener;
        bool hasMessages = AttachInterrupts(out bool isVectorForEach);
        _transport.SetConfigVector(hasMessages ? 0 : -1);
        for (int i = 0; i < _queueCount; i++)
        {
            if (_queues[i] is { } queue)
            {
                _transport.EnableQueue(queue, hasMessages ? (isVectorForEach ? i + 1 : 1) : -1);
            }
        }

        Pci.SetBusMaster(true);
        _transport.Status |= VirtioStatus.DriverOk;
    }

    /// <summary>Shows the device what was added to a queue, and notifies it if it wants that. Under the queue's lock; any context but NMI.</summary>
    [NoAllocation]
    public void Kick(VirtQueue queue)
    {
        if (queue.Publish())
        {
            _transport.Notify(queue.Index);
        }
    }

    /// <summary>
    /// Stops the device for good, for what it did in a queue: it reaches memory no more from here on; soon after, a message names it, it is reset, and its listener hears of it. Any context but NMI; once is enough.
    /// </summary>
    /// <param name="queue">The queue with a <see cref="VirtQueue.Fault"/>, or null when the device asked for a reset itself.</param>
    [NoAllocation]
    public void Break(VirtQueue? queue)
    {
        if (Interlocked.Exchange(ref _isBroken, 1) == 0)
        {
            Pci.SetBusMaster(false);
            Volatile.Write(ref _brokenQueue, queue);
            _breakWork.Queue();
        }
    }

    /// <summary>
    /// Takes the device out of use: it is reset, interrupts nobody any more, and has given up all buffers, which <see cref="VirtQueue.TryDetach"/> gives back. The listener is not called after this. Not with a lock
    /// held that the listener takes.
    /// </summary>
    [MightSleep]
    public void Stop()
    {
        // A device that breaks from here on is only reset; who found it broken before may still be about to queue the work, which does nothing then.
        Volatile.Write(ref _isStopped, 1);
        Volatile.Write(ref _isBroken, 1);
        _breakWork.CancelAndWait();
        try
        {
            Reset();
        }
        catch (InvalidOperationException failure)
        {
            // It reaches no memory any more, so what it had is given up all the same.
            KernelLog.Error($"{Pci.Info}: {failure.Message}");
        }

        Pci.SetBusMaster(false);
        _interrupts?.Dispose();
    }

    internal void OnQueueInterrupt(int index)
    {
        if (!IsBroken && _queues[index] is not null)
        {
            _listener!.OnQueue(index);
        }
    }

    internal void OnConfigInterrupt()
    {
        if (IsBroken)
        {
            return;
        }

        if (!IsLegacy && (_transport.Status & VirtioStatus.NeedsReset) != 0)
        {
            Break(null);
            return;
        }

        _listener!.OnConfigurationChange();
    }

    internal byte ReadInterruptStatus() => _transport.ReadInterruptStatus();

    // True when it interrupts by messages. Without a vector for each queue, the configuration has the first one and all queues the second one.
    [MightSleep]
    private bool AttachInterrupts(out bool isVectorForEach)
    {
        string name = Pci.Owner;
        var line = new VirtioLineInterrupt(this, name, _queueCount);
        int available = VirtioModule.AvoidsMessages || !Pci.Info.TryFindCapability(MsiXCapability, out PciCapability capability)
            ? 0
            : (Pci.Config.Read16(capability.Offset + 2) & MsiXSizeMask) + 1;
        isVectorForEach = available > _queueCount;
        InterruptHandler[] handlers = [];
        if (isVectorForEach)
        {
            handlers = new InterruptHandler[_queueCount + 1];
            for (int i = 0; i < _queueCount; i++)
            {
                handlers[i + 1] = new VirtioQueueInterrupt(this, $"{name}-{i}", i, 1);
            }
        }
        else if (available >= 2)
        {
            handlers = [line, new VirtioQueueInterrupt(this, $"{name}-all", 0, _queueCount)];
        }

        if (handlers.Length > 0)
        {
            handlers[0] = new VirtioConfigInterrupt(this, $"{name}-config");
        }

        PciInterruptModes modes = handlers.Length > 0 ? PciInterruptModes.MsiX | PciInterruptModes.Line : PciInterruptModes.Line;
        _interrupts = Pci.AttachInterrupts(line, handlers, modes);
        return _interrupts.Mode == PciInterruptModes.MsiX;
    }

    [MightSleep]
    private void Reset()
    {
        if (_transport.IsLegacy)
        {
            _transport.DisableQueues();
        }

        _transport.Status = VirtioStatus.Reset;
        var pause = new Completion("virtio reset");
        for (int waited = 0; _transport.Status != VirtioStatus.Reset; waited++)
        {
            if (waited == ResetMilliseconds)
            {
                throw new InvalidOperationException($"it does not come out of its reset: its status is 0x{(byte)_transport.Status:x}");
            }

            // Nobody may leave before the device has let go of its memory: a kill does not end this.
            pause.Wait(Clock.MonotonicNanoseconds + Millisecond);
        }
    }

    private sealed class BreakWork(VirtioDevice device) : WorkItem(WorkQueues.Default)
    {
        /// <inheritdoc/>
        [MightSleep]
        protected override void Execute()
        {
            if (Volatile.Read(ref device._isStopped) != 0)
            {
                return;
            }

            VirtQueue? queue = Volatile.Read(ref device._brokenQueue);
            string reason = queue is null ? "the device asks for a reset" : $"queue {queue.Index}: {Describe(queue)}";
            KernelLog.Error($"{device.Pci.Info}: driver {device.Pci.Owner} has stopped it: {reason}");
            try
            {
                device._transport.Status |= VirtioStatus.Failed;
                device.Reset();
            }
            catch (InvalidOperationException failure)
            {
                KernelLog.Error($"{device.Pci.Info}: {failure.Message}");
            }

            device._listener?.OnBroken(reason);
        }

        private static string Describe(VirtQueue queue) => queue.Fault switch
        {
            VirtQueueFault.IndexJumped => $"its index {queue.FaultValue} says that more buffers were used than the device has",
            VirtQueueFault.UnknownDescriptor => $"the device returned descriptor {queue.FaultValue} of {queue.Size}",
            VirtQueueFault.NotItsDescriptor => $"the device returned descriptor {queue.FaultValue}, which it does not have",
            VirtQueueFault.LengthTooLong => $"the device says that it wrote {queue.FaultValue} bytes, more than there is room for",
            _ => "the driver gave it up",
        };
    }
}
