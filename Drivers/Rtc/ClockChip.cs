using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Drivers.Rtc;

/// <summary>
/// The MC146818 clock of a PC (Motorola data sheet MC146818A; IBM PC AT technical reference). Times are read and written as the chip keeps them: binary or BCD, 12 or 24 hours, with or without a century
/// register. Not synchronized; nothing allocates or throws. Waits are limited to 10 ms, and end at once with a chip that works.
/// </summary>
/// <param name="registers">The chip's.</param>
/// <param name="centuryIndex">Its century register as the FADT tells; 0 for none: then years 70 to 99 are 19xx.</param>
[Owned]
[NoAllocation]
internal sealed class ClockChip(CmosRegisters registers, byte centuryIndex)
{
    private const byte Seconds = 0x00;
    private const byte SecondsAlarm = 0x01;
    private const byte Minutes = 0x02;
    private const byte MinutesAlarm = 0x03;
    private const byte Hours = 0x04;
    private const byte HoursAlarm = 0x05;
    private const byte DayOfWeek = 0x06;
    private const byte Day = 0x07;
    private const byte Month = 0x08;
    private const byte Year = 0x09;
    private const byte StatusA = 0x0A;
    private const byte StatusB = 0x0B;
    private const byte StatusC = 0x0C;
    private const byte StatusD = 0x0D;

    private const byte UpdateInProgress = 0x80;
    private const byte RateMask = 0x0F;
    private const byte DividerMask = 0x70;
    private const byte NormalDivider = 0x20;
    private const byte DividerReset = 0x70;
    private const byte Set = 0x80;
    private const byte Binary = 0x04;
    private const byte Hours24 = 0x02;
    private const byte Afternoon = 0x80;
    private const byte AnyValue = 0xC0;
    private const byte PowerGood = 0x80;

    private const ulong UpdatePollNanoseconds = 100_000;
    private const int UpdatePolls = 100;
    private const int Readings = 10;

    /// <summary>The battery has kept the clock.</summary>
    public bool BatteryIsGood => (registers.Read(StatusD) & PowerGood) != 0;

    /// <summary>The values are binary, not BCD.</summary>
    public bool IsBinary => (registers.Read(StatusB) & Binary) != 0;

    /// <summary>Hours count to 24.</summary>
    public bool Is24Hour => (registers.Read(StatusB) & Hours24) != 0;

    /// <summary>The interrupts that are on.</summary>
    public RtcInterrupts Enabled => (RtcInterrupts)registers.Read(StatusB) & RtcInterrupts.All;

    /// <summary>Whether a clock is there: status D has its reserved bits 0, and its time can be read.</summary>
    public bool Detect() => (registers.Read(StatusD) & ~PowerGood & 0x3F) == 0 && TryRead(out _);

    /// <summary>Reads the time. A reading that falls into an update of the clock is wrong: two equal ones around the end of an update did not.</summary>
    /// <returns>False when the chip does not come to an end of its updates, changes all the time, or holds an impossible time.</returns>
    public bool TryRead(out RtcTime time)
    {
        time = default;
        RtcTime before = default;
        for (int i = 0; i < Readings; i++)
        {
            if (!WaitForUpdate() || !TryReadOnce(out RtcTime read))
            {
                return false;
            }

            if (i > 0 && read == before)
            {
                time = read;
                return time.IsValid;
            }

            before = read;
        }

        return false;
    }

    /// <summary>Sets the time: the chip's counters stand still meanwhile, and the second begins anew.</summary>
    /// <param name="time">A valid one; without a century register of the years 1970 to 2069.</param>
    /// <returns>False when the chip cannot hold the year or does not keep the time.</returns>
    public bool TryWrite(RtcTime time)
    {
        if (!time.IsValid || (centuryIndex == 0 && time.Year is < 1970 or > 2069))
        {
            return false;
        }

        byte statusB = registers.Read(StatusB);
        byte statusA = registers.Read(StatusA);
        registers.Write(StatusB, (byte)(statusB | Set));
        registers.Write(StatusA, (byte)(statusA | DividerReset));
        registers.Write(Year, Encode(time.Year % 100, statusB));
        registers.Write(Month, Encode(time.Month, statusB));
        registers.Write(Day, Encode(time.Day, statusB));
        registers.Write(DayOfWeek, Encode(time.DayOfWeek + 1, statusB));
        registers.Write(Hours, EncodeHour(time.Hour, statusB));
        registers.Write(Minutes, Encode(time.Minute, statusB));
        registers.Write(Seconds, Encode(time.Second, statusB));
        if (centuryIndex != 0)
        {
            registers.Write(centuryIndex, Encode(time.Year / 100, statusB));
        }

        bool kept = TryReadOnce(out RtcTime read) && read == time;
        registers.Write(StatusA, (byte)((statusA & ~DividerMask) | NormalDivider));
        registers.Write(StatusB, (byte)(statusB & ~Set));
        return kept;
    }

