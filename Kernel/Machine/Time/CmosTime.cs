namespace CosmosKernel.Machine.Time;

/// <summary>The registers of the CMOS clock as read, and their meaning (Motorola MC146818A data sheet; ACPI 6.5, section 4.8.2.4).</summary>
internal struct CmosTime
{
    /// <summary>Register 0x00.</summary>
    internal byte Second;

    /// <summary>Register 0x02.</summary>
    internal byte Minute;

    /// <summary>Register 0x04; bit 7 is "afternoon" in 12-hour mode.</summary>
    internal byte Hour;

    /// <summary>Register 0x07, day of the month.</summary>
    internal byte Day;

    /// <summary>Register 0x08.</summary>
    internal byte Month;

    /// <summary>Register 0x09, the year's last two digits.</summary>
    internal byte Year;

    /// <summary>The register that the FADT names, or 0.</summary>
    internal byte Century;

    /// <summary>Register 0x0B: bit 1 set for 24-hour mode, bit 2 for binary values.</summary>
    internal byte StatusB;

    private const byte Is24Hour = 1 << 1;
    private const byte IsBinary = 1 << 2;
    private const byte Afternoon = 0x80;
    private const int EpochYear = 1970;
    private const long SecondsPerDay = 86_400;

    /// <summary>
    /// Seconds since 1970-01-01 00:00:00, taking the clock's time as UTC. False if a register holds an impossible value or the year is before 1970.
    /// Without a century register (<see cref="Century"/> 0) years 70 to 99 are 19xx, and 00 to 69 20xx.
    /// </summary>
    internal readonly bool TryToUnixSeconds(out long seconds)
    {
        seconds = 0;
        if (!TryDecode(Second, 0, 59, out int second)
            || !TryDecode(Minute, 0, 59, out int minute)
            || !TryDecodeHour(out int hour)
            || !TryDecode(Day, 1, 31, out int day)
            || !TryDecode(Month, 1, 12, out int month)
            || !TryDecodeYear(out int year)
            || day > DaysInMonth(year, month))
        {
            return false;
        }

        seconds = (DaysSinceEpoch(year, month, day) * SecondsPerDay) + (hour * 3600) + (minute * 60) + second;
        return true;
    }

    /// <summary>Whether two readings are the same: one reading may fall into an update of the clock, two equal ones did not.</summary>
    internal readonly bool Same(in CmosTime other)
    {
        return Second == other.Second && Minute == other.Minute && Hour == other.Hour && Day == other.Day && Month == other.Month
            && Year == other.Year && Century == other.Century && StatusB == other.StatusB;
    }

    private readonly bool TryDecodeYear(out int year)
    {
        if (!TryDecode(Year, 0, 99, out year))
        {
            return false;
        }

        if (Century == 0)
        {
            year += year >= EpochYear % 100 ? 1900 : 2000;
            return true;
        }

        bool valid = TryDecode(Century, 19, 99, out int century);
        year += century * 100;
        return valid && year >= EpochYear;
    }

    private readonly bool TryDecodeHour(out int hour)
    {
        if ((StatusB & Is24Hour) != 0)
        {
            return TryDecode(Hour, 0, 23, out hour);
        }

        bool valid = TryDecode((byte)(Hour & ~Afternoon), 1, 12, out hour);
        hour = (hour % 12) + ((Hour & Afternoon) != 0 ? 12 : 0);
        return valid;
    }

    private readonly bool TryDecode(byte register, int lowest, int highest, out int value)
    {
        value = register;
        if ((StatusB & IsBinary) == 0)
        {
            value = ((register >> 4) * 10) + (register & 0xF);
            if ((register & 0xF) > 9 || register >> 4 > 9)
            {
                return false;
            }
        }

        return value >= lowest && value <= highest;
    }

    private static bool IsLeapYear(int year)
    {
        return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    }

    private static int DaysInMonth(int year, int month)
    {
        return month switch
        {
            2 => IsLeapYear(year) ? 29 : 28,
            4 or 6 or 9 or 11 => 30,
            _ => 31,
        };
    }

    private static long DaysSinceEpoch(int year, int month, int day)
    {
        long days = 0;
        for (int y = EpochYear; y < year; y++)
        {
            days += IsLeapYear(y) ? 366 : 365;
        }

        for (int m = 1; m < month; m++)
        {
            days += DaysInMonth(year, m);
        }

        return days + day - 1;
    }
}
