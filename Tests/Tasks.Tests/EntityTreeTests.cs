using System;
using System.Collections.Generic;
using System.Linq;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Tests.Simulation;
using Xunit;

namespace CosmosKernel.Tasks.Tests;

/// <summary>The augmented tree of the fair and the deadline class.</summary>
public class EntityTreeTests
{
    [Theory]
    [InlineData(1, 0L)]
    [InlineData(2, long.MaxValue - 50)]
    [InlineData(3, long.MinValue)]
    public void TheTreeStaysOrderedBalancedAndKnowsTheLeastValues(int seed, long origin) => SimulatedMachine.Run(1, seed, _ =>
    {
        // Around the origin numbers wrap.
        Random random = new(seed);
        EntityTree tree = new();
        List<KernelEntity> members = [];
        List<KernelEntity> free = [.. Enumerable.Range(0, 200).Select(_ => new KernelEntity(TaskStruct.Current))];
        for (int step = 0; step < 20_000; step++)
        {
            if (free.Count > 0 && (members.Count == 0 || random.Next(200) > members.Count))
            {
                KernelEntity added = free[^1];
                free.RemoveAt(free.Count - 1);
                added.Key = unchecked(origin + random.Next(100));
                added.Value = unchecked(origin + random.Next(100));
                tree.Add(added);
                members.Add(added);
            }
            else
            {
                int index = random.Next(members.Count);
                tree.Remove(members[index]);
                free.Add(members[index]);
                members.RemoveAt(index);
            }

            if (step % 50 == 0)
            {
                Assert.True(tree.IsValid());
                List<KernelEntity> order = [];
                for (KernelEntity? at = tree.First; at is not null; at = tree.Successor(at))
                {
                    order.Add(at);
                }

                Assert.Equal(members.Count, order.Count);
                for (int i = 1; i < order.Count; i++)
                {
                    Assert.True(unchecked(order[i].Key - order[i - 1].Key) >= 0);
                }

                if (members.Count > 0)
                {
                    Assert.Equal(members.Min(member => unchecked(member.Value - origin)), unchecked(tree.Root!.LeastValue - origin));
                }
            }
        }
    });
}
