using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Runtime.Versioning;

[assembly: SupportedOSPlatform("linux")]

namespace CosmosKernel.Tests.SystemIo;

/// <summary>What the scenarios say about results; it knows neither the kernel's tests nor the host's.</summary>
internal static class Expect
{
    public static void True(bool condition, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        if (!condition)
        {
            throw new InvalidOperationException($"expected: {what}");
        }
    }

    public static void Equal<T>(T expected, T actual, [CallerArgumentExpression(nameof(actual))] string what = "")
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
        {
            throw new InvalidOperationException($"{what}: expected {expected}, got {actual}");
        }
    }

    /// <summary>Both have the same texts in the same order.</summary>
    public static void Same(IEnumerable<string?> expected, IEnumerable<string?> actual, [CallerArgumentExpression(nameof(actual))] string what = "") =>
        Equal(string.Join('|', expected), string.Join('|', actual), what);

    /// <summary>The action throws exactly this exception.</summary>
    public static TException Throws<TException>(Action action, [CallerArgumentExpression(nameof(action))] string what = "")
        where TException : Exception
    {
        try
        {
            action();
        }
        catch (Exception thrown)
        {
            if (thrown.GetType() == typeof(TException))
            {
                return (TException)thrown;
            }

            throw new InvalidOperationException($"{what}: expected {typeof(TException).Name}, got {thrown.GetType().Name}: {thrown.Message}", thrown);
        }

        throw new InvalidOperationException($"{what}: expected {typeof(TException).Name}, nothing was thrown");
    }
}
