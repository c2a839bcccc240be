using System;
using System.Runtime;

namespace CosmosKernel.Runtime.FloatingPoint;

/// <summary>
/// Natural, binary and decimal logarithms by Tang's table method (ACM TOMS 16, 1990): x = 2^k m, a reciprocal c of few
/// bits with m c near one, and ln x = k ln2 - ln c + ln(1 + (m c - 1)), where m c - 1 is exact.
/// Special cases are those of C99 Annex F.9.3.7 to F.9.3.10. Callable in any context.
/// </summary>
internal static class Logarithm
{
    // ln 2; the first part has 41 bits, so that its product with an exponent is exact.
    private const double LnTwoHigh = 0.693147180559663;
    private const double LnTwoLow = 2.8235290563031577e-13;

    private static DoubleDouble InverseLnTwo => new(1.4426950408889634, 2.0355273740931033e-17);

    private static DoubleDouble InverseLnTen => new(0.4342944819032518, 1.098319650216765e-17);

    /// <summary>ln 2 to 106 bits.</summary>
    public static DoubleDouble LnTwo => new(0.6931471805599453, 2.3190468138462996e-17);

    /// <summary>The natural logarithm; -infinity for zeros, NaN for negative arguments.</summary>
    [RuntimeExport("log")]
    public static double Log(double x) => IsSpecial(x, out double special) ? special : Natural(x).Value;

    /// <summary>The natural logarithm; -infinity for zeros, NaN for negative arguments.</summary>
    [RuntimeExport("logf")]
    public static float Log(float x) => (float)Log((double)x);

    /// <summary>The binary logarithm, exact for powers of two; -infinity for zeros, NaN for negative arguments.</summary>
    [RuntimeExport("log2")]
    public static double Log2(double x)
    {
        if (IsSpecial(x, out double special))
        {
            return special;
        }

        DoubleDouble mantissa = OfMantissa(x, out int exponent);
        return (mantissa * InverseLnTwo + exponent).Value;
    }

    /// <summary>The binary logarithm, exact for powers of two; -infinity for zeros, NaN for negative arguments.</summary>
    [RuntimeExport("log2f")]
    public static float Log2(float x) => (float)Log2((double)x);

    /// <summary>The decimal logarithm, exact for powers of ten; -infinity for zeros, NaN for negative arguments.</summary>
    [RuntimeExport("log10")]
    public static double Log10(double x) =>
        IsSpecial(x, out double special) ? special : (Natural(x) * InverseLnTen).Value;

    /// <summary>The decimal logarithm, exact for powers of ten; -infinity for zeros, NaN for negative arguments.</summary>
    [RuntimeExport("log10f")]
    public static float Log10(float x) => (float)Log10((double)x);

    /// <summary>ln x of a positive finite x, with a relative error below 2^-67.</summary>
    public static DoubleDouble Natural(double x)
    {
        DoubleDouble mantissa = OfMantissa(x, out int exponent);
        if (exponent == 0)
        {
            return mantissa;
        }

        DoubleDouble sum = DoubleDouble.OrderedSum(exponent * LnTwoHigh, mantissa.High);
        return DoubleDouble.OrderedSum(sum.High, sum.Low + (exponent * LnTwoLow + mantissa.Low));
    }

    /// <summary>
    /// ln x of a positive double-double, with an error below 2^-67 of the result plus 2^-104.
    /// </summary>
    public static DoubleDouble Natural(DoubleDouble x) => Natural(x.High) + x.Low / x.High;

    // ln m, where x = m 2^exponent and m lies between the square roots of 1/2 and 2.
    private static DoubleDouble OfMantissa(double x, out int exponent)
    {
        exponent = FloatFormat.Exponent(x);
        double m = FloatFormat.Scale(x, -exponent);
        if (m > 1.4142135623730951)
        {
            m *= 0.5;
            exponent++;
        }

        int entry = 3 * (Conversions.Truncate(m * 128 + 0.5) - LogarithmTable.First);
        double c = LogarithmTable.Triples[entry];

        // c has ten bits: both partial products and the subtraction are exact.
        double upper = BitConverter.UInt64BitsToDouble(BitConverter.DoubleToUInt64Bits(m) & ~((1UL << 27) - 1));
        DoubleDouble r = DoubleDouble.Sum(upper * c - 1, (m - upper) * c);
        double h = r.High;

        // ln(1+r) = r - r^2/2 + r^3 (1/3 - r/4 + ...); the first omitted term is below 2^-72 of the result.
        DoubleDouble square = DoubleDouble.Product(h, h);
        DoubleDouble sum = DoubleDouble.OrderedSum(h, -0.5 * square.High);
        double cubic = 1.0 / 3 + h * (-1.0 / 4 + h * (1.0 / 5 + h * (-1.0 / 6
            + h * (1.0 / 7 + h * (-1.0 / 8 + h * (1.0 / 9 + h * (-1.0 / 10)))))));
        double low = sum.Low + ((r.Low - 0.5 * square.Low - h * r.Low) + h * square.High * cubic);

        if (c == 1)
        {
            return DoubleDouble.OrderedSum(sum.High, low);
        }

        DoubleDouble total = DoubleDouble.OrderedSum(LogarithmTable.Triples[entry + 1], sum.High);
        return DoubleDouble.OrderedSum(total.High, total.Low + (low + LogarithmTable.Triples[entry + 2]));
    }

    private static bool IsSpecial(double x, out double result)
    {
        if (x > 0 && x < double.PositiveInfinity)
        {
            result = 0;
            return false;
        }

        result = x == 0 ? double.NegativeInfinity : x < 0 ? double.NaN : x;
        return true;
    }
}
