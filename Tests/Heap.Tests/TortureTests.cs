using System;
using System.Collections.Generic;
using CosmosKernel.Runtime.Heap;
using Xunit;

namespace CosmosKernel.Heap.Tests;

/// <summary>Random graphs of all kinds of objects, compared with a model that knows what is reachable.</summary>
public sealed unsafe class TortureTests : HeapFixture
{
    [Theory]
    [InlineData(1, 65536)]
    [InlineData(2, 65536)]
    [InlineData(3, 4096)]
    [InlineData(4, 4096)]
    public void ReachableObjectsKeepTheirContentsAndAllOthersAreFreed(int seed, int markStackBytes)
    {
        Assert.True(MarkStack.Initialize((nuint)markStackBytes));
        var model = new Model(seed);
        for (int round = 0; round < 40; round++)
        {
            model.Mutate(4000);
            CollectAndVerify();
            model.Check();
        }
    }

    private sealed class Node
    {
        public nuint Reference;
        public nint Type;
        public uint Length;
        public int[] SlotOffsets = [];
        public Node?[] Slots = [];
        public uint Seed;
        public int Round;
    }

    private sealed class Model
    {
        private readonly Random _random;
        private readonly List<Node> _roots = [];
        private readonly (nint Type, Func<uint, int[]> Slots, Func<Random, uint> Length)[] _shapes;
        private int _round;

        public Model(int seed)
        {
            _random = new Random(seed);
            Func<Random, uint> none = _ => 0;
            Func<Random, uint> some = r => (uint)(r.Next(20) == 0 ? r.Next(3000) : r.Next(40));
            _shapes =
            [
                ((nint)FakeTypes.Plain(24), _ => [], none),
                ((nint)FakeTypes.Plain(160), _ => [], none),
                ((nint)FakeTypes.Object(1, 0), _ => [8], none),
                ((nint)FakeTypes.Object(2, 1), _ => [8, 16], none),
                ((nint)FakeTypes.Object(5, 200), _ => [8, 16, 24, 32, 40], none),
                ((nint)FakeTypes.TwoSeries(2, 3, 1), _ => [8, 16, 48], none),
                ((nint)FakeTypes.PlainArray(1), _ => [], r => (uint)(r.Next(300) == 0 ? r.Next(2_000_000) : r.Next(700))),
                ((nint)FakeTypes.String(), _ => [], r => (uint)r.Next(100)),
                ((nint)FakeTypes.ReferenceArray(), n => Offsets(n, 8, 0), some),
                ((nint)FakeTypes.StructArray((1, 8)), n => Offsets(n, 16, 0), some),
                ((nint)FakeTypes.StructArray((1, 16), (2, 8)), n => Offsets(n, 48, 0, 24, 32), some),
            ];
        }

        public void Mutate(int steps)
        {
            _round++;
            List<Node> known = Reachable();
            for (int i = 0; i < steps; i++)
            {
                switch (_random.Next(10))
                {
                    case 0 when _roots.Count > 0:
                        int index = _random.Next(_roots.Count);
                        _roots[index] = _roots[^1];
                        _roots.RemoveAt(_roots.Count - 1);
                        break;

                    case 1 when known.Count > 0:
                        Connect(known[_random.Next(known.Count)], known[_random.Next(known.Count)]);
                        break;

                    case 2 when known.Count > 0:
                        Connect(known[_random.Next(known.Count)], null);
                        break;

                    default:
                        Node node = Allocate();
                        if (_random.Next(3) == 0)
                        {
                            _roots.Add(node);
                        }
                        else if (known.Count > 0)
                        {
                            Connect(known[_random.Next(known.Count)], node);
                        }

                        known.Add(node);
                        break;
                }

                if (_roots.Count > 150)
                {
                    _roots.RemoveRange(0, 100);
                }

                // A collection may start in any allocation: whatever the model may still use is a root.
                if (i % 500 == 499)
                {
                    known = Reachable();
                }
            }

            PublishRoots();
        }