    /// <summary>Sets the time of day of the alarm. A value that is none, such as -1, means every hour, minute or second.</summary>
    public void WriteAlarm(int hour, int minute, int second)
    {
        byte statusB = registers.Read(StatusB);
        registers.Write(HoursAlarm, hour is >= 0 and <= 23 ? EncodeHour(hour, statusB) : AnyValue);
        registers.Write(MinutesAlarm, minute is >= 0 and <= 59 ? Encode(minute, statusB) : AnyValue);
        registers.Write(SecondsAlarm, second is >= 0 and <= 59 ? Encode(second, statusB) : AnyValue);
    }

    /// <summary>Reads the time of day of the alarm; -1 for what is every hour, minute or second, and for nonsense.</summary>
    public (int Hour, int Minute, int Second) ReadAlarm()
    {
        byte statusB = registers.Read(StatusB);
        return (DecodeHour(registers.Read(HoursAlarm), statusB), Decode(registers.Read(MinutesAlarm), statusB, 0, 59), Decode(registers.Read(SecondsAlarm), statusB, 0, 59));
    }

    /// <summary>Turns interrupts on and off.</summary>
    public void SetInterrupts(RtcInterrupts on)
    {
        byte statusB = registers.Read(StatusB);
        registers.Write(StatusB, (byte)((statusB & ~(byte)RtcInterrupts.All) | (byte)(on & RtcInterrupts.All)));
    }

    /// <summary>Why the chip interrupts; reading it takes the interrupt back.</summary>
    public RtcInterrupts TakeInterrupts() => (RtcInterrupts)registers.Read(StatusC) & RtcInterrupts.All;

    /// <summary>Sets how often the periodic interrupt comes.</summary>
    /// <param name="hertz">A power of two from 2 to 8192.</param>
    public void SetRate(int hertz)
    {
        byte select = (byte)(16 - System.Numerics.BitOperations.Log2((uint)hertz));
        registers.Write(StatusA, (byte)((registers.Read(StatusA) & ~RateMask) | select));
    }

    private bool WaitForUpdate()
    {
        for (int i = 0; i < UpdatePolls; i++)
        {
            if ((registers.Read(StatusA) & UpdateInProgress) == 0)
            {
                return true;
            }

            registers.Pause(UpdatePollNanoseconds);
        }

        return false;
    }

    private bool TryReadOnce(out RtcTime time)
    {
        byte statusB = registers.Read(StatusB);
        int second = Decode(registers.Read(Seconds), statusB, 0, 59);
        int minute = Decode(registers.Read(Minutes), statusB, 0, 59);
        int hour = DecodeHour(registers.Read(Hours), statusB);
        int day = Decode(registers.Read(Day), statusB, 1, 31);
        int month = Decode(registers.Read(Month), statusB, 1, 12);
        int year = Decode(registers.Read(Year), statusB, 0, 99);
        int century = centuryIndex == 0 ? (year >= 70 ? 19 : 20) : Decode(registers.Read(centuryIndex), statusB, 19, 21);
        time = new RtcTime((century * 100) + year, month, day, hour, minute, second);
        return (second | minute | hour | day | month | year | century) >= 0;
    }

    private static int Decode(byte value, byte statusB, int lowest, int highest)
    {
        int number = (statusB & Binary) != 0 ? value : (value & 0xF) > 9 || value > 0x99 ? -1 : ((value >> 4) * 10) + (value & 0xF);
        return number >= lowest && number <= highest ? number : -1;
    }

    private static int DecodeHour(byte value, byte statusB)
    {
        if ((statusB & Hours24) != 0)
        {
            return Decode(value, statusB, 0, 23);
        }

        int hour = Decode((byte)(value & ~Afternoon), statusB, 1, 12);
        return hour < 0 ? -1 : (hour % 12) + ((value & Afternoon) != 0 ? 12 : 0);
    }

    private static byte Encode(int number, byte statusB) => (byte)((statusB & Binary) != 0 ? number : ((number / 10) << 4) | (number % 10));

    private static byte EncodeHour(int hour, byte statusB)
    {
        if ((statusB & Hours24) != 0)
        {
            return Encode(hour, statusB);
        }

        int half = hour % 12 == 0 ? 12 : hour % 12;
        return (byte)(Encode(half, statusB) | (hour >= 12 ? Afternoon : 0));
    }
}
