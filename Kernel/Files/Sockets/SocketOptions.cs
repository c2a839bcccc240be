using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Files.Sockets;

/// <summary>The options of one socket (socket(7)). Read and set in any context, each for itself.</summary>
[Atomic]
internal sealed class SocketOptions
{
    /// <summary>A timeout that never comes.</summary>
    public const long NoTimeout = -1;

    private int _sendBuffer = SocketSettings.SendDefault;
    private int _receiveBuffer = SocketSettings.ReceiveDefault;
    private int _flags;
    private int _lowWater = 1;
    private int _peekOffset = -1;
    private int _priority;
    private int _mark;
    private int _lingerSeconds;
    private long _sendTimeout = NoTimeout;
    private long _receiveTimeout = NoTimeout;
    private int _timestampOption;

    /// <summary>Bytes that may be in flight (SO_SNDBUF).</summary>
    public int SendBuffer
    {
        get => Volatile.Read(ref _sendBuffer);
        set => Volatile.Write(ref _sendBuffer, value);
    }

    /// <summary>SO_RCVBUF. Sockets of AF_UNIX have no use for it: the sender's buffer counts.</summary>
    public int ReceiveBuffer
    {
        get => Volatile.Read(ref _receiveBuffer);
        set => Volatile.Write(ref _receiveBuffer, value);
    }

    /// <summary>Bytes that a receive waits for (SO_RCVLOWAT), 1 and up.</summary>
    public int LowWater
    {
        get => Volatile.Read(ref _lowWater);
        set => Volatile.Write(ref _lowWater, value);
    }

    /// <summary>Where the next MSG_PEEK looks (SO_PEEK_OFF); negative: at the beginning.</summary>
    public int PeekOffset
    {
        get => Volatile.Read(ref _peekOffset);
        set => Volatile.Write(ref _peekOffset, value);
    }

    /// <summary>SO_PRIORITY.</summary>
    public int Priority
    {
        get => Volatile.Read(ref _priority);
        set => Volatile.Write(ref _priority, value);
    }

    /// <summary>SO_MARK.</summary>
    public int Mark
    {
        get => Volatile.Read(ref _mark);
        set => Volatile.Write(ref _mark, value);
    }

    /// <summary>The seconds of SO_LINGER; whether it is on is a flag.</summary>
    public int LingerSeconds
    {
        get => Volatile.Read(ref _lingerSeconds);
        set => Volatile.Write(ref _lingerSeconds, value);
    }

    /// <summary>SO_SNDTIMEO in nanoseconds, or <see cref="NoTimeout"/>.</summary>
    public long SendTimeout
    {
        get => Volatile.Read(ref _sendTimeout);
        set => Volatile.Write(ref _sendTimeout, value);
    }

    /// <summary>SO_RCVTIMEO in nanoseconds, or <see cref="NoTimeout"/>.</summary>
    public long ReceiveTimeout
    {
        get => Volatile.Read(ref _receiveTimeout);
        set => Volatile.Write(ref _receiveTimeout, value);
    }

    /// <summary>By which option the time of messages was asked for: SO_TIMESTAMP and its relatives; 0: it was not.</summary>
    public int TimestampOption
    {
        get => Volatile.Read(ref _timestampOption);
        set => Volatile.Write(ref _timestampOption, value);
    }

    /// <summary>An option that is on or off.</summary>
    /// <param name="option">Its number, below 64; the bits are kept by it.</param>
    public bool Has(int option) => (Volatile.Read(ref _flags) & Bit(option)) != 0;

    /// <summary>Turns an option on or off.</summary>
    public void Set(int option, bool isOn)
    {
        if (isOn)
        {
            Interlocked.Or(ref _flags, Bit(option));
        }
        else
        {
            Interlocked.And(ref _flags, ~Bit(option));
        }
    }

    /// <summary>When a wait that begins now ends.</summary>
    /// <param name="timeout">Nanoseconds, or <see cref="NoTimeout"/>.</param>
    public static ulong DeadlineOf(long timeout) => timeout == NoTimeout ? Scheduler.Never : Clock.MonotonicNanoseconds + (ulong)timeout;

    // The options that are kept so are below 32, or SO_PASSSEC, which gets the bit of SO_TYPE, which is none.
    private static int Bit(int option) => 1 << (option < 32 ? option : Abi.Sockets.SocketOption.Type);
}
