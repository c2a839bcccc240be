using System.Runtime.InteropServices;

namespace CosmosKernel.Abi;

/// <summary>What was used: <c>struct rusage</c> (getrusage(2)), 144 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct ResourceUsage
{
    /// <summary>Of the calling process.</summary>
    public const int RUSAGE_SELF = 0;

    /// <summary>Of its children that ended and were waited for, and of theirs.</summary>
    public const int RUSAGE_CHILDREN = -1;

    /// <summary>Of the calling thread.</summary>
    public const int RUSAGE_THREAD = 1;

    /// <summary>Time in user mode.</summary>
    public Timeval UserTime;

    /// <summary>Time in the kernel.</summary>
    public Timeval SystemTime;

    /// <summary>Most resident memory, KiB.</summary>
    public long MaximumResident;

    private readonly long _sharedText;
    private readonly long _unsharedData;
    private readonly long _unsharedStack;

    /// <summary>Page faults that needed no input.</summary>
    public long MinorFaults;

    /// <summary>Page faults that did.</summary>
    public long MajorFaults;

    private readonly long _swaps;

    /// <summary>Blocks read.</summary>
    public long InputBlocks;

    /// <summary>Blocks written.</summary>
    public long OutputBlocks;

    private readonly long _messagesSent;
    private readonly long _messagesReceived;
    private readonly long _signals;

    /// <summary>Times the CPU was given away.</summary>
    public long VoluntarySwitches;

    /// <summary>Times the CPU was taken.</summary>
    public long InvoluntarySwitches;
}
