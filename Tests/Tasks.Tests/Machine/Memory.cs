using System;
using System.Collections.Generic;
using System.Numerics;
using System.Runtime.CompilerServices;
using CosmosKernel.Tasks.Tests.Simulation;

// In this namespace, so that the kernel's sources find them before those of System.Threading: each access to shared memory is a step of the simulation,
// and other CPUs may do anything between two of them. They are as atomic as what they stand for: tests of data structures alone use the same sources on the host's own threads,
// where a sum or an exchange of plain accesses would lose what another thread does in the middle of it.
namespace CosmosKernel;

/// <summary>Stands for System.Threading.Volatile.</summary>
internal static class Volatile
{
    public static T Read<T>(ref readonly T location, [CallerMemberName] string by = "")
    {
        SharedMemory.Step("read", by);
        T value = location;

        // Acquire: what is read later is not read earlier.
        System.Threading.Volatile.ReadBarrier();
        return value;
    }

    public static void Write<T>(ref T location, T value, [CallerMemberName] string by = "")
    {
        SharedMemory.Step("write", by);

        // Release: what was written earlier is not written later.
        System.Threading.Volatile.WriteBarrier();
        location = value;
    }
}

/// <summary>Stands for System.Threading.Interlocked.</summary>
internal static class Interlocked
{
    public static T Increment<T>(ref T location, [CallerMemberName] string by = "")
        where T : INumber<T>
    {
        SharedMemory.Step("increment", by);
        return Change(ref location, T.One, static (before, one) => unchecked(before + one)).After;
    }

    public static T Decrement<T>(ref T location, [CallerMemberName] string by = "")
        where T : INumber<T>
    {
        SharedMemory.Step("decrement", by);
        return Change(ref location, T.One, static (before, one) => unchecked(before - one)).After;
    }

    public static T Add<T>(ref T location, T value, [CallerMemberName] string by = "")
        where T : INumber<T>
    {
        SharedMemory.Step("add", by);
        return Change(ref location, value, static (before, more) => unchecked(before + more)).After;
    }

    public static T Or<T>(ref T location, T value, [CallerMemberName] string by = "")
        where T : IBitwiseOperators<T, T, T>
    {
        SharedMemory.Step("or", by);
        return Change(ref location, value, static (before, bits) => before | bits).Before;
    }

    public static T And<T>(ref T location, T value, [CallerMemberName] string by = "")
        where T : IBitwiseOperators<T, T, T>
    {
        SharedMemory.Step("and", by);
        return Change(ref location, value, static (before, bits) => before & bits).Before;
    }

    public static T Exchange<T>(ref T location, T value, [CallerMemberName] string by = "")
    {
        SharedMemory.Step("exchange", by);
        return System.Threading.Interlocked.Exchange(ref location, value);
    }

    public static T CompareExchange<T>(ref T location, T value, T comparand, [CallerMemberName] string by = "")
    {
        SharedMemory.Step("compare", by);
        return System.Threading.Interlocked.CompareExchange(ref location, value, comparand);
    }

    public static void MemoryBarrier([CallerMemberName] string by = "")
    {
        SharedMemory.Step("fence", by);
        System.Threading.Interlocked.MemoryBarrier();
    }

    // One step of the simulation, however often the exchange is repeated on the host's own threads.
    private static (T Before, T After) Change<T>(ref T location, T operand, Func<T, T, T> operation)
    {
        while (true)
        {
            T before = location;
            T after = operation(before, operand);

            // By what the exchange gives back it is decided, not by what was read: a torn or stale value makes it fail.
            if (EqualityComparer<T>.Default.Equals(System.Threading.Interlocked.CompareExchange(ref location, after, before), before))
            {
                return (before, after);
            }
        }
    }
}

/// <summary>Steps where a simulation runs; tests of data structures alone use the same sources without one.</summary>
internal static class SharedMemory
{
    public static void Step(string what, string by)
    {
        if (SimulatedMachine.IsRunningHere)
        {
            SimulatedMachine.Instance.Step(what, by);
        }
    }
}
