using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Threading;

namespace CosmosKernel.Runtime.Heap;

/// <summary>The machine that the host tests give the heap: processors are numbers, roots are lists of words, stopping the world is the test's business.</summary>
internal static unsafe class HeapPlatform
{
    private const int ListsPerProcessor = 128;

    private static readonly nuint* s_lists = (nuint*)NativeMemory.AllocZeroed(Processors * ListsPerProcessor, 8);

    [ThreadStatic]
    private static int t_processor;

    public const int Processors = 8;

    public static List<nuint> PreciseRoots { get; } = [];

    public static List<nuint> ConservativeRoots { get; } = [];

    public static bool IsThrowing { get; set; }

    public static bool CanCollect { get; set; } = true;

    public static int SignaledFinalizers { get; private set; }

    public static void ForgetAllocationLists()
    {
    }

    public static int Stops { get; private set; }

    public static ulong Nanoseconds => (ulong)(Stopwatch.GetTimestamp() * 1_000_000_000.0 / Stopwatch.Frequency);

    public static int Processor
    {
        get => t_processor;
        set => t_processor = value;
    }

    public static void Reset()
    {
        NativeMemory.Clear(s_lists, Processors * ListsPerProcessor * 8);
        PreciseRoots.Clear();
        ConservativeRoots.Clear();
        IsThrowing = false;
        CanCollect = true;
        SignaledFinalizers = 0;
        Stops = 0;
        t_processor = 0;
    }

    public static void DisablePreemption()
    {
    }

    public static void EnablePreemption()
    {
    }

    public static void Relax() => Thread.SpinWait(1);

    public static nuint* AllocationList(int index) => s_lists + (t_processor * ListsPerProcessor) + index;

    public static void DropAllocationLists() => NativeMemory.Clear(s_lists, Processors * ListsPerProcessor * 8);

    public static ulong DisableInterrupts() => 0;

    public static void RestoreInterrupts(ulong flags)
    {
    }

    public static void StopWorld() => Stops++;

    public static void ResumeWorld()
    {
    }

    public static void MarkRoots(nuint stackPointer)
    {
        foreach (nuint root in PreciseRoots)
        {
            Marker.MarkReference(root);
        }

        foreach (nuint word in ConservativeRoots)
        {
            Marker.MarkConservatively(word);
        }
    }

    public static void Collect() => Collector.Collect(Collector.Epoch, 0);

    public static void SignalFinalizers() => SignaledFinalizers++;

    public static void CountAllocated(nuint bytes)
    {
    }

    public static bool IsImage(nuint reference) => FakeTypes.IsFrozen(reference);

    public static bool IsTypeAddress(nuint address) => FakeTypes.IsType(address);

    /// <summary>What the X# fast path does: take from the list, or go the slow way.</summary>
    public static nuint AllocateLikeFastPath(ObjectType* type, uint length)
    {
        nuint size = type->SizeOf(length);
        if (size <= SizeClasses.LargestFast)
        {
            nuint* list = AllocationList((int)(size >> 3));
            nuint head = *list;
            if (head > 1)
            {
                nuint reference = head - 1;
                *list = *(nuint*)reference;
                if (type->IsVariable)
                {
                    *(uint*)(reference + 8) = length;
                }

                *(nuint*)reference = (nuint)type;
                return reference;
            }
        }

        return ManagedHeap.Allocate(type, length, 0);
    }

    /// <summary>Modules do not exist here.</summary>
    public static void BeginModules()
    {
    }

    public static bool MarkReachedModules() => false;

    public static void EndModules()
    {
    }
}
