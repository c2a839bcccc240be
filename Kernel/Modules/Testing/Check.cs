using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace CosmosKernel.Modules.Testing;

/// <summary>Assertions for in-kernel tests. Task context: a failure is an exception whose message says what was expected and found.</summary>
public static class Check
{
    /// <summary>Fails unless the values are equal.</summary>
    public static void Equal<T>(T expected, T actual, [CallerArgumentExpression(nameof(actual))] string what = "")
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
        {
            throw new CheckFailedException($"{what}: expected {Show(expected)}, found {Show(actual)}");
        }
    }

    /// <summary>Fails unless the sequences have the same elements in the same order.</summary>
    public static void SequenceEqual<T>(ReadOnlySpan<T> expected, ReadOnlySpan<T> actual, [CallerArgumentExpression(nameof(actual))] string what = "")
    {
        if (!expected.SequenceEqual(actual, EqualityComparer<T>.Default))
        {
            throw new CheckFailedException($"{what}: expected [{Join(expected)}], found [{Join(actual)}]");
        }
    }

    /// <summary>Fails unless the condition holds.</summary>
    public static void True([DoesNotReturnIf(false)] bool condition, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        if (!condition)
        {
            throw new CheckFailedException($"not true: {what}");
        }
    }

    /// <summary>Fails if the condition holds.</summary>
    public static void False([DoesNotReturnIf(true)] bool condition, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        if (condition)
        {
            throw new CheckFailedException($"not false: {what}");
        }
    }

    /// <summary>Fails unless lowest &lt;= actual &lt;= highest.</summary>
    public static void InRange<T>(T lowest, T highest, T actual, [CallerArgumentExpression(nameof(actual))] string what = "")
        where T : IComparable<T>
    {
        if (actual.CompareTo(lowest) < 0 || actual.CompareTo(highest) > 0)
        {
            throw new CheckFailedException($"{what}: expected {Show(lowest)} to {Show(highest)}, found {Show(actual)}");
        }
    }

    /// <summary>Fails unless the action throws exactly this type; returns the exception.</summary>
    public static TException Throws<TException>(Action action)
        where TException : Exception
    {
        try
        {
            action();
        }
        catch (Exception thrown) when (thrown.GetType() == typeof(TException))
        {
            return (TException)thrown;
        }
        catch (Exception other)
        {
            throw new CheckFailedException($"expected {typeof(TException).Name}, found {other}");
        }

        throw new CheckFailedException($"expected {typeof(TException).Name}, and nothing was thrown");
    }

    /// <summary>Fails.</summary>
    [DoesNotReturn]
    public static void Fail(string message) => throw new CheckFailedException(message);

    /// <summary>Ends the test as one that this machine cannot run.</summary>
    [DoesNotReturn]
    public static void Skip(string reason) => throw new TestSkippedException(reason);

    private static string Show<T>(T value) => value switch
    {
        null => "null",
        string text => $"\"{text}\"",
        _ => value.ToString() ?? "",
    };

    private static string Join<T>(ReadOnlySpan<T> values)
    {
        var parts = new List<string>();
        foreach (T value in values)
        {
            if (parts.Count == 32)
            {
                parts.Add("...");
                break;
            }

            parts.Add(Show(value));
        }

        return string.Join(", ", parts);
    }
}
