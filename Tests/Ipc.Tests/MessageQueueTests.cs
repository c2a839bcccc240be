using System;
using System.Collections.Generic;
using System.Linq;
using CosmosKernel.Abi;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Time;
using CosmosKernel.Processes.Ipc;
using CosmosKernel.Processes.Ipc.PosixQueues;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Tests.Simulation;
using Xunit;

namespace CosmosKernel.Ipc.Tests;

/// <summary>Message queues of both kinds in every order of steps that a seed makes.</summary>
public class MessageQueueTests
{
    public static TheoryData<int, int> Cases => Simulation.Cases;

    [Theory]
    [MemberData(nameof(Cases))]
    public void EachMessageArrivesOnceAndInOrderOfItsType(int cpus, int seed) => SimulatedMachine.Run(cpus, seed, machine =>
    {
        const int Senders = 3;
        const int Messages = 8;
        MessageQueues.Clear();
        MessageQueue queue = new(IpcConstants.IPC_PRIVATE, 0x180, Credentials.Root, mostBytes: 3);
        int[] next = new int[Senders + 1];
        TaskStruct[] senders = [.. Enumerable.Range(1, Senders).Select(type => Simulation.Start($"s{type}", _ =>
        {
            for (int i = 0; i < Messages; i++)
            {
                machine.Require(Send(queue, type, (byte)i) == 0, "a message is not sent");
            }
        }))];
        TaskStruct[] receivers = [.. Enumerable.Range(1, Senders).Select(type => Simulation.Start($"r{type}", _ =>
        {
            for (int i = 0; i < Messages; i++)
            {
                int result = Receive(queue, type, out Message? message);
                machine.Require(result == 0 && message!.Type == type && message.Text[0] == next[type]++, "a message is lost or out of order");
            }
        }))];
        Simulation.JoinAll([.. senders, .. receivers]);
        Assert.Equal(0L, MessageQueues.Messages);
    });

    [Theory]
    [MemberData(nameof(Cases))]
    public void RemovalEndsSendersAndReceivers(int cpus, int seed) => SimulatedMachine.Run(cpus, seed, machine =>
    {
        MessageQueues.Clear();
        MessageQueue queue = new(IpcConstants.IPC_PRIVATE, 0x180, Credentials.Root, mostBytes: 2);
        int ended = 0;
        TaskStruct[] tasks = [.. Enumerable.Range(0, 6).Select(i => Simulation.Start($"t{i}", _ =>
        {
            int result = 0;
            while (result == 0)
            {
                result = i % 3 == 0 ? Receive(queue, 0, out Message? _) : Send(queue, 1, 0);
            }

            machine.Require(result == -(int)Errno.EIDRM, $"the call gives {result}");
            ended++;
        }))];
        KernelTask.Sleep((ulong)machine.Random.Next(400) * Simulation.Microsecond);
        Assert.Equal(Errno.Ok, queue.Remove(Credentials.Root));
        Simulation.JoinAll(tasks);
        Assert.Equal(6, ended);
        Assert.Equal(0L, MessageQueues.Messages);
    });

    [Theory]
    [MemberData(nameof(Cases))]
    public void AnInterruptedReceiverTakesNoMessageAlong(int cpus, int seed) => SimulatedMachine.Run(cpus, seed, machine =>
    {
        MessageQueues.Clear();
        MessageQueue queue = new(IpcConstants.IPC_PRIVATE, 0x180, Credentials.Root, mostBytes: 100);
        int received = 0;
        TaskStruct[] receivers = [.. Enumerable.Range(0, 4).Select(i => Simulation.Start($"r{i}", _ =>
        {
            int result = Receive(queue, 0, out Message? message);
            machine.Require(result is 0 or -(int)Errno.ERESTARTNOHAND && (result == 0) == (message is not null), $"the call gives {result}");
            received += result == 0 ? 1 : 0;
        }))];
        TaskStruct sender = Simulation.Start("s", _ =>
        {
            for (int i = 0; i < 4; i++)
            {
                machine.Require(Send(queue, 1, 0) == 0, "a message is not sent");
            }
        });
        Simulation.InterruptAll(machine, receivers);
        Simulation.JoinAll([.. receivers, sender]);
        Assert.Equal(4L, MessageQueues.Messages + received);
    });

