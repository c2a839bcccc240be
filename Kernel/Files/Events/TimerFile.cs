using System.Buffers.Binary;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Polling;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Tasks.Time;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Files.Events;

/// <summary>timerfd_create(2): a timer whose expiries are read and polled. A periodic one does not interrupt while nobody has read: what it missed is reckoned when somebody does.</summary>
public sealed class TimerFile : OpenFile
{
    private const int Bytes = 8;

    private readonly PollQueue _readers = new("timerfd");
    private readonly Expiry _timer;
    private readonly ClockWatcher _watcher;

    // Serialises settings; the lock below guards the state against the timer.
    private readonly Tasks.Waiting.Mutex _settings = new("timerfd");
    private IrqSpinLock _lock = new(LockClass.EventFile);

    // The next expiry on the clock, in nanoseconds; 0: not armed.
    [GuardedBy(nameof(_lock))]
    private long _next;

    [GuardedBy(nameof(_lock))]
    private long _interval;

    [GuardedBy(nameof(_lock))]
    private bool _isAbsolute;

    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    private ulong _expiries;

    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    private bool _cancelled;

    [GuardedBy(nameof(_lock))]
    private bool _cancelOnSet;

    /// <summary>Makes one with one reference, not armed. Task context.</summary>
    /// <param name="isRealtime">Its clock is real time, else the monotonic one.</param>
    /// <param name="flags">O_NONBLOCK or none.</param>
    public TimerFile(bool isRealtime, OpenFlags flags)
        : base(default, AnonymousInode.Instance, flags | OpenFlags.ReadWrite)
    {
        IsRealtime = isRealtime;
        _timer = new Expiry(this);
        _watcher = new ClockWatcher(this);
    }

    /// <summary>Its clock is real time.</summary>
    public bool IsRealtime { get; }

    /// <inheritdoc/>
    public override string Description => "anon_inode:[timerfd]";

    /// <summary>Arms it, or disarms it when the value is 0. Task context.</summary>
    /// <param name="value">Nanoseconds to the first expiry, or its moment on the clock.</param>
    /// <param name="interval">Nanoseconds between expiries; 0: only one.</param>
    /// <param name="isAbsolute">The value is a moment.</param>
    /// <param name="cancelOnSet">TFD_TIMER_CANCEL_ON_SET.</param>
    /// <param name="oldValue">Nanoseconds that were left.</param>
    /// <param name="oldInterval">The interval that it had.</param>
    /// <returns>Ok; ECANCELED: real time was set since the last setting; the new one is in force all the same.</returns>
    [MightSleep]
    public Errno Set(long value, long interval, bool isAbsolute, bool cancelOnSet, out long oldValue, out long oldInterval)
    {
        using (_settings.Enter())
        {
            _timer.CancelAndWait();
            RealtimeClock.Unwatch(_watcher);
            bool armed = value != 0;
            bool cancels;
            using (_lock.Enter())
            {
                CatchUp();
                oldValue = Remaining();
                oldInterval = _interval;
                cancels = _cancelled && cancelOnSet;
                _cancelled = false;
                _expiries = 0;
                _interval = interval;
                _isAbsolute = isAbsolute;
                _cancelOnSet = cancelOnSet && isAbsolute && IsRealtime;
                long now = Now();
                _next = !armed ? 0 : isAbsolute ? value : value > long.MaxValue - now ? long.MaxValue : now + value;
            }

            if (armed)
            {
                if (IsRealtime && isAbsolute)
                {
                    RealtimeClock.Watch(_watcher);
                }

                using (_lock.Enter())
                {
                    StartTimer();
                }
            }

            return cancels ? Errno.ECANCELED : Errno.Ok;
        }
    }

