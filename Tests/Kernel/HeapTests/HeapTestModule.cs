using System;
using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Runtime.Heap;

namespace CosmosKernel.Tests.Heap;

/// <summary>Tests of the managed heap and its collector, and the allocation storm of <c>make soak</c>.</summary>
[Module("heap-tests", Description = "In-kernel tests of the managed heap")]
public sealed class HeapTestModule : KernelModule
{
    [Atomic]
    private static volatile object? s_sink;

    /// <inheritdoc/>
    public override void Start(ModuleContext context)
    {
    }

    /// <summary>
    /// Runs <paramref name="action"/> deeper on the stack than the caller, then overwrites what it left there: stacks are scanned conservatively, so a dead reference in
    /// memory that a later call uses without writing it would keep its object.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void RunAndForget(Action action)
    {
        RunDeeper(action);
        Overwrite();
    }

    /// <summary>Collects, and fails when a reachable reference is bad.</summary>
    internal static void CollectAndVerify() => Check.Equal(0ul, ManagedHeap.Verify());

    /// <summary>Lets a value escape, so that the compiler cannot leave its allocation out.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void Escape(object? value)
    {
        s_sink = value;
        s_sink = null;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void RunDeeper(Action action)
    {
        Span<byte> distance = stackalloc byte[1024];
        distance.Fill(1);
        action();
        Check.Equal(1, distance[1023]);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Overwrite()
    {
        Span<byte> stack = stackalloc byte[8192];
        stack.Fill(3);
        Check.Equal(3, stack[8191]);
    }
}
