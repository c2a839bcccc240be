using System;
using System.Threading;
using CosmosKernel.Drivers.Virtio;
using CosmosKernel.Files.Terminals;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules.Devices;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Drivers.VirtioConsole;

/// <summary>
/// One virtio console with its first port: buffers that the host fills with what is typed, and buffers on the way to the host. A task of its own tells a receiver what happens, and waits for nobody else.
/// </summary>
internal sealed class ConsoleDevice : VirtioListener
{
    private const int ReceiveQueue = 0;
    private const int TransmitQueue = 1;
    private const int SizeFeature = 0;
    private const ulong Patience = 5_000_000_000;

    private static readonly LockClass s_lockClass = LockClasses.Register("virtio_console.queues");

    private readonly VirtioDevice _device;
    private readonly WaitQueue _room = new("virtio console");
    private readonly WaitQueue _work = new("virtio console");

    private IrqSpinLock _lock = new(s_lockClass);

    [GuardedBy(nameof(_lock))]
    private readonly ConsoleQueues _queues;

    // For those who look at it without the lock, between preparing to sleep and sleeping.
    [Atomic]
    private int _unsent;

    [Atomic]
    private int _hasRoom = 1;

    [Atomic]
    private int _isGone;

    [Atomic]
    private int _hasWork;

    [Atomic]
    private int _hasSent;

    // Somebody has waited in vain; until the host takes something, nobody else waits.
    [Atomic]
    private int _isStuck;

    [Atomic]
    private IConsoleReceiver? _receiver;

    [Protocol("Set by Start, joined by Stop: the calls of the PCI bus, one after the other.")]
    private TaskStruct? _task;

    [MightSleep]
    public ConsoleDevice(PciDevice device, string name, int number)
    {
        Name = name;
        Number = number;
        _device = VirtioDevice.Open(device, VirtioType.Console);
        _device.Negotiate(1ul << SizeFeature);
        VirtQueue receive = _device.AddQueue(ReceiveQueue, ConsoleQueues.WantedSize);
        VirtQueue transmit = _device.AddQueue(TransmitQueue, ConsoleQueues.WantedSize);
        _queues = new ConsoleQueues(receive, transmit, device.AllocateDma(ConsoleQueues.BufferBytes));
    }

    public string Name { get; }

    public int Number { get; }

    public bool IsLegacy => _device.IsLegacy;

    public PciInterruptModes InterruptMode => _device.InterruptMode;

    /// <summary>Broken or removed, for good.</summary>
    public bool IsGone => Volatile.Read(ref _isGone) != 0;

    /// <summary>Bytes that <see cref="Send"/> takes; 0 once the device is gone.</summary>
    public int Room
    {
        get
        {
            using (_lock.Enter())
            {
                return IsGone ? 0 : _queues.Room;
            }
        }
    }

    /// <summary>Bytes that the host has not taken, by whole buffers; 0 once the device is gone.</summary>
    public int Unsent => IsGone ? 0 : Volatile.Read(ref _unsent);

    /// <summary>The window at the host's side, zeros when it does not say.</summary>
    public WindowSize Window => _device.Has(SizeFeature) && !IsGone ? new WindowSize(_device.Config.Read16(2), _device.Config.Read16(0)) : default;

    [MightSleep]
    public void Start()
    {
        using (_lock.Enter())
        {
            _queues.Fill();
        }

        _device.Start(this);
        using (_lock.Enter())
        {
            _device.Kick(_queues.Receive);
        }

        _task = KernelTask.Start(Name, Work);
    }

    /// <summary>From now on, this one hears of what happens.</summary>
    public void Attach(IConsoleReceiver receiver)
    {
        Volatile.Write(ref _receiver, receiver);
        WakeWorker();
    }

    [MightSleep]
    public void Stop()
    {
        Leave();
        _device.Stop();
        _task?.JoinUninterruptible();
    }

    /// <summary>Sends as many bytes as there is room for; waits for nobody. Any context but NMI.</summary>
    /// <returns>How many.</returns>
    public int Send(ReadOnlySpan<byte> bytes)
    {
        int sent = 0;
        while (sent < bytes.Length && !IsGone)
        {
            using (_lock.Enter())
            {
                int count = _queues.Send(bytes[sent..]);
                Publish();
                if (count == 0)
                {
                    break;
                }

                _device.Kick(_queues.Transmit);
                sent += count;
            }
        }

        return sent;
    }

