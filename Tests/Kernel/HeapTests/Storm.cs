using System;
using System.Collections.Generic;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Testing;

namespace CosmosKernel.Tests.Heap;

/// <summary>
/// One task's working set: trees whose nodes know what they must hold. It is full from the start, and what it holds at a time depends on its seed and the number of rounds alone.
/// </summary>
[TaskPrivate]
internal sealed class Storm
{
    private const int Slots = 256;
    private const int ChangesPerRound = 200;
    private const int Names = 100;

    private readonly int _seed;
    private readonly Random _random;
    private readonly Leaf[] _slots = new Leaf[Slots];
    private readonly Dictionary<int, string> _names = new(Names);
    private readonly StormLeak _leak;
    private object? _leaked;
    private long _count;
    private int _rounds;

    /// <summary>Makes the working set.</summary>
    /// <param name="seed">Which one.</param>
    /// <param name="leak">What each round forgets to drop.</param>
    public Storm(int seed, StormLeak leak)
    {
        _seed = seed;
        _random = new Random(seed);
        _leak = leak;
        for (int slot = 0; slot < Slots; slot++)
        {
            _slots[slot] = Create(slot);
        }

        for (int key = 0; key < Names; key += 2)
        {
            _names.Add(key, Name(key));
        }
    }

    /// <summary>What it holds on purpose: objects, and their bytes before they are rounded up to cells.</summary>
    public (long Objects, long Bytes) Held
    {
        get
        {
            long objects = _names.Count;
            long bytes = 0;
            foreach (Leaf slot in _slots)
            {
                slot.Count(ref objects, ref bytes);
            }

            return (objects, bytes);
        }
    }

    /// <summary>Replaces a part of the working set and checks what it drops.</summary>
    public void Round()
    {
        for (int i = 0; i < ChangesPerRound; i++)
        {
            int slot = _random.Next(Slots);
            _slots[slot].Verify(slot);
            _slots[slot] = Create(slot);
        }

        int key = _random.Next(Names);
        string name = Name(key);
        if (_names.TryGetValue(key, out string? known))
        {
            Check.Equal(name, known);
            _names.Remove(key);
        }
        else
        {
            _names.Add(key, name);
        }

        _rounds++;
        if (_leak == StormLeak.SmallObjects)
        {
            _leaked = new Link(_leaked, 0);
        }
        else if (_leak == StormLeak.LargeObjects && _rounds % 16 == 0)
        {
            _leaked = new Link(_leaked, 64 << 10);
        }
    }

    private Leaf Create(int slot) => Leaf.Create(slot, _random.Next(8), _random.Next(60) == 0 ? _random.Next(40_000) : _random.Next(200), _count++);

    private string Name(int key) => $"{_seed}:{key}";

    [Owned]
    private sealed class Leaf
    {
        // With header and type; of an array without its elements.
        private const int ObjectBytes = 56;
        private const int ArrayBytes = 24;
        private const int BoxBytes = 24;
        private const int PairBytes = 16;

        private readonly byte[] _payload;
        private readonly (long Number, object? Boxed)[] _pairs;
        private readonly Leaf? _next;
        private readonly int _slot;
        private readonly long _stamp;

        private Leaf(int slot, int payload, long stamp, Leaf? next)
        {
            _slot = slot;
            _stamp = stamp;
            _next = next;
            _payload = new byte[payload];
            Check.Equal(-1, _payload.AsSpan().IndexOfAnyExcept((byte)0));
            _payload.AsSpan().Fill((byte)stamp);
            _pairs = new (long, object?)[payload % 7];
            for (int i = 0; i < _pairs.Length; i++)
            {
                _pairs[i] = (stamp + i, (object)(stamp - i));
            }
        }

        public static Leaf Create(int slot, int depth, int payload, long stamp)
        {
            Leaf? leaf = null;
            for (int i = 0; i <= depth; i++)
            {
                leaf = new Leaf(slot, payload / (i + 1), stamp, leaf);
            }

            return leaf!;
        }

        public void Verify(int slot)
        {
            for (Leaf? leaf = this; leaf is not null; leaf = leaf._next)
            {
                if (leaf._slot != slot || leaf._payload.AsSpan().IndexOfAnyExcept((byte)leaf._stamp) != -1)
                {
                    Check.Fail("an object's content changed");
                }

                for (int i = 0; i < leaf._pairs.Length; i++)
                {
                    if (leaf._pairs[i].Number != leaf._stamp + i || leaf._pairs[i].Boxed is not long boxed || boxed != leaf._stamp - i)
                    {
                        Check.Fail("an array of structs changed");
                    }
                }
            }
        }

        public void Count(ref long objects, ref long bytes)
        {
            for (Leaf? leaf = this; leaf is not null; leaf = leaf._next)
            {
                objects += 3 + leaf._pairs.Length;
                bytes += ObjectBytes + ArrayBytes + leaf._payload.Length + ArrayBytes + (leaf._pairs.Length * (PairBytes + BoxBytes));
            }
        }
    }

    [Owned]
    private sealed class Link(object? next, int bytes)
    {
        private readonly object? _next = next;
        private readonly byte[]? _payload = bytes == 0 ? null : new byte[bytes];
    }
}

/// <summary>What a storm's task keeps for ever though nobody wants it: for the proof that a leak is found.</summary>
internal enum StormLeak
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>One small object in each round, in which it makes about five thousand.</summary>
    SmallObjects,

    /// <summary>64 KiB in every sixteenth round, in which it allocates about six megabytes.</summary>
    LargeObjects,
}
