using System;
using System.Collections.Generic;
using System.Linq;
using CosmosKernel.Tasks.Time;
using Xunit;

namespace CosmosKernel.Tasks.Tests;

public class OrderedTreeTests
{
    [Theory]
    [InlineData(1, 1000)]
    [InlineData(2, 7)]
    [InlineData(3, 100000)]
    public void AgreesWithASortedListWhateverComesAndGoes(int seed, int keys)
    {
        Random random = new(seed);
        OrderedTree<Node> tree = new();
        List<Node> model = [];
        int arrival = 0;
        for (int step = 0; step < 4000; step++)
        {
            // Grows first, shrinks to nothing at the end.
            bool add = model.Count == 0 || (step < 3000 ? random.Next(5) < 3 : random.Next(5) < 1);
            if (add)
            {
                Node node = new((ulong)random.Next(keys), arrival++);
                tree.Add(node);
                model.Add(node);
            }
            else
            {
                Node node = model[random.Next(model.Count)];
                tree.Remove(node);
                model.Remove(node);
            }

            Assert.Equal(model.Count, tree.Count);
            Assert.Same(model.OrderBy(n => n.Key).ThenBy(n => n.Arrival).FirstOrDefault(), tree.First);
            if (step % 16 == 0)
            {
                Assert.True(tree.IsValid());
                Assert.Equal(model.OrderBy(n => n.Key).ThenBy(n => n.Arrival), Walk(tree));
            }
        }
    }

    [Fact]
    public void KeepsEqualKeysInTheOrderInWhichTheyCame()
    {
        OrderedTree<Node> tree = new();
        for (int i = 0; i < 50; i++)
        {
            tree.Add(new Node(7, i));
        }

        for (int i = 0; i < 50; i++)
        {
            Assert.Equal(i, tree.First!.Arrival);
            tree.Remove(tree.First);
        }

        Assert.Null(tree.First);
    }

    private static IEnumerable<Node> Walk(OrderedTree<Node> tree)
    {
        for (Node? node = tree.First; node is not null; node = tree.Successor(node))
        {
            yield return node;
        }
    }

    private sealed class Node : TreeNode<Node>
    {
        public Node(ulong key, int arrival)
        {
            Key = key;
            Arrival = arrival;
        }

        public int Arrival { get; }
    }
}
