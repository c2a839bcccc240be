using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CosmosKernel.Runtime.FloatingPoint;

/// <summary>
/// Conversions from floating point to integers that the compiler calls for C# casts: towards zero, out-of-range values
/// to the nearest limit, NaN to 0 (.NET 9 and later). Written with the processor's instructions, since a cast here would call itself.
/// Callable in any context.
/// </summary>
internal static class Conversions
{
    private const double TwoTo31 = 2147483648.0;
    private const double TwoTo32 = 4294967296.0;
    private const double TwoTo63 = 9223372036854775808.0;
    private const double TwoTo64 = 18446744073709551616.0;

    /// <summary>The C# conversion from double to int.</summary>
    [RuntimeExport("RhpDbl2Int")]
    public static int ToInt32(double x) =>
        x >= TwoTo31 ? int.MaxValue
        : x > -TwoTo31 ? Truncate(x)
        : double.IsNaN(x) ? 0 : int.MinValue;

    /// <summary>The C# conversion from double to uint.</summary>
    [RuntimeExport("RhpDbl2UInt")]
    public static uint ToUInt32(double x) =>
        x >= TwoTo32 ? uint.MaxValue : x > 0 ? (uint)TruncateLong(x) : 0;

    /// <summary>The C# conversion from double to long.</summary>
    [RuntimeExport("RhpDbl2Lng")]
    public static long ToInt64(double x) =>
        x >= TwoTo63 ? long.MaxValue
        : x > -TwoTo63 ? TruncateLong(x)
        : double.IsNaN(x) ? 0 : long.MinValue;

    /// <summary>The C# conversion from double to ulong.</summary>
    [RuntimeExport("RhpDbl2ULng")]
    public static ulong ToUInt64(double x) =>
        x >= TwoTo64 ? ulong.MaxValue
        : x >= TwoTo63 ? (ulong)TruncateLong(x - TwoTo63) + (1UL << 63)
        : x > 0 ? (ulong)TruncateLong(x) : 0;

    /// <summary>The integer part of a value that an int can hold.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Truncate(double x) => Sse2.ConvertToInt32WithTruncation(Vector128.CreateScalarUnsafe(x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long TruncateLong(double x) => Sse2.X64.ConvertToInt64WithTruncation(Vector128.CreateScalarUnsafe(x));
}
