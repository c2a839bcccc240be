using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace CosmosKernel.Programs;

/// <summary>Timers: none comes too early, all come, and periods go on.</summary>
internal static class TimerScenario
{
    public static async Task RunAsync()
    {
        // .NET's own clock, whose ticks come late on a busy machine (CLOCK_MONOTONIC_COARSE): a finer one would see delays end early.
        long[] left = await Task.WhenAll(Enumerable.Range(1, 200).Select(async i =>
        {
            int wait = i % 50;
            long start = Environment.TickCount64;
            await Task.Delay(wait);
            return wait - (Environment.TickCount64 - start);
        }));
        Expect.True(left.Max() <= 0, $"no delay ends early (one did by {left.Max()} ms)");

        using var periodic = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        for (int i = 0; i < 20; i++)
        {
            Expect.True(await periodic.WaitForNextTickAsync(), "the tick of a periodic timer");
        }

        int ticks = 0;
        using var twenty = new ManualResetEventSlim();
        using (var timer = new Timer(_ =>
        {
            if (Interlocked.Increment(ref ticks) == 20)
            {
                twenty.Set();
            }
        }))
        {
            timer.Change(1, 2);
            Expect.True(twenty.Wait(TimeSpan.FromSeconds(20)), "twenty ticks of a timer");
        }

        using var timeout = new CancellationTokenSource(TimeSpan.FromMilliseconds(10));
        Expect.True(timeout.Token.WaitHandle.WaitOne(TimeSpan.FromSeconds(20)), "a cancellation after a time");
    }
}
