using System;
using System.Linq;
using System.Threading.Tasks;
using Xunit;

namespace CosmosKernel.Tasks.Tests;

/// <summary>
/// The stand-ins for <c>Interlocked</c> on the host's own threads, which the tests of the queues use: with a sum or an exchange that another thread may come in the middle of,
/// correct queues lose and double elements.
/// </summary>
public class SharedMemoryTests
{
    private const int Threads = 4;
    private const int Rounds = 200_000;

    [Fact]
    public void NoIncrementAdditionOrDecrementIsLost()
    {
        long sum = 0;
        OnThreads(_ =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                Interlocked.Increment(ref sum);
                Interlocked.Add(ref sum, 5);
                Interlocked.Decrement(ref sum);
            }
        });
        Assert.Equal(5L * Threads * Rounds, sum);
    }

    [Fact]
    public void EachExchangeAndEachSuccessfulComparisonTakesWhatOneOtherPut()
    {
        // Who puts v takes what was there: each value is taken once, the last one left.
        long last = 0;
        long position = 0;
        long[] taken = new long[Threads];
        long[] won = new long[Threads];
        OnThreads(me =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                taken[me] += Interlocked.Exchange(ref last, ((long)me * Rounds) + i);
                long before = Volatile.Read(ref position);
                won[me] += Interlocked.CompareExchange(ref position, before + 1, before) == before ? 1 : 0;
            }
        });
        long all = (long)Threads * Rounds;
        Assert.Equal(all * (all - 1) / 2, taken.Sum() + last);
        Assert.Equal(won.Sum(), position);
    }

    [Fact]
    public void NoBitOfAnotherThreadIsLost()
    {
        ulong word = 0;
        long wrong = 0;
        OnThreads(me =>
        {
            ulong bit = 1ul << me;
            for (int i = 0; i < Rounds; i++)
            {
                bool wasClear = (Interlocked.Or(ref word, bit) & bit) == 0;
                bool wasSet = (Interlocked.And(ref word, ~bit) & bit) != 0;
                if (!wasClear || !wasSet)
                {
                    Interlocked.Increment(ref wrong);
                }
            }
        });
        Assert.Equal(0L, wrong);
        Assert.Equal(0ul, word);
    }

    private static void OnThreads(Action<int> body) =>
        Task.WaitAll([.. Enumerable.Range(0, Threads).Select(me => Task.Factory.StartNew(() => body(me), TaskCreationOptions.LongRunning))]);
}
