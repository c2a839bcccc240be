using System;
using System.Collections.Generic;
using System.Linq;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Sockets;
using CosmosKernel.Memory.User;
using Xunit;

namespace CosmosKernel.Sockets.Tests;

/// <summary>The queue of a socket beside simple lists, with random operations: same bytes, every page given back once, every charge taken off.</summary>
public class MessageRingTests
{
    private const int Operations = 4000;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 20)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void AStreamGivesItsBytesInOrderWhateverFaults(int seed)
    {
        Begin();
        var random = new Random(seed);
        var ring = new MessageRing();
        UnixSocket[] senders = [new(), new()];
        var expected = new Queue<byte>();
        for (int i = 0; i < Operations; i++)
        {
            if (random.Next(2) == 0 && expected.Count < 100_000)
            {
                byte[] bytes = new byte[1 + random.Next(random.Next(4) == 0 ? 20_000 : 200)];
                random.NextBytes(bytes);
                UnixSocket sender = senders[random.Next(8) == 0 ? 1 : 0];
                int readable = random.Next(5) == 0 ? random.Next(bytes.Length) : bytes.Length;
                Page.Left = random.Next(10) == 0 ? random.Next(3) : int.MaxValue;
                int segments = ring.Count;
                long before = ring.Bytes;
                var source = new DataSource(bytes, readable);
                Errno error = ring.Append(ref source, bytes.Length, sender, random.Next(10) == 0 ? new MessageExtra() : null, isMessage: false, out int charge);
                Page.Left = int.MaxValue;
                if (error == Errno.Ok)
                {
                    Assert.Equal(bytes.Length, readable);
                    Assert.True(charge >= bytes.Length);
                    sender.Charged += charge;
                    Array.ForEach(bytes, expected.Enqueue);
                }
                else
                {
                    Assert.Equal(segments, ring.Count);
                    Assert.Equal(before, ring.Bytes);
                }
            }
            else if (ring.Count != 0)
            {
                ref MessageRing.Segment first = ref ring.At(0);
                byte[] bytes = new byte[1 + random.Next(first.Length)];
                var sink = new DataSink(bytes);
                Assert.True(ring.Copy(ref sink, 0, 0, bytes.Length));
                Assert.Equal(Take(expected, bytes.Length), bytes);
                UnixSocket sender = first.Sender;
                sender.Charged -= ring.Consume(bytes.Length);
            }

            Assert.Equal(expected.Count, ring.Bytes);
        }

        while (ring.Count != 0)
        {
            UnixSocket sender = ring.At(0).Sender;
            sender.Charged -= ring.RemoveFirst();
        }

        End(ring, senders);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void MessagesKeepTheirBordersWhateverFaults(int seed)
    {
        Begin();
        var random = new Random(seed);
        var ring = new MessageRing();
        UnixSocket[] senders = [new(), new(), new()];
        var expected = new Queue<byte[]>();
        for (int i = 0; i < Operations; i++)
        {
            if (random.Next(2) == 0 && expected.Count < 300)
            {
                byte[] bytes = new byte[random.Next(random.Next(4) == 0 ? 20_000 : 200)];
                random.NextBytes(bytes);
                UnixSocket sender = senders[random.Next(3)];
                bool faults = bytes.Length != 0 && random.Next(5) == 0;
                Page.Left = random.Next(10) == 0 ? random.Next(3) : int.MaxValue;
                var source = new DataSource(bytes, faults ? random.Next(bytes.Length) : bytes.Length);
                Errno error = ring.Append(ref source, bytes.Length, sender, null, isMessage: true, out int charge);
                Page.Left = int.MaxValue;
                if (error == Errno.Ok)
                {
                    Assert.False(faults);
                    Assert.Equal(bytes.Length + MessageRing.SegmentCharge, charge);
                    sender.Charged += charge;
                    expected.Enqueue(bytes);
                }
            }
            else if (ring.Count != 0)
            {
                byte[] message = expected.Dequeue();
                int last = ring.EndOfMessage(0, out int length);
                Assert.Equal(message.Length, length);
                int skip = length == 0 ? 0 : random.Next(length);
                byte[] bytes = new byte[length - skip];
                var sink = new DataSink(bytes);
                Assert.True(ring.Copy(ref sink, 0, skip, bytes.Length));
                Assert.Equal(message[skip..], bytes);
                for (; last >= 0; last--)
                {
                    UnixSocket sender = ring.At(0).Sender;
                    sender.Charged -= ring.RemoveFirst();
                }
            }

            Assert.Equal(expected.Count, ring.Messages);
            Assert.Equal(expected.Sum(message => message.Length), ring.Bytes);
        }

        while (ring.Count != 0)
        {
            UnixSocket sender = ring.At(0).Sender;
            sender.Charged -= ring.RemoveFirst();
        }

        End(ring, senders);
    }

    [Fact]
    public void SmallWritesShareAPageAndAByteThatGoesThroughTakesNone()
    {
        Begin();
        var ring = new MessageRing();
        var sender = new UnixSocket();
        byte[] bytes = new byte[100];
        for (int i = 0; i < 40; i++)
        {
            var source = new DataSource(bytes, bytes.Length);
            Assert.Equal(Errno.Ok, ring.Append(ref source, bytes.Length, sender, null, isMessage: false, out _));
        }

        Assert.Single(Page.Taken);
        Assert.Equal(1, ring.Count);
        ring.Consume(4000);
        Page.Left = 0;
        for (int i = 0; i < 200; i++)
        {
            var source = new DataSource(bytes, bytes.Length);
            Assert.Equal(Errno.Ok, ring.Append(ref source, bytes.Length, sender, null, isMessage: false, out _));
            ring.Consume(100);
        }

        Page.Left = int.MaxValue;
        ring.ReleaseSpare();
        Assert.Empty(Page.Taken);
    }

    [Fact]
    public void AnUrgentByteIsASegmentThatNothingJoins()
    {
        Begin();
        var ring = new MessageRing();
        var sender = new UnixSocket();
        foreach (bool urgent in new[] { false, true, false })
        {
            var source = new DataSource([1, 2], 2);
            Assert.Equal(Errno.Ok, urgent ? ring.AppendMark(ref source, sender, null, out _) : ring.Append(ref source, 2, sender, null, isMessage: false, out _));
        }

        Assert.Equal(3, ring.Count);
        Assert.Equal(5, ring.Bytes);
        Assert.True(ring.At(1).IsMark);
        Assert.Equal(1, ring.ConsumeMark(ref ring.At(1)));
        Assert.Equal(4, ring.Bytes);
        while (ring.Count != 0)
        {
            ring.RemoveFirst();
        }

        Assert.Equal(3, ring.Removed);
        ring.ReleaseSpare();
        Assert.Empty(Page.Taken);
    }

    private static void Begin()
    {
        Page.Taken.Clear();
        Page.Left = int.MaxValue;
    }

    private static byte[] Take(Queue<byte> from, int count)
    {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++)
        {
            bytes[i] = from.Dequeue();
        }

        return bytes;
    }

    private static void End(MessageRing ring, UnixSocket[] senders)
    {
        ring.ReleaseSpare();
        Assert.Empty(Page.Taken);
        Assert.Equal(0, ring.Bytes);
        Assert.All(senders, sender => Assert.Equal(0, sender.Charged));
    }
}