    /// <summary>What is left to the next expiry, and the interval, in nanoseconds; 0 for none. Task context.</summary>
    public void Get(out long value, out long interval)
    {
        using (_lock.Enter())
        {
            CatchUp();
            value = Remaining();
            interval = _interval;
        }
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long Read(ref DataSink to, long offset)
    {
        if (to.Remaining < Bytes)
        {
            return -(long)Errno.EINVAL;
        }

        long result = Take(out ulong expiries);
        if (result == -(long)Errno.EAGAIN && !IsNonBlocking)
        {
            using WaitQueue.Wait wait = _readers.Begin();
            while (true)
            {
                wait.Prepare();
                result = Take(out expiries);
                if (result != -(long)Errno.EAGAIN)
                {
                    break;
                }

                if (wait.Sleep() != WaitResult.Woken)
                {
                    return -(long)Errno.ERESTARTSYS;
                }
            }
        }

        if (result != 0)
        {
            return result;
        }

        System.Span<byte> bytes = stackalloc byte[Bytes];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, expiries);
        to.Write(bytes);
        return to.Faulted ? -(long)Errno.EFAULT : Bytes;
    }

    /// <inheritdoc/>
    public override PollEvents Poll(PollWatcher? watcher)
    {
        _readers.Attach(watcher);
        return Volatile.Read(ref _expiries) > 0 || Volatile.Read(ref _cancelled) ? PollEvents.Readable : PollEvents.None;
    }

    /// <inheritdoc/>
    [MightSleep]
    protected override void Closed()
    {
        RealtimeClock.Unwatch(_watcher);
        _timer.CancelAndWait();
    }

    private long Now() => IsRealtime ? Clock.RealtimeNanoseconds : (long)Clock.MonotonicNanoseconds;

    // What the timer missed since it expired and was not started again.
    [RequiresLock(nameof(_lock))]
    [NoAllocation]
    private void CatchUp()
    {
        long now = Now();
        if (_next == 0 || _interval == 0 || now < _next || _expiries == 0)
        {
            return;
        }

        long periods = ((now - _next) / _interval) + 1;
        _expiries += (ulong)periods;
        _next = periods > (long.MaxValue - _next) / _interval ? long.MaxValue : _next + (periods * _interval);
    }

    [RequiresLock(nameof(_lock))]
    [NoAllocation]
    private long Remaining()
    {
        if (_next == 0)
        {
            return 0;
        }

        // Armed and due this moment: not 0, which says that it is not armed.
        long left = _next - Now();
        return left > 0 ? left : 1;
    }

    [RequiresLock(nameof(_lock))]
    [NoAllocation]
    private void StartTimer() => _timer.Start(IsRealtime ? RealtimeClock.ToMonotonic(_next) : (ulong)_next);

    [NoAllocation]
    private long Take(out ulong expiries)
    {
        using (_lock.Enter())
        {
            expiries = 0;
            if (_cancelled)
            {
                _cancelled = false;
                return -(long)Errno.ECANCELED;
            }

            CatchUp();
            if (_expiries == 0)
            {
                return -(long)Errno.EAGAIN;
            }

            expiries = _expiries;
            _expiries = 0;
            if (_next != 0)
            {
                StartTimer();
            }

            return 0;
        }
    }

    [InterruptContext]
    [NoAllocation]
    private void OnExpired()
    {
        using (_lock.Enter())
        {
            if (_next == 0 || _expiries != 0)
            {
                return;
            }

            if (Now() < _next)
            {
                // Real time was set back.
                StartTimer();
                return;
            }

            Volatile.Write(ref _expiries, 1);
            _next = _interval == 0 ? 0 : _next > long.MaxValue - _interval ? long.MaxValue : _next + _interval;
        }

        _readers.WakeAll(PollEvents.Readable);
    }

    [InterruptContext]
    [NoAllocation]
    private void OnClockSet()
    {
        bool wake = false;
        using (_lock.Enter())
        {
            if (_cancelOnSet)
            {
                Volatile.Write(ref _cancelled, true);
                wake = true;
            }

            if (_next != 0 && _expiries == 0)
            {
                StartTimer();
            }
        }

        if (wake)
        {
            _readers.WakeAll(PollEvents.Readable);
        }
    }

    private sealed class Expiry(TimerFile file) : KernelTimer
    {
        /// <inheritdoc/>
        [InterruptContext]
        protected override void OnExpired(ulong now) => file.OnExpired();
    }

    private sealed class ClockWatcher(TimerFile file) : RealtimeWatcher
    {
        /// <inheritdoc/>
        [InterruptContext]
        protected override void OnClockSet() => file.OnClockSet();
    }
}
