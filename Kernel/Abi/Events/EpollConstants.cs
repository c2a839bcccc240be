using System.Runtime.InteropServices;

namespace CosmosKernel.Abi;

/// <summary>Numbers of epoll (epoll_ctl(2)), eventfd(2) and signalfd(2).</summary>
public static class EventConstants
{
    /// <summary>EPOLL_CTL_ADD.</summary>
    public const int EpollAdd = 1;

    /// <summary>EPOLL_CTL_DEL.</summary>
    public const int EpollDelete = 2;

    /// <summary>EPOLL_CTL_MOD.</summary>
    public const int EpollModify = 3;

    /// <summary>EPOLLEXCLUSIVE: of several epolls that watch a file, one is woken.</summary>
    public const uint EpollExclusive = 1u << 28;

    /// <summary>EPOLLWAKEUP: keeps the machine from suspending.</summary>
    public const uint EpollWakeUp = 1u << 29;

    /// <summary>EPOLLONESHOT: one event, then none until it is modified.</summary>
    public const uint EpollOneShot = 1u << 30;

    /// <summary>EPOLLET: an event when something happened, not as long as it lasts.</summary>
    public const uint EpollEdge = 1u << 31;

    /// <summary>EFD_SEMAPHORE: a read takes 1.</summary>
    public const int EventSemaphore = 1;

    /// <summary>Bytes of struct signalfd_siginfo.</summary>
    public const int SignalInfoBytes = 128;
}

/// <summary>An event and the user's word for it (epoll_event); packed, 12 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct EpollEvent(uint Events, ulong Data);
