using System.Collections.Generic;
using CosmosKernel.Abi;
using CosmosKernel.Files.Users;
using CosmosKernel.Processes.Ipc;
using CosmosKernel.Tasks.Tests.Simulation;
using Xunit;

namespace CosmosKernel.Ipc.Tests;

/// <summary>Ids and keys beside a simple model.</summary>
public class IpcTableTests
{
    [Fact]
    public void IdsAreUniqueAndComeBackLate() => SimulatedMachine.Run(1, 1, machine =>
    {
        IpcTable<MessageQueue> table = new("test table");
        Dictionary<int, MessageQueue> model = [];
        HashSet<int> used = [];
        List<int> ids = [];
        for (int i = 0; i < 5000; i++)
        {
            if (ids.Count == 0 || machine.Random.Next(100) < 55)
            {
                long id = table.Get<Request>(new Request(0, 0, 10_000), out MessageQueue? made);
                Assert.True(id >= 0 && used.Add((int)id), $"{id} was there before");
                model.Add((int)id, made!);
                ids.Add((int)id);
            }
            else
            {
                int place = machine.Random.Next(ids.Count);
                int id = ids[place];
                ids[place] = ids[^1];
                ids.RemoveAt(ids.Count - 1);
                Assert.Same(model[id], table.Find(id));
                table.Remove(model[id]);
                model.Remove(id);
                Assert.Null(table.Find(id));
            }
        }

        Assert.Equal(model.Count, table.Count);
        foreach ((int id, MessageQueue queue) in model)
        {
            Assert.Same(queue, table.Find(id));
            Assert.Same(queue, table.At(id));
        }
    });

    [Fact]
    public void KeysFindUntilTheyAreHidden() => SimulatedMachine.Run(1, 1, _ =>
    {
        IpcTable<MessageQueue> table = new("test table");
        Assert.Equal(-(long)Errno.ENOENT, table.Get<Request>(new Request(7, 0, 10), out MessageQueue? _));
        long id = table.Get<Request>(new Request(7, IpcConstants.IPC_CREAT, 10), out MessageQueue? made);
        Assert.Equal(id, table.Get<Request>(new Request(7, IpcConstants.IPC_CREAT, 10), out MessageQueue? again));
        Assert.Null(again);
        Assert.Equal(-(long)Errno.EEXIST, table.Get<Request>(new Request(7, IpcConstants.IPC_CREAT | IpcConstants.IPC_EXCL, 10), out MessageQueue? _));
        table.Hide(made!);
        Assert.Equal(-(long)Errno.ENOENT, table.Get<Request>(new Request(7, 0, 10), out MessageQueue? _));
        Assert.Same(made, table.Find((int)id));
        table.Remove(made!);
        Assert.Null(table.Find((int)id));
    });

    [Fact]
    public void ThereAreAsManyAsTheLimitAllows() => SimulatedMachine.Run(1, 1, _ =>
    {
        IpcTable<MessageQueue> table = new("test table");
        List<MessageQueue> made = [];
        for (int i = 0; i < 200; i++)
        {
            Assert.True(table.Get<Request>(new Request(0, 0, 200), out MessageQueue? queue) >= 0);
            made.Add(queue!);
        }

        Assert.Equal(-(long)Errno.ENOSPC, table.Get<Request>(new Request(0, 0, 200), out MessageQueue? _));
        table.Remove(made[100]);
        Assert.True(table.Get<Request>(new Request(0, 0, 200), out MessageQueue? _) >= 0);
        Assert.Equal(200, table.Count);
    });

    private readonly struct Request(int key, int flags, int most) : IIpcRequest<MessageQueue>
    {
        public int Key => key;

        public int Flags => flags;

        public Credentials Credentials => Credentials.Root;

        public int MostObjects => most;

        public Errno TryMake(out MessageQueue? made)
        {
            made = new MessageQueue(key, flags, Credentials.Root, 100);
            return Errno.Ok;
        }

        public void Discard(MessageQueue made)
        {
        }

        public Errno Check(MessageQueue found) => Errno.Ok;
    }
}
