using System;
using System.Runtime.CompilerServices;
using System.Threading;

namespace CosmosKernel.Programs;

/// <summary>The collector under load: threads that allocate, large objects, finalizers, weak references, and contents that stay what they were.</summary>
internal sealed class MemoryScenario
{
    private static int s_finalized;

    private readonly int[] _contents;
    private MemoryScenario? _next;

    private MemoryScenario(int size, MemoryScenario? next)
    {
        _contents = new int[size];
        Array.Fill(_contents, size);
        _next = next;
    }

    ~MemoryScenario() => Interlocked.Increment(ref s_finalized);

    public static void Run()
    {
        var threads = new Thread[8];
        for (int i = 0; i < threads.Length; i++)
        {
            int seed = i;
            threads[i] = new Thread(() => Churn(seed));
            threads[i].Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        for (int i = 0; i < 8; i++)
        {
            byte[] large = GC.AllocateUninitializedArray<byte>(8 << 20);
            large[^1] = (byte)i;
        }

        WeakReference weak = Forget();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Expect.True(!weak.IsAlive, "a forgotten object is collected");
        Expect.True(s_finalized > 0, "finalizers run");
        Expect.True(GC.CollectionCount(0) > 0, "collections happen");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Forget() => new(new MemoryScenario(1, null));

    private static void Churn(int seed)
    {
        var random = new Random(seed);
        MemoryScenario? list = null;
        for (int i = 0; i < 4_000; i++)
        {
            list = new MemoryScenario(random.Next(1, 200), list);
            if (i % 500 == 499)
            {
                int length = 0;
                for (MemoryScenario? item = list; item is not null; item = item._next)
                {
                    length++;
                    Expect.Equal(item._contents.Length, item._contents[^1], "the contents of a live object");
                }

                Expect.Equal(500, length, "the length of a list");
                list = null;
            }
        }
    }
}
