using System;
using System.Runtime.CompilerServices;
using System.Threading;

namespace CosmosKernel.Programs;

/// <summary>Exceptions that the processor raises, which reach .NET as signals, and ordinary ones, on several threads.</summary>
internal static class FaultScenario
{
    public static void Run()
    {
        int caught = 0;
        var threads = new Thread[4];
        for (int i = 0; i < threads.Length; i++)
        {
            threads[i] = new Thread(() =>
            {
                for (int round = 0; round < 50; round++)
                {
                    Interlocked.Add(ref caught, Catch<NullReferenceException>(() => Dereference(null)));
                    Interlocked.Add(ref caught, Catch<DivideByZeroException>(() => Divide(round, 0)));
                    Interlocked.Add(ref caught, Catch<FormatException>(() => _ = int.Parse("none", System.Globalization.CultureInfo.InvariantCulture)));
                }
            });
            threads[i].Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        Expect.Equal(4 * 50 * 3, Volatile.Read(ref caught), "exceptions that were caught");
    }

    private static int Catch<T>(Action action)
        where T : Exception
    {
        try
        {
            action();
            return 0;
        }
        catch (T)
        {
            return 1;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Dereference(string? text) => text!.Length;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Divide(int a, int b) => a / b;
}