    /// <summary>
    /// Sends bytes, waiting for room, whatever signals the task has. When the host takes nothing for 5 s, the rest is dropped, and so is what follows until it takes something; once the device is gone, all is. Task
    /// context, one task at a time.
    /// </summary>
    [MightSleep]
    public void WriteAll(ReadOnlySpan<byte> bytes)
    {
        while (true)
        {
            bytes = bytes[Send(bytes)..];
            if (bytes.IsEmpty || !WaitForRoom())
            {
                return;
            }
        }
    }

    /// <summary>Waits until the host has taken everything, 5 s at most.</summary>
    /// <returns>False when the wait was interrupted.</returns>
    [MightSleep]
    public bool Drain()
    {
        using WaitQueue.Wait wait = _room.Begin(Clock.MonotonicNanoseconds + Patience);
        while (true)
        {
            wait.Prepare();
            if (Unsent == 0)
            {
                return true;
            }

            WaitResult result = wait.Sleep();
            if (result != WaitResult.Woken)
            {
                return result != WaitResult.Interrupted;
            }
        }
    }

    /// <summary>Takes bytes that have come. Any context but NMI.</summary>
    /// <param name="to">Where they go, not empty.</param>
    /// <returns>How many; 0 when there are none.</returns>
    public int TakeInput(Span<byte> to)
    {
        using (_lock.Enter())
        {
            int count = IsGone ? 0 : _queues.TakeInput(to);
            ShowReceived();
            return count;
        }
    }

    /// <summary>Drops what has come. Any context but NMI.</summary>
    public void DropInput()
    {
        using (_lock.Enter())
        {
            if (!IsGone)
            {
                _queues.DropInput();
                ShowReceived();
            }
        }
    }

    /// <summary>There is something for the task to do: bytes, room for them, an end. Any context but NMI.</summary>
    [NoAllocation]
    public void WakeWorker()
    {
        Interlocked.Exchange(ref _hasWork, 1);
        _work.WakeAll();
    }

    /// <inheritdoc/>
    [InterruptContext]
    public override void OnQueue(int queue)
    {
        if (queue == TransmitQueue)
        {
            using (_lock.Enter())
            {
                _queues.TakeSent();
                Publish();
                if (_queues.Transmit.Fault != VirtQueueFault.None)
                {
                    _device.Break(_queues.Transmit);
                }
            }

            Volatile.Write(ref _isStuck, 0);
            Volatile.Write(ref _hasSent, 1);
            _room.WakeAll();
        }

        WakeWorker();
    }

    /// <inheritdoc/>
    [MightSleep]
    public override void OnBroken(string reason) => Leave();

    // The task tells the receiver.
    private void Leave()
    {
        Volatile.Write(ref _isGone, 1);
        _room.WakeAll();
        WakeWorker();
    }

    // False: the device is gone, or the host takes nothing. A signal does not end it: what is written to the console was written for whoever asked.
    [MightSleep]
    private bool WaitForRoom()
    {
        if (Volatile.Read(ref _isStuck) != 0)
        {
            return false;
        }

        using WaitQueue.Wait wait = _room.Begin(Clock.MonotonicNanoseconds + Patience, mode: WaitMode.Uninterruptible);
        while (true)
        {
            wait.Prepare();
            if (IsGone || Volatile.Read(ref _hasRoom) != 0)
            {
                return !IsGone;
            }

            if (wait.Sleep() != WaitResult.Woken)
            {
                Volatile.Write(ref _isStuck, 1);
                return false;
            }
        }
    }

    // After each change of what is on its way.
    [RequiresLock(nameof(_lock))]
    private void Publish()
    {
        Volatile.Write(ref _unsent, _queues.Unsent);
        Volatile.Write(ref _hasRoom, _queues.Room > 0 ? 1 : 0);
    }

    [RequiresLock(nameof(_lock))]
    private void ShowReceived()
    {
        if (_queues.Receive.Fault != VirtQueueFault.None)
        {
            _device.Break(_queues.Receive);
            return;
        }

        _device.Kick(_queues.Receive);
    }

    // Several wake-ups count as one.
    [MightSleep]
    private void WaitForWork()
    {
        using WaitQueue.Wait wait = _work.Begin(mode: WaitMode.Uninterruptible);
        while (true)
        {
            wait.Prepare();
            if (Interlocked.Exchange(ref _hasWork, 0) != 0)
            {
                return;
            }

            wait.Sleep();
        }
    }

    [MightSleep]
    private void Work()
    {
        while (!IsGone)
        {
            WaitForWork();
            if (Volatile.Read(ref _receiver) is not { } receiver)
            {
                continue;
            }

            if (receiver.Receive())
            {
                WakeWorker();
            }

            if (Interlocked.Exchange(ref _hasSent, 0) != 0)
            {
                receiver.Sent();
            }
        }

        Volatile.Read(ref _receiver)?.Lost();
    }
}
