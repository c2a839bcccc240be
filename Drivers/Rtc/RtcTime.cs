using System;

namespace CosmosKernel.Drivers.Rtc;

/// <summary>A moment as a clock shows it, without time zone.</summary>
/// <param name="Year">1970 to 2199.</param>
/// <param name="Month">1 to 12.</param>
/// <param name="Day">1 to 31.</param>
/// <param name="Hour">0 to 23.</param>
/// <param name="Minute">0 to 59.</param>
/// <param name="Second">0 to 59.</param>
internal readonly record struct RtcTime(int Year, int Month, int Day, int Hour, int Minute, int Second)
{
    /// <summary>There is such a moment, and a clock chip with a century can hold it.</summary>
    public bool IsValid => Year is >= 1970 and <= 2199 && Month is >= 1 and <= 12 && Day >= 1 && Day <= DaysInMonth(Year, Month) && Hour is >= 0 and <= 23 && Minute is >= 0 and <= 59 && Second is >= 0 and <= 59;

    /// <summary>Days from Sunday, 0 to 6.</summary>
    public int DayOfWeek => (int)((DaysSinceEpoch() + 4) % 7);

    /// <summary>Days from the first of January, 0 to 365.</summary>
    public int DayOfYear => (int)(DaysSinceEpoch() - new RtcTime(Year, 1, 1, 0, 0, 0).DaysSinceEpoch());

    /// <summary>Seconds since 1970-01-01 00:00:00.</summary>
    public long Seconds => (DaysSinceEpoch() * 86_400) + (Hour * 3600) + (Minute * 60) + Second;

    /// <summary>The moment so many seconds after 1970-01-01 00:00:00; 0 and up, before the year 2200.</summary>
    public static RtcTime FromSeconds(long seconds)
    {
        // Civil calendar by counting from 1 March of year 0, when leap days come last (Richards, "Mapping Time", 1998).
        long days = Math.DivRem(seconds, 86_400, out long rest) + 719_468;
        long era = days / 146_097;
        long day = days - (era * 146_097);
        long year = (day - (day / 1460) + (day / 36_524) - (day / 146_096)) / 365;
        long dayOfYear = day - ((365 * year) + (year / 4) - (year / 100));
        long month = ((5 * dayOfYear) + 2) / 153;
        int dayOfMonth = (int)(dayOfYear - (((153 * month) + 2) / 5) + 1);
        int civilMonth = (int)(month < 10 ? month + 3 : month - 9);
        return new RtcTime((int)(year + (era * 400) + (civilMonth <= 2 ? 1 : 0)), civilMonth, dayOfMonth, (int)(rest / 3600), (int)(rest / 60 % 60), (int)(rest % 60));
    }

    /// <summary>Days of a month.</summary>
    public static int DaysInMonth(int year, int month) => month switch
    {
        2 => year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28,
        4 or 6 or 9 or 11 => 30,
        _ => 31,
    };

    private long DaysSinceEpoch()
    {
        long year = Month <= 2 ? Year - 1 : Year;
        long era = year / 400;
        long yearOfEra = year - (era * 400);
        long dayOfYear = (((153 * (Month > 2 ? Month - 3 : Month + 9)) + 2) / 5) + Day - 1;
        return (era * 146_097) + (yearOfEra * 365) + (yearOfEra / 4) - (yearOfEra / 100) + dayOfYear - 719_468;
    }
}
