using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Locking;

namespace ModuleFigures;

/// <summary>A loop around each operation, with nothing else in it.</summary>
internal static class Loops
{
    private static SpinLock s_lock = new(LockClasses.Register("module figures"));

    [TaskPrivate]
    private static object? s_kept;

    [TaskPrivate]
    private static ulong s_sum;

    public static void Empty(Shape shape, int times)
    {
        for (int i = 0; i < times; i++)
        {
            s_sum += (ulong)i;
        }
    }

    public static void Direct(Shape shape, int times)
    {
        for (int i = 0; i < times; i++)
        {
            s_sum += (ulong)Same(i);
        }
    }

    public static void Virtual(Shape shape, int times)
    {
        for (int i = 0; i < times; i++)
        {
            s_sum += (ulong)shape.Sides(i);
        }
    }

    public static void Interface(Shape shape, int times)
    {
        IComparer<int> comparer = shape;
        for (int i = 0; i < times; i++)
        {
            s_sum += (ulong)comparer.Compare(i, 0);
        }
    }

    public static void Delegate(Shape shape, int times)
    {
        Func<int, int> same = shape.Sides;
        for (int i = 0; i < times; i++)
        {
            s_sum += (ulong)same(i);
        }
    }

    public static void Called(Shape shape, int times) => Array.ForEach(new int[times], number => s_sum += (ulong)number);

    public static void Clock(Shape shape, int times)
    {
        for (int i = 0; i < times; i++)
        {
            s_sum += CosmosKernel.Machine.Time.Clock.MonotonicNanoseconds;
        }
    }

    public static void Lock(Shape shape, int times)
    {
        for (int i = 0; i < times; i++)
        {
            using (s_lock.Enter())
            {
                s_sum += (ulong)i;
            }
        }
    }

    public static void Create(Shape shape, int times)
    {
        for (int i = 0; i < times; i++)
        {
            s_kept = new Item(i);
            s_sum += (ulong)i;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Same(int number) => number;

    private sealed class Item(int number)
    {
        private readonly long _number = number;

        public override string ToString() => $"{_number}";
    }
}
