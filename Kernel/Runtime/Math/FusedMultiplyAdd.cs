using System;
using System.Numerics;
using System.Runtime;

namespace CosmosKernel.Runtime.FloatingPoint;

/// <summary>
/// x y + z with a single rounding, in integer arithmetic, for processors without the instruction.
/// Special cases are those of C99 Annex F.9.10.1. Callable in any context.
/// </summary>
internal static class FusedMultiplyAdd
{
    // Both operands are aligned with their leading bit here, which leaves a bit for the carry of their sum.
    private const int LeadingBit = 126;

    /// <summary>x y + z, rounded once.</summary>
    [RuntimeExport("fma")]
    public static double Fma(double x, double y, double z)
    {
        // Not finite, or a zero factor: the product is exact or special, and so is what plain arithmetic gives.
        if (IsNotFinite(x) || IsNotFinite(y) || x == 0 || y == 0)
        {
            return x * y + z;
        }

        if (IsNotFinite(z))
        {
            return z;
        }

        if (z == 0)
        {
            // The product is not zero, so its sign stays even where it underflows.
            return x * y == 0 ? x * y : x * y + z;
        }

        Normalize(x, out ulong mx, out int ex);
        Normalize(y, out ulong my, out int ey);
        Normalize(z, out ulong mz, out int ez);

        UInt128 product = (UInt128)mx * my;
        int productShift = LeadingBit - BitLength(product) + 1;
        product <<= productShift;
        int productExponent = ex + ey - productShift;
        bool productNegative = FloatFormat.IsNegative(x) != FloatFormat.IsNegative(y);

        UInt128 addend = (UInt128)mz << (LeadingBit - 52);
        int addendExponent = ez - (LeadingBit - 52);
        bool addendNegative = FloatFormat.IsNegative(z);

        // Bits shifted out are remembered in the last bit: where any are lost, the exponents differ by at least 20,
        // cancellation takes at most one leading bit, and the last bit is far below the rounding position.
        int exponent = productExponent > addendExponent ? productExponent : addendExponent;
        product = ShiftRightSticky(product, exponent - productExponent);
        addend = ShiftRightSticky(addend, exponent - addendExponent);

        bool negative;
        UInt128 sum;
        if (productNegative == addendNegative)
        {
            sum = product + addend;
            negative = productNegative;
        }
        else if (product == addend)
        {
            return 0;
        }
        else
        {
            negative = product > addend ? productNegative : addendNegative;
            sum = product > addend ? product - addend : addend - product;
        }

        return Assemble(sum, exponent, negative);
    }

    /// <summary>x y + z, rounded once.</summary>
    [RuntimeExport("fmaf")]
    public static float Fma(float x, float y, float z)
    {
        // The product of two 24-bit numbers is exact. Rounding the sum to odd, then to single, rounds once
        // (Boldo and Melquiond, IEEE Transactions on Computers 57, 2008).
        double product = (double)x * y;
        DoubleDouble sum = DoubleDouble.Sum(product, z);
        double high = sum.High;
        if (sum.Low != 0 && !IsNotFinite(high))
        {
            ulong bits = BitConverter.DoubleToUInt64Bits(high);
            if ((bits & 1) == 0)
            {
                bool awayFromZero = (sum.Low > 0) == (high > 0);
                high = BitConverter.UInt64BitsToDouble(awayFromZero ? bits + 1 : bits - 1);
            }
        }

        return (float)high;
    }

    private static bool IsNotFinite(double x) => FloatFormat.ExponentField(x) == FloatFormat.ExponentFieldOfInfinity;

    // |x| = mantissa * 2^exponent with bit 52 of the mantissa set, subnormals included.
    private static void Normalize(double x, out ulong mantissa, out int exponent)
    {
        ulong bits = BitConverter.DoubleToUInt64Bits(x) & ~FloatFormat.SignMask;
        int field = (int)(bits >> 52);
        if (field != 0)
        {
            mantissa = (bits & FloatFormat.FractionMask) | (1UL << 52);
            exponent = field - 1075;
            return;
        }

        int shift = BitOperations.LeadingZeroCount(bits) - 11;
        mantissa = bits << shift;
        exponent = -1074 - shift;
    }

    private static int BitLength(UInt128 value)
    {
        ulong upper = (ulong)(value >> 64);
        return upper != 0
            ? 128 - BitOperations.LeadingZeroCount(upper)
            : 64 - BitOperations.LeadingZeroCount((ulong)value);
    }

    private static UInt128 ShiftRightSticky(UInt128 value, int count)
    {
        if (count == 0 || value == 0)
        {
            return value;
        }

        if (count > 127)
        {
            return 1;
        }

        UInt128 shifted = value >> count;
        return shifted << count == value ? shifted : shifted | 1;
    }

    // The double nearest to value * 2^exponent, ties to even, value not zero.
    private static double Assemble(UInt128 value, int exponent, bool negative)
    {
        int length = BitLength(value);

        // The last place of the result: 53 bits from the top, or the subnormals' fixed place.
        int place = exponent + length - 53;
        if (place < -1074)
        {
            place = -1074;
        }

        int drop = place - exponent;
        ulong mantissa;
        if (drop <= 0)
        {
            mantissa = (ulong)(value << -drop);
        }
        else
        {
            if (drop > 100)
            {
                value = ShiftRightSticky(value, drop - 100);
                drop = 100;
            }

            mantissa = (ulong)(value >> drop);
            UInt128 half = UInt128.One << (drop - 1);
            UInt128 rest = value & ((half << 1) - 1);
            if (rest > half || (rest == half && (mantissa & 1) != 0))
            {
                mantissa++;
            }
        }

        ulong bits;
        if (place == -1074)
        {
            // A carry into bit 52 is the smallest normal number's exponent field: the sum is already the encoding.
            bits = mantissa;
        }
        else
        {
            if (mantissa == 1UL << 53)
            {
                mantissa >>= 1;
                place++;
            }

            int field = place + 1075;
            bits = field >= FloatFormat.ExponentFieldOfInfinity
                ? (ulong)FloatFormat.ExponentFieldOfInfinity << 52
                : ((ulong)field << 52) | (mantissa & FloatFormat.FractionMask);
        }

        return BitConverter.UInt64BitsToDouble(negative ? bits | FloatFormat.SignMask : bits);
    }
}
