using System;

namespace CosmosKernel.Programs;

/// <summary>Checks of the scenarios: the program ends with an unhandled exception where one fails.</summary>
internal static class Expect
{
    public static void Equal<T>(T expected, T found, string what)
    {
        if (!Equals(expected, found))
        {
            throw new InvalidOperationException($"{what}: expected {expected}, found {found}");
        }
    }

    public static void True(bool condition, string what)
    {
        if (!condition)
        {
            throw new InvalidOperationException($"{what} does not hold");
        }
    }
}