        public void Check()
        {
            List<Node> reachable = Reachable();
            Assert.Equal((nuint)reachable.Count, CollectionPolicy.LiveObjects);
            foreach (Node node in reachable)
            {
                Assert.Equal((nuint)node.Type, *(nuint*)node.Reference);
                for (int i = 0; i < node.Slots.Length; i++)
                {
                    Assert.Equal(node.Slots[i]?.Reference ?? 0, *(nuint*)(node.Reference + (nuint)node.SlotOffsets[i]));
                }

                CheckPayload(node);
            }
        }

        private static int[] Offsets(uint length, int stride, params int[] inner)
        {
            List<int> offsets = [];
            for (int i = 0; i < length; i++)
            {
                foreach (int offset in inner)
                {
                    offsets.Add(16 + (i * stride) + offset);
                }
            }

            return [.. offsets];
        }

        private static void Connect(Node from, Node? to)
        {
            if (from.Slots.Length != 0)
            {
                int slot = (int)(from.Seed++ % (uint)from.Slots.Length);
                from.Slots[slot] = to;
                *(nuint*)(from.Reference + (nuint)from.SlotOffsets[slot]) = to?.Reference ?? 0;
            }
        }

        private Node Allocate()
        {
            var (type, slots, length) = _shapes[_random.Next(_shapes.Length)];
            Node node = new() { Type = type, Length = length(_random), Seed = (uint)_random.Next() };
            HeapPlatform.CanCollect = false;
            node.Reference = HeapPlatform.AllocateLikeFastPath((ObjectType*)type, node.Length);
            HeapPlatform.CanCollect = true;
            Assert.NotEqual(0u, node.Reference);
            node.SlotOffsets = slots(node.Length);
            node.Slots = new Node?[node.SlotOffsets.Length];
            nuint size = ((ObjectType*)type)->SizeOf(node.Length) - 8;
            for (nuint offset = node.Length != 0 || ((ObjectType*)type)->IsVariable ? 12u : 8u; offset < size; offset++)
            {
                if (((byte*)node.Reference)[offset] != 0)
                {
                    Assert.Fail($"byte {offset} of a new object of {size} is not zero");
                }
            }

            FillPayload(node);
            return node;
        }

        private static void FillPayload(Node node)
        {
            if (node.Slots.Length == 0)
            {
                nuint size = ((ObjectType*)node.Type)->SizeOf(node.Length) - 8;
                for (nuint offset = 16; offset < size; offset++)
                {
                    ((byte*)node.Reference)[offset] = (byte)(node.Seed + offset);
                }
            }
        }

        private static void CheckPayload(Node node)
        {
            if (node.Slots.Length == 0)
            {
                nuint size = ((ObjectType*)node.Type)->SizeOf(node.Length) - 8;
                for (nuint offset = 16; offset < size; offset++)
                {
                    if (((byte*)node.Reference)[offset] != (byte)(node.Seed + offset))
                    {
                        Assert.Fail($"byte {offset} of an object of {size} changed");
                    }
                }
            }
        }

        private List<Node> Reachable()
        {
            _round++;
            List<Node> found = [];
            foreach (Node root in _roots)
            {
                Add(root, found);
            }

            for (int i = 0; i < found.Count; i++)
            {
                foreach (Node? child in found[i].Slots)
                {
                    Add(child, found);
                }
            }

            return found;
        }

        private void Add(Node? node, List<Node> found)
        {
            if (node != null && node.Round != _round)
            {
                node.Round = _round;
                found.Add(node);
            }
        }

        private void PublishRoots()
        {
            HeapPlatform.PreciseRoots.Clear();
            HeapPlatform.ConservativeRoots.Clear();
            foreach (Node root in _roots)
            {
                if (_random.Next(2) == 0)
                {
                    HeapPlatform.PreciseRoots.Add(root.Reference);
                }
                else
                {
                    HeapPlatform.ConservativeRoots.Add(root.Reference + (nuint)_random.Next(16));
                }
            }
        }
    }
}
