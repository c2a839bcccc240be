using CosmosKernel.Abi;
using Xunit;

namespace CosmosKernel.Processes.Tests;

public sealed class PendingSignalsTests
{
    [Fact]
    public void RealTimeSignalsOfOneNumberQueueInOrder()
    {
        PendingSignals pending = new();
        pending.Add(Entry(40, 1));
        pending.Add(Entry(41, 2));
        pending.Add(Entry(40, 3));

        pending.Take(40, out QueuedSignal? first);
        Assert.Equal(1ul, first!.Info.Word1);
        Assert.True(pending.Set.Contains(40));

        pending.Take(40, out QueuedSignal? second);
        Assert.Equal(3ul, second!.Info.Word1);
        Assert.False(pending.Set.Contains(40));
        Assert.True(pending.Set.Contains(41));
    }

    [Fact]
    public void ASignalWithoutAnEntryIsTakenOnce()
    {
        PendingSignals pending = new();
        pending.Add(Signal.SIGTERM);
        pending.Take(Signal.SIGTERM, out QueuedSignal? entry);
        Assert.Null(entry);
        Assert.True(pending.Set.IsEmpty);
    }

    [Fact]
    public void SynchronousSignalsComeFirstThenTheLowestNumber()
    {
        PendingSignals pending = new();
        pending.Add(Entry(Signal.SIGHUP, 0));
        pending.Add(Entry(Signal.SIGSEGV, 0));
        pending.Add(Entry(Signal.SIGINT, 0));
        Assert.Equal(Signal.SIGSEGV, pending.NextOf(SignalSet.All));
        pending.Take(Signal.SIGSEGV, out _);
        Assert.Equal(Signal.SIGHUP, pending.NextOf(SignalSet.All));
        Assert.Equal(Signal.SIGINT, pending.NextOf(~SignalSet.Of(Signal.SIGHUP)));
        Assert.Equal(0, pending.NextOf(SignalSet.Of(Signal.SIGUSR1)));
    }

    [Fact]
    public void FlushingTakesEveryEntryOfTheSetAndNoOther()
    {
        PendingSignals pending = new();
        pending.Add(Entry(Signal.SIGTSTP, 0));
        pending.Add(Entry(Signal.SIGUSR1, 0));
        pending.Add(Entry(Signal.SIGTTIN, 0));
        pending.Add(Signal.SIGSTOP);
        int entries = 0;
        while (pending.Flush(SignalSet.Stopping) is not null)
        {
            entries++;
        }

        Assert.Equal(2, entries);
        Assert.Equal(SignalSet.Of(Signal.SIGUSR1), pending.Set);
        pending.Take(Signal.SIGUSR1, out QueuedSignal? left);
        Assert.NotNull(left);
    }

    [Fact]
    public void RemovingTheLastEntryLeavesTheQueueUsable()
    {
        PendingSignals pending = new();
        QueuedSignal first = Entry(40, 1);
        QueuedSignal last = Entry(40, 2);
        pending.Add(first);
        pending.Add(last);
        Assert.True(pending.Remove(last));
        Assert.False(pending.Remove(last));
        Assert.True(pending.Set.Contains(40));
        pending.Add(Entry(40, 3));
        pending.Take(40, out QueuedSignal? one);
        pending.Take(40, out QueuedSignal? two);
        Assert.Equal(1ul, one!.Info.Word1);
        Assert.Equal(3ul, two!.Info.Word1);
        Assert.True(pending.Set.IsEmpty);
    }

    private static QueuedSignal Entry(int signal, ulong value) => new() { Info = new SignalInfo { Number = signal, Code = SignalCode.SI_QUEUE, Word1 = value } };
}
