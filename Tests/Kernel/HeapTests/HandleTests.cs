using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Tests.Heap;

/// <summary>Handles, weak references and finalizers.</summary>
public static class HandleTests
{
    private const int Objects = 100;

    [Atomic]
    private static volatile int s_finalized;

    [Atomic]
    private static volatile Phoenix? s_risen;

    /// <summary>Weak references.</summary>
    [KernelTest("memory.heap.weak_references_are_cleared_when_their_objects_die")]
    public static void Weak()
    {
        var weak = new WeakReference[Objects];
        var kept = new object[Objects / 2];
        HeapTestModule.RunAndForget(() =>
        {
            for (int i = 0; i < Objects; i++)
            {
                object target = new int[i];
                weak[i] = new WeakReference(target);
                if (i % 2 == 0)
                {
                    kept[i / 2] = target;
                }
            }
        });
        HeapTestModule.CollectAndVerify();
        int alive = 0;
        for (int i = 0; i < Objects; i++)
        {
            if (i % 2 == 0)
            {
                Check.True(ReferenceEquals(weak[i].Target, kept[i / 2]), "a living object's weak reference holds it");
            }
            else if (weak[i].IsAlive)
            {
                alive++;
            }
        }

        // A stale word on the stack may keep one of the last.
        Check.InRange(0, 2, alive);
        GC.KeepAlive(kept);
    }

    /// <summary>Strong and pinned handles.</summary>
    [KernelTest("memory.heap.strong_and_pinned_handles_keep_their_objects")]
    public static void Strong()
    {
        var handles = new GCHandle[Objects];
        HeapTestModule.RunAndForget(() =>
        {
            for (int i = 0; i < Objects; i++)
            {
                handles[i] = GCHandle.Alloc(new[] { i }, i % 2 == 0 ? GCHandleType.Normal : GCHandleType.Pinned);
            }
        });
        HeapTestModule.CollectAndVerify();
        for (int i = 0; i < Objects; i++)
        {
            Check.Equal(i, ((int[])handles[i].Target!)[0]);
            handles[i].Free();
        }
    }

    /// <summary>Dependent handles, through ConditionalWeakTable.</summary>
    [KernelTest("memory.heap.dependent_handles_live_as_long_as_their_keys")]
    public static void Dependent()
    {
        var table = new ConditionalWeakTable<object, object>();
        var keys = new object[Objects];
        var values = new WeakReference[Objects];
        HeapTestModule.RunAndForget(() =>
        {
            object previous = new();
            keys[0] = previous;
            for (int i = 0; i < Objects; i++)
            {
                // Each value is the next entry's key: the collector must follow the chain to its end.
                object value = new[] { i };
                table.Add(previous, value);
                values[i] = new WeakReference(value);
                previous = value;
            }
        });
        HeapTestModule.CollectAndVerify();
        for (int i = 0; i < Objects; i++)
        {
            Check.Equal(i, ((int[])values[i].Target!)[0]);
        }

        keys[0] = table;
        HeapTestModule.RunAndForget(() => Check.True(values[0].IsAlive));
        HeapTestModule.CollectAndVerify();
        int alive = 0;
        foreach (WeakReference value in values)
        {
            alive += value.IsAlive ? 1 : 0;
        }

        // A stale word that keeps one link keeps those behind it too, but not all.
        Check.True(alive < Objects, "no value outlives its key");
        GC.KeepAlive(keys);
    }

    /// <summary>Finalizers, suppressed and not.</summary>
    [KernelTest("memory.heap.finalizers_run_once_and_suppressed_ones_do_not")]
    public static void Finalizers()
    {
        s_finalized = 0;
        HeapTestModule.RunAndForget(() =>
        {
            for (int i = 0; i < Objects; i++)
            {
                var tomb = new Counted();
                if (i % 2 == 1)
                {
                    GC.SuppressFinalize(tomb);
                }
            }
        });
        for (int i = 0; i < 3; i++)
        {
            HeapTestModule.CollectAndVerify();
            GC.WaitForPendingFinalizers();
        }

        Check.InRange((Objects / 2) - 2, Objects / 2, s_finalized);
    }

    /// <summary>Resurrection and registering again.</summary>
    [KernelTest("memory.heap.a_finalizer_may_resurrect_its_object_and_register_it_again")]
    public static void Resurrection()
    {
        s_risen = null;
        HeapTestModule.RunAndForget(() => HeapTestModule.Escape(new Phoenix { Ashes = [1, 2, 3] }));
        for (int life = 1; life <= 3; life++)
        {
            HeapTestModule.CollectAndVerify();
            GC.WaitForPendingFinalizers();
            Check.True(s_risen is not null, $"the object rose again in life {life}");
            Check.Equal(life, s_risen.Lives);
            Check.Equal(3, s_risen.Ashes[2]);
            HeapTestModule.RunAndForget(() =>
            {
                Phoenix bird = s_risen!;
                s_risen = null;
                GC.ReRegisterForFinalize(bird);
            });
        }
    }

    /// <summary>Several tasks wait for finalizers at once.</summary>
    [KernelTest("memory.heap.who_waits_for_finalizers_returns_after_those_of_objects_that_died_before")]
    public static void Waiters()
    {
        const int rounds = 25;
        int waited = 0;
        TestTasks.Run(
            2 * RunQueues.Count,
            i => new TaskOptions { Name = $"waiter-{i}" },
            _ =>
            {
                for (int round = 0; round < rounds; round++)
                {
                    int[] end = [0];
                    var weak = new WeakReference(null);
                    HeapTestModule.RunAndForget(() => weak.Target = new Ending(end));
                    GC.Collect();
                    if (weak.IsAlive)
                    {
                        // A stale word on a stack keeps it.
                        continue;
                    }

                    // The collection that cleared the reference has given the object to the finalizer thread.
                    GC.WaitForPendingFinalizers();
                    Check.Equal(1, Volatile.Read(ref end[0]), "finalizers that ran");
                    Interlocked.Increment(ref waited);
                }
            });
        TestRunner.Figure("memory.heap.finalizer_waits", waited, "waits");
        Check.True(waited >= RunQueues.Count, $"only {waited} objects died");
    }

    private sealed class Ending(int[] end)
    {
        ~Ending()
        {
            Interlocked.Increment(ref end[0]);
        }
    }

    private sealed class Counted
    {
        ~Counted()
        {
            Interlocked.Increment(ref s_finalized);
        }
    }

    [Protocol("Written by the finalizer, read after it was waited for.")]
    private sealed class Phoenix
    {
        public int[] Ashes = [];
        public int Lives;

        ~Phoenix()
        {
            Lives++;
            s_risen = this;
        }
    }
}
