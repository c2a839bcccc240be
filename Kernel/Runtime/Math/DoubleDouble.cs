using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CosmosKernel.Runtime.FloatingPoint;

/// <summary>
/// The unevaluated sum of two doubles, |Low| at most half a unit in the last place of High: about 106 significant bits.
/// Every elementary function ends in one of these and rounds once. The error-free transformations are those of
/// Dekker (1971) and Knuth (The Art of Computer Programming, volume 2, section 4.2.2); the error bounds of the sums and
/// products are those of Joldes, Muller and Popescu (ACM TOMS 44, 2017). Callable in any context; arguments are
/// expected between 2^-480 and 2^960 in magnitude, or zero, so that neither partial product overflows nor underflows.
/// </summary>
/// <param name="high">The leading part.</param>
/// <param name="low">The trailing part.</param>
internal readonly struct DoubleDouble(double high, double low)
{
    /// <summary>The sum's nearest double.</summary>
    public readonly double High = high;

    /// <summary>What is missing from <see cref="High"/>.</summary>
    public readonly double Low = low;

    /// <summary>The value rounded to a double.</summary>
    public double Value => High + Low;

    /// <summary>The exact sum of any two doubles.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleDouble Sum(double a, double b)
    {
        double s = a + b;
        double t = s - a;
        return new(s, (a - (s - t)) + (b - t));
    }

    /// <summary>The exact sum of two doubles of which the first is zero or not the smaller in magnitude.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleDouble OrderedSum(double a, double b)
    {
        double s = a + b;
        return new(s, b - (s - a));
    }

    /// <summary>The exact product of two doubles.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleDouble Product(double a, double b)
    {
        double p = a * b;
        double ah = UpperHalf(a);
        double bh = UpperHalf(b);
        double al = a - ah;
        double bl = b - bh;
        return new(p, ((ah * bh - p) + ah * bl + al * bh) + al * bl);
    }

    /// <summary>The sum, with a relative error below 2^-104.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleDouble operator +(DoubleDouble a, DoubleDouble b)
    {
        DoubleDouble s = Sum(a.High, b.High);
        DoubleDouble t = Sum(a.Low, b.Low);
        DoubleDouble v = OrderedSum(s.High, s.Low + t.High);
        return OrderedSum(v.High, t.Low + v.Low);
    }

    /// <summary>The sum, with a relative error below 2^-104.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleDouble operator +(DoubleDouble a, double b)
    {
        DoubleDouble s = Sum(a.High, b);
        return OrderedSum(s.High, s.Low + a.Low);
    }

    /// <summary>The difference, with a relative error below 2^-104.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleDouble operator -(DoubleDouble a, DoubleDouble b) => a + -b;

    /// <summary>The exact negation.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleDouble operator -(DoubleDouble a) => new(-a.High, -a.Low);

    /// <summary>The product, with a relative error below 2^-102.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleDouble operator *(DoubleDouble a, DoubleDouble b)
    {
        DoubleDouble p = Product(a.High, b.High);
        return OrderedSum(p.High, p.Low + (a.High * b.Low + a.Low * b.High));
    }

    /// <summary>The product, with a relative error below 2^-103.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleDouble operator *(DoubleDouble a, double b)
    {
        DoubleDouble p = Product(a.High, b);
        return OrderedSum(p.High, p.Low + a.Low * b);
    }

    /// <summary>The quotient, with a relative error below 2^-100.</summary>
    public static DoubleDouble operator /(DoubleDouble a, DoubleDouble b)
    {
        double q = a.High / b.High;
        DoubleDouble remainder = a - b * q;
        return OrderedSum(q, remainder.High / b.High);
    }

    /// <summary>The square root of a value that is not negative, with a relative error below 2^-100.</summary>
    public static DoubleDouble Sqrt(DoubleDouble a)
    {
        if (a.High == 0)
        {
            return a;
        }

        double root = HardwareSqrt(a.High);
        DoubleDouble remainder = a - Product(root, root);
        return OrderedSum(root, remainder.High / (2 * root));
    }

    /// <summary>
    /// The processor's square root instruction. Never <c>System.Math.Sqrt</c>: where that is not expanded in line, it
    /// is a call to the function that this library exports.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double HardwareSqrt(double x) => Sse2.SqrtScalar(Vector128.CreateScalarUnsafe(x)).ToScalar();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double UpperHalf(double a)
    {
        double c = a * 134217729.0;
        return c - (c - a);
    }
}
