using System;
using System.Collections.Generic;
using CosmosKernel.Abi;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes.Memory;
using Xunit;

namespace CosmosKernel.AddressSpaces.Tests;

/// <summary>Random operations on a small range, beside a model that has a value and rights for each page.</summary>
public sealed class ModelTests : SpaceFixture
{
    private const ulong Base = 0x4000_0000;
    private const int Pages = 96;

    private readonly int[] _values = new int[Pages];
    private readonly MemoryProtection[] _rights = new MemoryProtection[Pages];
    private readonly bool[] _mapped = new bool[Pages];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void AnyOperationsGiveWhatTheModelSays(int seed)
    {
        Random random = new(seed);
        for (int step = 0; step < 4000; step++)
        {
            Step(random, step);
            if (step % 16 == 0)
            {
                Compare();
            }
        }
    }

    private void Step(Random random, int step)
    {
        int first = random.Next(Pages);
        int count = random.Next(1, Math.Min(12, Pages - first) + 1);
        ulong at = Base + ((ulong)first * P);
        ulong bytes = (ulong)count * P;
        MemoryProtection rights = random.Next(4) switch { 0 => MemoryProtection.None, 1 => MemoryProtection.Read, _ => Rw };
        switch (random.Next(8))
        {
            case 0 or 1:
                Assert.Equal((long)at, Space.Map(at, bytes, rights, Anonymous | MapFlags.Fixed, default));
                Fill(first, count, page => Set(page, true, 0, rights));
                break;
            case 2:
                Assert.Equal(Errno.Ok, Space.Unmap(at, bytes));
                Fill(first, count, page => Set(page, false, 0, MemoryProtection.None));
                break;
            case 3:
                bool whole = true;
                Errno result = Space.Protect(at, bytes, rights);
                for (int page = first; page < first + count && whole; page++)
                {
                    whole = _mapped[page];
                    if (whole)
                    {
                        _rights[page] = rights;
                    }
                }

                Assert.Equal(whole ? Errno.Ok : Errno.ENOMEM, result);
                break;
            case 4:
                _ = Space.Advise(at, bytes, MemoryAdvice.DontNeed);
                Fill(first, count, page => _values[page] = 0);
                break;
            case 5 when step % 8 == 0:
                Assert.Equal(Errno.Ok, Space.TryFork(out AddressSpace? child));
                if (_mapped[first] && (_rights[first] & MemoryProtection.Write) != 0)
                {
                    Write(child!, at, 255);
                }

                Compare();
                child!.ReleaseUser();
                break;
            case 6:
                Move(random, first, count);
                break;
            default:
                byte value = (byte)random.Next(1, 255);
                bool writable = _mapped[first] && (_rights[first] & MemoryProtection.Write) != 0;
                Assert.Equal(writable ? 1 : 0, Space.WriteRemote(at, [value]));
                _values[first] = writable ? value : _values[first];
                break;
        }
    }

    // mremap to a given place, of pages that are one area or not.
    private void Move(Random random, int first, int count)
    {
        int target = random.Next(Pages - count + 1);
        ulong at = Base + ((ulong)first * P);
        ulong bytes = (ulong)count * P;
        long result = Space.Remap(at, bytes, bytes, RemapFlags.MayMove | RemapFlags.Fixed, Base + ((ulong)target * P));
        if (Math.Abs(first - target) < count)
        {
            Assert.Equal(-(long)Errno.EINVAL, result);
            return;
        }

        bool oneArea = true;
        for (int page = first; page < first + count; page++)
        {
            oneArea &= _mapped[page] && _rights[page] == _rights[first];
        }

        if (result < 0)
        {
            // Alike is not one area: neighbours that were moved have other offsets, as long as nobody joins them.
            Assert.Equal(-(long)Errno.EFAULT, result);
            return;
        }

        Assert.True(oneArea);
        for (int i = 0; i < count; i++)
        {
            Set(target + i, true, _values[first + i], _rights[first + i]);
            Set(first + i, false, 0, MemoryProtection.None);
        }
    }

    private void Compare()
    {
        List<string> wrong = [];
        ulong total = 0;
        for (int page = 0; page < Pages; page++)
        {
            ulong at = Base + ((ulong)page * P);
            bool readable = _mapped[page] && _rights[page] != MemoryProtection.None;
            byte[] value = [0];
            int read = Space.ReadRemote(at, value);
            total += _mapped[page] ? 1ul : 0;
            if (read != (readable ? 1 : 0) || (readable && value[0] != _values[page]))
            {
                wrong.Add($"page {page}: {read} {value[0]}, not {readable} {_values[page]}");
            }
        }

        Assert.Empty(wrong);
        Assert.Equal(total, Space.Use.Total);
        CheckTree(total);
    }

    private void CheckTree(ulong total)
    {
        ulong end = 0;
        ulong pages = 0;
        for (ulong at = 0; Space.TryDescribe(at, out AreaDescription area); at = area.End)
        {
            Assert.True(area.Start >= end && area.End > area.Start);
            end = area.End;
            pages += (area.End - area.Start) / P;
        }

        Assert.Equal(total, pages);
    }

    private void Set(int page, bool mapped, int value, MemoryProtection rights)
    {
        _mapped[page] = mapped;
        _values[page] = value;
        _rights[page] = rights;
    }

    private static void Fill(int first, int count, Action<int> action)
    {
        for (int page = first; page < first + count; page++)
        {
            action(page);
        }
    }
}
