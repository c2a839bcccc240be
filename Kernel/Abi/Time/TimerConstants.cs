using System.Runtime.InteropServices;

namespace CosmosKernel.Abi;

/// <summary>Numbers of timers (timer_settime(2), clock_nanosleep(2), timerfd_create(2), setitimer(2)).</summary>
public static class TimerConstants
{
    /// <summary>TIMER_ABSTIME: the time is on the clock, not from now.</summary>
    public const int AbsoluteTime = 1;

    /// <summary>TFD_TIMER_CANCEL_ON_SET: a change of real time ends the wait with ECANCELED.</summary>
    public const int CancelOnSet = 2;

    /// <summary>ITIMER_REAL.</summary>
    public const int IntervalReal = 0;

    /// <summary>ITIMER_VIRTUAL: time in user mode.</summary>
    public const int IntervalVirtual = 1;

    /// <summary>ITIMER_PROF: time in user mode and in the kernel for the process.</summary>
    public const int IntervalProfile = 2;

    /// <summary>SIGEV_SIGNAL: expiry is a signal to the process.</summary>
    public const int NotifySignal = 0;

    /// <summary>SIGEV_NONE: expiry is silent.</summary>
    public const int NotifyNone = 1;

    /// <summary>SIGEV_THREAD: the C library's business; to the kernel a signal.</summary>
    public const int NotifyThread = 2;

    /// <summary>SIGEV_THREAD_ID: expiry is a signal to a thread.</summary>
    public const int NotifyThreadId = 4;

    /// <summary>The greatest count of overruns that timer_getoverrun(2) gives.</summary>
    public const int MostOverruns = int.MaxValue;
}

/// <summary>How an expiry or a completion is told (sigevent(3type)); 64 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
public struct SignalEvent
{
    /// <summary>Value that goes with the signal.</summary>
    public ulong Value;

    /// <summary>Which signal.</summary>
    public int Signal;

    /// <summary>SIGEV_*.</summary>
    public int Notify;

    /// <summary>The thread, for SIGEV_THREAD_ID.</summary>
    public int ThreadId;
}
