using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Machine.Time;

/// <summary>
/// The page from which programs read the clocks without a system call (vdso(7)): mapped into all of them, read-only, and written here whenever something of the clocks changes. The code that reads it is
/// <c>Kernel/Vdso/Vdso.xs</c>. A word that is odd while somebody writes makes a reader begin anew (a sequence lock whose readers are in user mode).
/// <para>
/// A clock's value is its base plus (TSC - origin) * factor / 2^32, in nanoseconds: the sum that <see cref="Clock"/> makes, so that both give the same for the same reading. Factor 0 makes the reader ask the kernel.
/// </para>
/// </summary>
public static unsafe class UserClockPage
{
    // Offsets in bytes; the same are in Vdso.xs.
    private const int Sequence = 0;
    private const int Origin = 8;
    private const int Timezone = 16;
    private const int Records = 64;
    private const int RecordBytes = 32;
    private const int Factor = 0;
    private const int Base = 8;
    private const int Resolution = 16;

    // Numbers of clock_gettime(2), which index the records.
    private const int Realtime = 0;
    private const int Monotonic = 1;
    private const int MonotonicRaw = 4;
    private const int RealtimeCoarse = 5;
    private const int MonotonicCoarse = 6;
    private const int BootTime = 7;
    private const int Tai = 11;

    private static IrqSpinLock s_lock = new(LockClass.UserClockPage);

    [Immutable]
    private static byte* s_page;

    [Atomic]
    private static ulong s_timezone;

    /// <summary>What gettimeofday(2) tells of the time zone: minutes west in the low half, the kind of correction in the high one. Any context but NMI.</summary>
    public static ulong TimezoneWord
    {
        get => Volatile.Read(ref s_timezone);
        set
        {
            Volatile.Write(ref s_timezone, value);
            Publish();
        }
    }

    /// <summary>From now on the page is kept up to date. At boot, once, before the first program.</summary>
    /// <param name="page">4096 cleared bytes that stay.</param>
    [BeforePublication]
    public static void Attach(void* page)
    {
        s_page = (byte*)page;
        Publish();
    }

    /// <summary>Writes the page anew from what the clocks are now: after each change of them. Any context but NMI. Does nothing before there is a page.</summary>
    public static void Publish()
    {
        byte* page = s_page;
        if (page == null)
        {
            return;
        }

        using (s_lock.Enter())
        {
            // The exchange is a full fence: nothing below is seen before the odd number. Who changes a clock while this is written publishes after us.
            ref uint sequence = ref *(uint*)(page + Sequence);
            Interlocked.Exchange(ref sequence, sequence + 1);
            *(ulong*)(page + Origin) = Clock.TscOrigin;
            *(ulong*)(page + Timezone) = TimezoneWord;
            ulong factor = Clock.TscFactor;
            long realtime = Clock.BootNanoseconds;
            Set(page, Realtime, factor, realtime);
            Set(page, RealtimeCoarse, factor, realtime);
            Set(page, Tai, factor, realtime);
            Set(page, Monotonic, factor, 0);
            Set(page, MonotonicRaw, factor, 0);
            Set(page, MonotonicCoarse, factor, 0);
            Set(page, BootTime, factor, 0);

            // Release: all of it is seen before the even number.
            Volatile.Write(ref sequence, sequence + 1);
        }
    }

    private static void Set(byte* page, int clock, ulong factor, long start)
    {
        byte* record = page + Records + (clock * RecordBytes);
        *(ulong*)(record + Factor) = factor;
        *(long*)(record + Base) = start;
        *(ulong*)(record + Resolution) = 1;
    }
}
