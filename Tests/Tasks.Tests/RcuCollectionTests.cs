using System;
using System.Collections.Generic;
using System.Linq;
using CosmosKernel.Locking.ReadCopyUpdate;
using CosmosKernel.Tasks.Deferred.Work;
using CosmosKernel.Tasks.ReadCopyUpdate;
using CosmosKernel.Tasks.Tests.Simulation;
using CosmosKernel.Tasks.Waiting;
using Xunit;

namespace CosmosKernel.Tasks.Tests;

public class RcuCollectionTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 40)];

    [Fact]
    public void AListKeepsItsOrder() => Simulate(1, 1, _ =>
    {
        Mutex mutex = new("writers");
        RcuList<Item, Mutex.Guard> list = new();
        using Mutex.Guard guard = mutex.Enter();
        Item a = new(1);
        Item b = new(2);
        Item c = new(3);
        list.AddFirst(in guard, a);
        list.AddAfter(in guard, a, c);
        list.AddAfter(in guard, a, b);
        Assert.Equal([1, 2, 3], Values(list));
        Item d = new(4);
        list.Replace(in guard, b, d);
        Assert.Equal([1, 4, 3], Values(list));
        list.Remove(in guard, a);
        list.Remove(in guard, c);
        Assert.Equal([4], Values(list));
        list.Remove(in guard, d);
        Assert.Empty(Values(list));
        Assert.Equal(0, list.Count);
    });

    [Fact]
    public void ARemovedElementLeadsItsReaderOn() => Simulate(1, 2, _ =>
    {
        Mutex mutex = new("writers");
        RcuList<Item, Mutex.Guard> list = new();
        using Mutex.Guard guard = mutex.Enter();
        Item[] items = [new(1), new(2), new(3)];
        list.AddFirst(in guard, items[2]);
        list.AddFirst(in guard, items[1]);
        list.AddFirst(in guard, items[0]);
        List<int> seen = [];
        using (Rcu.Read())
        {
            foreach (Item item in list)
            {
                seen.Add(item.Value);
                if (item.Value == 1)
                {
                    list.Remove(in guard, items[0]);
                }
                else if (item.Value == 2)
                {
                    list.Remove(in guard, items[1]);
                }
            }
        }

        Assert.Equal([1, 2, 3], seen);
        Assert.Equal([3], Values(list));
    });

    [Fact]
    public void RemovingWhatIsNotInTheListIsAPanic()
    {
        SimulationFailedException failure = Assert.Throws<SimulationFailedException>(() => Simulate(1, 1, _ =>
        {
            Mutex mutex = new("writers");
            RcuList<Item, Mutex.Guard> list = new();
            using Mutex.Guard guard = mutex.Enter();
            list.Remove(in guard, new Item(1));
        }));
        Assert.Contains("not in it", failure.Message);
    }

    // Readers walk while elements are removed, poisoned after a grace period, cleaned and added again.
    [Theory]
    [MemberData(nameof(Seeds))]
    public void ReadersOfAListNeverMeetAFreedElement(int seed) => Assert.Equal(0, TortureList(seed, Rcu.SynchronizeNow));

    [Fact]
    public void AListWhoseElementsAreFreedAtOnceIsFoundOut() => Assert.Contains(Enumerable.Range(1, 20), seed => TortureList(seed, () => { }) > 0);

    [Fact]
    public void AMapFindsWhatIsInIt() => Simulate(1, 3, _ =>
    {
        Mutex mutex = new("writers");
        RcuHashMap<int, Entry, Mutex.Guard> map = new();
        using Mutex.Guard guard = mutex.Enter();
        for (int i = 0; i < 200; i++)
        {
            Assert.True(map.TryAdd(in guard, new Entry(i * 64)));
            Assert.False(map.TryAdd(in guard, new Entry(i * 64)));
        }

        Assert.True(map.ShouldGrow);
        Assert.True(map.TryInstall(in guard, map.PrepareGrowth()));
        Assert.False(map.ShouldGrow);
        for (int i = 0; i < 200; i++)
        {
            Assert.True(map.TryFind(i * 64, out Entry? entry));
            Assert.Equal(i * 64, entry.Key);
            Assert.False(map.TryFind((i * 64) + 1, out Entry? _));
        }

        Assert.Equal(Enumerable.Range(0, 200).Select(i => i * 64), Keys(map).Order());
        for (int i = 0; i < 200; i += 2)
        {
            Assert.True(map.TryRemove(in guard, i * 64, out Entry? _));
            Assert.False(map.TryRemove(in guard, i * 64, out Entry? _));
        }

        Assert.Equal(100, map.Count);
        Assert.Equal(Enumerable.Range(0, 100).Select(i => ((2 * i) + 1) * 64), Keys(map).Order());
    });

    [Fact]
    public void AMapGrowsAgainOnlyAfterAGracePeriod() => Simulate(2, 4, _ =>
    {
        Mutex mutex = new("writers");
        RcuHashMap<int, Entry, Mutex.Guard> map = new();
        using Mutex.Guard guard = mutex.Enter();
        using (Rcu.Read())
        {
            Assert.True(map.TryInstall(in guard, map.PrepareGrowth()));
            RcuHashMap<int, Entry, Mutex.Guard>.NewTable next = map.PrepareGrowth();
            for (int i = 0; i < 100; i++)
            {
                Assert.False(map.TryInstall(in guard, next));
                KernelTask.Yield();
            }
        }

        Rcu.SynchronizeNow();
        Rcu.SynchronizeNow();
        Assert.True(map.TryInstall(in guard, map.PrepareGrowth()));
    });

    // What is in the map all the time is found all the time, while it grows and others come and go.
    [Theory]
    [MemberData(nameof(Seeds))]
    public void ReadersOfAMapFindWhatStaysWhileItGrows(int seed) => Simulate(4, seed, machine =>
    {
        Mutex mutex = new("writers");
        RcuHashMap<int, Entry, Mutex.Guard> map = new();
        bool stop = false;
        int missed = 0;
        int poisoned = 0;
        using (Mutex.Guard guard = mutex.Enter())
        {
            for (int i = 0; i < 20; i++)
            {
                map.TryAdd(in guard, new Entry(i));
            }
        }

        List<TaskStruct> readers = [.. Enumerable.Range(0, 4).Select(i => KernelTask.Start($"reader{i}", () =>
        {
            while (!stop)
            {
                using (Rcu.Read())
                {
                    missed += map.TryFind(machine.Random.Next(20), out Entry? found) ? 0 : 1;
                    machine.Compute((ulong)machine.Random.Next(20_000));
                    poisoned += found is { IsPoisoned: true } ? 1 : 0;
                    HashSet<int> seen = [];
                    foreach (Entry entry in map)
                    {
                        Assert.True(seen.Add(entry.Key));
                        machine.Step();
                        poisoned += entry.IsPoisoned ? 1 : 0;
                    }

                    missed += Enumerable.Range(0, 20).Count(key => !seen.Contains(key));
                }
            }
        }))];
        TaskStruct writer = KernelTask.Start("writer", () =>
        {
            for (int round = 0; round < 12; round++)
            {
                RcuHashMap<int, Entry, Mutex.Guard>.NewTable table = map.PrepareGrowth();
                List<Entry> removed = [];
                using (Mutex.Guard guard = mutex.Enter())
                {
                    for (int i = 0; i < 5; i++)
                    {
                        map.TryAdd(in guard, new Entry(100 + machine.Random.Next(30)));
                        if (map.TryRemove(in guard, 100 + machine.Random.Next(30), out Entry? entry))
                        {
                            removed.Add(entry);
                        }
                    }

                    map.TryInstall(in guard, table);
                }

                Rcu.SynchronizeNow();
                removed.ForEach(entry => entry.IsPoisoned = true);
            }
        });
        writer.Join();
        stop = true;
        readers.ForEach(task => task.Join());
        Assert.Empty(machine.Faults);
        Assert.Equal(0, missed);
        Assert.Equal(0, poisoned);
    }, switchOneIn: 2);

    private static int TortureList(int seed, Action wait)
    {
        int violations = 0;
        Simulate(4, seed, machine =>
        {
            Mutex mutex = new("writers");
            RcuList<Item, Mutex.Guard> list = new();
            bool stop = false;
            using (Mutex.Guard guard = mutex.Enter())
            {
                for (int i = 0; i < 6; i++)
                {
                    list.AddFirst(in guard, new Item(i));
                }
            }

            List<TaskStruct> readers = [.. Enumerable.Range(0, 4).Select(i => KernelTask.Start($"reader{i}", () =>
            {
                while (!stop)
                {
                    using (Rcu.Read())
                    {
                        foreach (Item item in list)
                        {
                            machine.Compute((ulong)machine.Random.Next(5_000));
                            violations += item.IsPoisoned ? 1 : 0;
                        }
                    }

                    KernelTask.Yield();
                }
            }))];
            TaskStruct writer = KernelTask.Start("writer", () =>
            {
                for (int round = 0; round < 30; round++)
                {
                    Item? victim = null;
                    using (Mutex.Guard guard = mutex.Enter())
                    {
                        int skip = machine.Random.Next(6);
                        foreach (Item item in list)
                        {
                            victim = item;
                            if (skip-- == 0)
                            {
                                break;
                            }
                        }

                        list.Remove(in guard, victim!);
                    }

                    wait();
                    victim!.IsPoisoned = true;
                    machine.Compute(3_000);
                    victim.IsPoisoned = false;
                    using (Mutex.Guard guard = mutex.Enter())
                    {
                        list.AddFirst(in guard, victim);
                    }
                }
            });
            writer.Join();
            stop = true;
            readers.ForEach(task => task.Join());
            Assert.Empty(machine.Faults);
        }, switchOneIn: 2);
        return violations;
    }

    private static List<int> Values(RcuList<Item, Mutex.Guard> list)
    {
        List<int> values = [];
        foreach (Item item in list)
        {
            values.Add(item.Value);
        }

        return values;
    }

    private static List<int> Keys(RcuHashMap<int, Entry, Mutex.Guard> map)
    {
        List<int> keys = [];
        foreach (Entry entry in map)
        {
            keys.Add(entry.Key);
        }

        return keys;
    }

    private static void Simulate(int cpus, int seed, Action<SimulatedMachine> test, int switchOneIn = 3) => SimulatedMachine.Run(cpus, seed, machine =>
    {
        WorkQueues.Start();
        Rcu.Start();
        test(machine);
    }, switchOneIn);

    private sealed class Item(int value) : RcuListNode<Item>
    {
        public int Value { get; } = value;

        public bool IsPoisoned { get; set; }
    }

    private sealed class Entry(int key) : RcuHashNode<int, Entry>(key)
    {
        public bool IsPoisoned { get; set; }
    }
}
