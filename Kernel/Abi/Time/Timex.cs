using System.Runtime.InteropServices;

namespace CosmosKernel.Abi;

/// <summary>State of the clock's discipline (adjtimex(2)); 208 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Size = 208)]
public struct Timex
{
    /// <summary>Mode: correct an offset slowly (ADJ_OFFSET).</summary>
    public const uint ModeOffset = 0x0001;

    /// <summary>Mode: set the correction of the rate (ADJ_FREQUENCY).</summary>
    public const uint ModeFrequency = 0x0002;

    /// <summary>Mode: set the largest error (ADJ_MAXERROR).</summary>
    public const uint ModeMaximumError = 0x0004;

    /// <summary>Mode: set the estimated error (ADJ_ESTERROR).</summary>
    public const uint ModeEstimatedError = 0x0008;

    /// <summary>Mode: set the status (ADJ_STATUS).</summary>
    public const uint ModeStatus = 0x0010;

    /// <summary>Mode: set the time constant (ADJ_TIMECONST).</summary>
    public const uint ModeTimeConstant = 0x0020;

    /// <summary>Mode: set the offset of atomic time (ADJ_TAI).</summary>
    public const uint ModeTai = 0x0080;

    /// <summary>Mode: add to the time at once (ADJ_SETOFFSET).</summary>
    public const uint ModeSetOffset = 0x0100;

    /// <summary>Mode: microseconds from now on (ADJ_MICRO).</summary>
    public const uint ModeMicro = 0x1000;

    /// <summary>Mode: nanoseconds from now on (ADJ_NANO); with <see cref="ModeAdjust"/>: only read (ADJ_OFFSET_READONLY).</summary>
    public const uint ModeNano = 0x2000;

    /// <summary>Mode: set the microseconds between ticks (ADJ_TICK).</summary>
    public const uint ModeTick = 0x4000;

    /// <summary>Mode: this is adjtime(3) (ADJ_ADJTIME).</summary>
    public const uint ModeAdjust = 0x8000;

    /// <summary>State: the clock is synchronized (TIME_OK), what adjtimex(2) returns.</summary>
    public const int TimeOk = 0;

    /// <summary>Status: the phase-locked loop is on (STA_PLL).</summary>
    public const int StatusLoop = 0x0001;

    /// <summary>Status: the clock is out of order (STA_CLOCKERR).</summary>
    public const int StatusClockError = 0x1000;

    /// <summary>Status: times are in nanoseconds (STA_NANO).</summary>
    public const int StatusNano = 0x2000;

    /// <summary>Status: bits that nobody sets (STA_RONLY).</summary>
    public const int StatusReadOnly = 0xFF00;

    /// <summary>State: the clock is not synchronized (TIME_ERROR), what adjtimex(2) returns.</summary>
    public const int TimeError = 5;

    /// <summary>Status: not synchronized (STA_UNSYNC).</summary>
    public const int StatusUnsynchronized = 0x40;

    /// <summary>What to change; 0 only reads.</summary>
    public uint Modes;

    /// <summary>Offset that is being corrected.</summary>
    public long Offset;

    /// <summary>Correction of the rate, in 2^-16 parts a million.</summary>
    public long Frequency;

    /// <summary>Largest error in microseconds.</summary>
    public long MaximumError;

    /// <summary>Estimated error in microseconds.</summary>
    public long EstimatedError;

    /// <summary>Bits of STA_*.</summary>
    public int Status;

    /// <summary>Time constant of the loop.</summary>
    public long Constant;

    /// <summary>Precision in microseconds.</summary>
    public long Precision;

    /// <summary>Largest deviation of the rate.</summary>
    public long Tolerance;

    /// <summary>Now, in seconds and microseconds.</summary>
    public Timeval Time;

    /// <summary>Microseconds between ticks, at 100 ticks a second.</summary>
    public long Tick;
}
