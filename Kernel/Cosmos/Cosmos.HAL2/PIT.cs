using System;
using System.Collections.Generic;
using System.Threading;
using Cosmos.Core;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Log;
using CosmosKernel.Tasks;

namespace Cosmos.HAL;

/// <summary>Waiting and timers, by the name of the chip that they took on old machines. The chip itself belongs to the kernel's clocks. Task context.</summary>
public class PIT : Device
{
    /// <summary>Frequency of the chip, in hertz.</summary>
    public const uint PITFrequency = 1193180;

    /// <summary>Nanoseconds of one of its ticks.</summary>
    public const uint PITDelayNS = 838;

    private const ulong NanosecondsPerMillisecond = 1_000_000;

    private readonly object _lock = new();

    [GuardedBy(nameof(_lock))]
    private readonly Dictionary<int, Timer> _timers = [];

    [GuardedBy(nameof(_lock))]
    private int _lastId;

    /// <summary>Sleeps for at least so many milliseconds. Others run.</summary>
    [MightSleep]
    public void Wait(uint timeoutMs) => KernelTask.Sleep(timeoutMs * NanosecondsPerMillisecond);

    /// <summary>Sleeps for at least so many nanoseconds. Others run.</summary>
    [MightSleep]
    public void WaitNS(ulong timeoutNs) => KernelTask.Sleep(timeoutNs);

    /// <summary>Starts a timer.</summary>
    /// <param name="timer">The timer, which is not running.</param>
    /// <returns>Its number.</returns>
    /// <exception cref="InvalidOperationException">It is running already.</exception>
    [MightSleep]
    public int RegisterTimer(PITTimer timer)
    {
        ArgumentNullException.ThrowIfNull(timer);
        lock (_lock)
        {
            if (timer.TimerID >= 0)
            {
                throw new InvalidOperationException($"timer {timer.TimerID} is running already");
            }

            timer.Started(this, ++_lastId);
            long milliseconds = MillisecondsOf(timer.NanosecondsTimeout);
            var running = new Timer(_ => Run(timer), null, Timeout.Infinite, Timeout.Infinite);
            _timers.Add(_lastId, running);
            running.Change(MillisecondsOf(timer.NanosecondsLeft), timer.Recurring ? Math.Max(milliseconds, 1) : Timeout.Infinite);
            return _lastId;
        }
    }

    /// <summary>Stops a timer. Its handler may still be running once more.</summary>
    /// <param name="timerId">Its number; nothing when there is no such timer.</param>
    [MightSleep]
    public void UnregisterTimer(int timerId)
    {
        lock (_lock)
        {
            if (_timers.Remove(timerId, out Timer? timer))
            {
                timer.Dispose();
            }
        }
    }

    // Up, so that no timer is early.
    private static long MillisecondsOf(ulong nanoseconds) => (long)Math.Min((nanoseconds + NanosecondsPerMillisecond - 1) / NanosecondsPerMillisecond, int.MaxValue);

    private void Run(PITTimer timer)
    {
        InterruptGate.Close();
        try
        {
            if (!timer.Recurring)
            {
                UnregisterTimer(timer.TimerID);
                timer.Stopped();
            }

            timer.HandleTrigger(new INTs.IRQContext { Interrupt = 0x20 });
        }
        catch (Exception error)
        {
            KernelLog.Error($"handler of timer {timer.TimerID}: {error}");
        }
        finally
        {
            InterruptGate.Open();
        }
    }

    /// <summary>
    /// A timer. Its handler is called from a task of the thread pool, with the kernel's other handlers kept out (see <see cref="CPU.DisableInterrupts"/>); it may sleep. Never early, and on time to about a millisecond.
    /// </summary>
    public class PITTimer : IDisposable
    {
        [Atomic]
        private volatile PIT? _owner;

        [Atomic]
        private volatile int _id = -1;

        /// <summary>Makes a timer.</summary>
        /// <param name="callback">Its handler.</param>
        /// <param name="nanosecondsTimeout">Time to the first call, and between calls.</param>
        /// <param name="recurring">Whether it goes on after the first call.</param>
        public PITTimer(OnTrigger callback, ulong nanosecondsTimeout, bool recurring)
        {
            ArgumentNullException.ThrowIfNull(callback);
            HandleTrigger = callback;
            NanosecondsTimeout = nanosecondsTimeout;
            NanosecondsLeft = nanosecondsTimeout;
            Recurring = recurring;
        }

        /// <summary>Makes a timer.</summary>
        public PITTimer(Action callback, ulong nanosecondsTimeout, bool recurring)
            : this(_ => callback(), nanosecondsTimeout, recurring) => ArgumentNullException.ThrowIfNull(callback);

        /// <summary>Makes a timer that goes on, with another time to its first call.</summary>
        public PITTimer(OnTrigger callback, ulong nanosecondsTimeout, ulong nanosecondsLeft)
            : this(callback, nanosecondsTimeout, true) => NanosecondsLeft = nanosecondsLeft;

        /// <summary>Makes a timer that goes on, with another time to its first call.</summary>
        public PITTimer(Action callback, ulong nanosecondsTimeout, ulong nanosecondsLeft)
            : this(callback, nanosecondsTimeout, true) => NanosecondsLeft = nanosecondsLeft;

        /// <summary>Takes the timer's call.</summary>
        public delegate void OnTrigger(INTs.IRQContext irqContext);

        /// <summary>Time between calls. Set before the timer is registered.</summary>
        [Protocol("Set before the timer is registered.")]
        public ulong NanosecondsTimeout { get; set; }

        /// <summary>Whether it goes on after the first call. Set before the timer is registered.</summary>
        [Atomic]
        public bool Recurring { get; set; }

        /// <summary>Its number while it runs; -1 before.</summary>
        public int TimerID => _id;

        /// <summary>Its handler. Set before the timer is registered.</summary>
        [Atomic]
        public OnTrigger HandleTrigger { get; set; }

        internal ulong NanosecondsLeft { get; }

        /// <summary>Stops it.</summary>
        [MightSleep]
        public void Dispose()
        {
            _owner?.UnregisterTimer(_id);
            Stopped();
            GC.SuppressFinalize(this);
        }

        internal void Started(PIT owner, int id)
        {
            _owner = owner;
            _id = id;
        }

        internal void Stopped() => _id = -1;
    }
}
