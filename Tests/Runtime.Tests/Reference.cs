using System;
using System.Numerics;

namespace CosmosKernel.Runtime.Tests;

/// <summary>
/// Elementary functions to more than 120 bits, from their series and functional equations. The host's functions give
/// first guesses only, which one step of a cubically convergent iteration then makes exact enough.
/// </summary>
internal static class Reference
{
    /// <summary>The fraction bits of <see cref="PiFixed"/>.</summary>
    public const int PiBits = 1600;

    /// <summary>pi in units of 2^-1600 by Machin's formula, its last few bits inexact.</summary>
    public static BigInteger PiFixed { get; } = 4 * ((4 * InverseArcTangent(5)) - InverseArcTangent(239));

    /// <summary>ln 2.</summary>
    public static BigReal LnTwo { get; } = ComputeLnTwo();

    public static BigReal Exp(BigReal x)
    {
        // Far beyond a double's range the result's exponent must still fit.
        if (x.Magnitude > 20)
        {
            return BigReal.Scale(1, x.Sign * 1_000_000);
        }

        BigInteger k = (x / LnTwo).Round();
        BigReal r = BigReal.Scale(x - BigReal.Exact(k, 0) * LnTwo, -12);
        BigReal sum = 1;
        BigReal term = 1;
        for (int n = 1; n < 24; n++)
        {
            term = term * r / n;
            sum += term;
        }

        for (int i = 0; i < 12; i++)
        {
            sum *= sum;
        }

        return BigReal.Scale(sum, (int)k);
    }

    public static BigReal Log(BigReal x)
    {
        int exponent = x.Magnitude;
        BigReal m = BigReal.Scale(x, -exponent);
        if (m.ToDouble() > 1.5)
        {
            m = BigReal.Scale(m, -1);
            exponent++;
        }

        // The guess must be relatively good near one.
        BigReal excess = m - 1;
        double small = excess.ToDouble();
        BigReal guess = Math.Abs(small) < 1e-4 ? small - small * small / 2 + small * small * small / 3 : Math.Log(m.ToDouble());
        for (int i = 0; i < 2; i++)
        {
            BigReal power = Exp(guess);
            guess += BigReal.Scale((m - power) / (m + power), 1);
        }

        return guess + LnTwo * exponent;
    }

    public static BigReal Log2(BigReal x) => Log(x) / LnTwo;

    public static BigReal Log10(BigReal x) => Log(x) / Log(10);

    public static BigReal Sin(BigReal x) => SinCos(x).Sin;

    public static BigReal Cos(BigReal x) => SinCos(x).Cos;

    public static BigReal Tan(BigReal x)
    {
        (BigReal sin, BigReal cos) = SinCos(x);
        return sin / cos;
    }

    public static BigReal Atan2(BigReal y, BigReal x)
    {
        // Keep the guess away from a double's overflow and underflow.
        int shift = -Math.Max(x.IsZero ? int.MinValue / 2 : x.Magnitude, y.IsZero ? int.MinValue / 2 : y.Magnitude);
        y = BigReal.Scale(y, shift);
        x = BigReal.Scale(x, shift);
        BigReal guess = Math.Atan2(y.ToDouble(), x.ToDouble());
        (BigReal sin, BigReal cos) = SinCos(guess);
        BigReal t = (y * cos - x * sin) / (x * cos + y * sin);
        return guess + t - t * t * t / 3;
    }

    public static BigReal Atan(BigReal x) => Atan2(x, 1);

    public static BigReal Asin(BigReal x) => Atan2(x, BigReal.Sqrt((1 - x) * (1 + x)));

    public static BigReal Acos(BigReal x) => Atan2(BigReal.Sqrt((1 - x) * (1 + x)), x);

    public static BigReal Sinh(BigReal x) => BigReal.Scale(Exp(x) - Exp(-x), -1);

    public static BigReal Cosh(BigReal x) => BigReal.Scale(Exp(x) + Exp(-x), -1);

    public static BigReal Tanh(BigReal x)
    {
        BigReal square = Exp(BigReal.Scale(x, 1));
        return (square - 1) / (square + 1);
    }

    public static BigReal Asinh(BigReal x)
    {
        if (x.Sign < 0)
        {
            return -Asinh(-x);
        }

        // Below 2^-60 the logarithm's argument is too near one; the series' third term is below 2^-240.
        return x.IsZero || x.Magnitude < -60 ? x - x * x * x / 6 : Log(x + BigReal.Sqrt(x * x + 1));
    }

    public static BigReal Acosh(BigReal x) => Log(x + BigReal.Sqrt((x - 1) * (x + 1)));

    public static BigReal Atanh(BigReal x) => BigReal.Scale(Log((1 + x) / (1 - x)), -1);

    public static BigReal Pow(BigReal x, BigReal y) => Exp(y * Log(x));

    public static BigReal Cbrt(BigReal x)
    {
        if (x.Sign < 0)
        {
            return -Cbrt(-x);
        }

        int third = x.Magnitude / 3;
        BigReal m = BigReal.Scale(x, -3 * third);
        BigReal root = Math.Cbrt(m.ToDouble());
        for (int i = 0; i < 2; i++)
        {
            root -= (root * root * root - m) / (3 * root * root);
        }

        return BigReal.Scale(root, third);
    }

    private static (BigReal Sin, BigReal Cos) SinCos(BigReal x)
    {
        // Exact up to here: x is a double or short; the quadrant count may have a thousand bits.
        BigInteger numerator = x.Exponent >= 0 ? x.Mantissa << x.Exponent : x.Mantissa;
        int scale = x.Exponent >= 0 ? 0 : -x.Exponent;
        int bits = Math.Max(scale, PiBits);
        BigInteger angle = numerator << (bits - scale);
        BigInteger half = (PiFixed << (bits - PiBits)) >> 1;
        BigInteger quadrant = (angle + (half >> 1)) / half;
        if (((angle + (half >> 1)).Sign < 0) && !((angle + (half >> 1)) % half).IsZero)
        {
            quadrant--;
        }

        BigReal r = BigReal.Scale(BigReal.Exact(angle - quadrant * half, -bits) * 1, 0);
        BigReal square = -(r * r);
        BigReal sin = r;
        BigReal cos = 1;
        BigReal sinTerm = r;
        BigReal cosTerm = 1;
        for (int n = 1; n < 26; n++)
        {
            cosTerm = cosTerm * square / ((2 * n - 1) * (2 * n));
            sinTerm = sinTerm * square / ((2 * n) * (2 * n + 1));
            cos += cosTerm;
            sin += sinTerm;
        }

        return (int)(quadrant & 3) switch
        {
            0 => (sin, cos),
            1 => (cos, -sin),
            2 => (-sin, -cos),
            _ => (-cos, sin),
        };
    }

    private static BigInteger InverseArcTangent(int n)
    {
        BigInteger power = (BigInteger.One << PiBits) / n;
        BigInteger sum = power;
        for (int k = 1; !power.IsZero; k++)
        {
            power /= n * n;
            BigInteger term = power / (2 * k + 1);
            sum += (k & 1) == 0 ? term : -term;
        }

        return sum;
    }

    // ln 2 = sum of 1 / (n 2^n).
    private static BigReal ComputeLnTwo()
    {
        BigInteger sum = 0;
        BigInteger one = BigInteger.One << 1600;
        for (int n = 1; n < 1600; n++)
        {
            sum += (one >> n) / n;
        }

        return BigReal.Exact(sum, -1600);
    }
}