    [Theory]
    [MemberData(nameof(Cases))]
    public void ATimedReceiveLosesNoMessage(int cpus, int seed) => SimulatedMachine.Run(cpus, seed, machine =>
    {
        const int Messages = 12;
        PosixQueue queue = new(1, 10);
        List<int> received = [];
        TaskStruct[] senders = [.. Enumerable.Range(0, 2).Select(s => Simulation.Start($"s{s}", deadline =>
        {
            for (int i = 0; i < Messages / 2; i++)
            {
                int result = -(int)Errno.ETIMEDOUT;
                while (result == -(int)Errno.ETIMEDOUT)
                {
                    deadline.Set(Clock.MonotonicNanoseconds + ((ulong)machine.Random.Next(30) * Simulation.Microsecond));
                    result = queue.Send(new Message(0, [(byte)((s * 100) + i)]), mayWait: true, deadline);
                    deadline.Clear();
                }

                machine.Require(result == 0, $"the sender gets {result}");
            }
        }))];
        TaskStruct[] receivers = [.. Enumerable.Range(0, 2).Select(r => Simulation.Start($"r{r}", deadline =>
        {
            while (received.Count < Messages)
            {
                deadline.Set(Clock.MonotonicNanoseconds + ((ulong)machine.Random.Next(30) * Simulation.Microsecond));
                int result = queue.Receive(mayWait: true, deadline, out Message? message);
                deadline.Clear();
                machine.Require(result is 0 or -(int)Errno.ETIMEDOUT && (result == 0) == (message is not null), $"the receiver gets {result}");
                if (message is not null)
                {
                    received.Add(message.Text[0]);
                }
            }
        }))];
        Simulation.JoinAll([.. senders, .. receivers]);
        Assert.Equal(Messages, received.Distinct().Count());
        Assert.Equal(Messages, received.Count);
        Assert.Equal(0, queue.Count);
    });

    [Theory]
    [MemberData(nameof(Cases))]
    public void OneMessageIntoTheEmptyQueueIsToldOnce(int cpus, int seed) => SimulatedMachine.Run(cpus, seed, machine =>
    {
        PosixQueue queue = new(8, 10);
        CountingNotification notification = new();
        Assert.Equal(Errno.Ok, queue.Register(notification));
        Assert.Equal(Errno.EBUSY, queue.Register(new CountingNotification()));
        TaskStruct[] senders = [.. Enumerable.Range(0, 3).Select(s => Simulation.Start($"s{s}", deadline => machine.Require(queue.Send(new Message(s, []), mayWait: false, deadline) == 0, "not sent")))];
        Simulation.JoinAll(senders);
        Assert.Equal(1, notification.Count);
        Assert.Equal(3, queue.Count);
    });

    [Fact]
    public void AHeapGivesWhatASortedListGives() => SimulatedMachine.Run(1, 1, _ =>
    {
        PosixQueue queue = new(50, 4);
        SortedDictionary<(long, int), int> model = [];
        Random random = new(42);
        CosmosKernel.Tasks.Time.SleepDeadline never = new();
        for (int i = 0; i < 2000; i++)
        {
            if (random.Next(2) == 0)
            {
                long priority = random.Next(5);
                int sent = queue.Send(new Message(priority, BitConverter.GetBytes(i)), mayWait: false, never);
                Assert.Equal(model.Count == 50 ? -(int)Errno.EAGAIN : 0, sent);
                if (sent == 0)
                {
                    model.Add((-priority, i), i);
                }
            }
            else
            {
                int result = queue.Receive(mayWait: false, never, out Message? message);
                Assert.Equal(model.Count == 0 ? -(int)Errno.EAGAIN : 0, result);
                if (result == 0)
                {
                    Assert.Equal(model.First().Value, BitConverter.ToInt32(message!.Text));
                    model.Remove(model.First().Key);
                }
            }
        }
    });

    private static int Send(MessageQueue queue, long type, byte text) =>
        queue.Send(Credentials.Root, new MessageWaiter(TaskStruct.Current, 1) { Message = new Message(type, [text]) }, mayWait: true);

    private static int Receive(MessageQueue queue, long type, out Message? message)
    {
        MessageWaiter waiter = new(TaskStruct.Current, 1) { Selection = MessageSelection.Of(type, 10, 0) };
        int result = queue.Receive(Credentials.Root, waiter, mayWait: true);
        message = waiter.Message;
        return result;
    }

    private sealed class CountingNotification() : PosixQueueNotification(1, 0, 1)
    {
        public int Count { get; private set; }

        public override void Deliver() => Count++;
    }
}
