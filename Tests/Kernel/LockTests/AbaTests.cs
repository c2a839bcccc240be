using System.Threading;
using CosmosKernel.Locking;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;

namespace CosmosKernel.Tests.Locks;

/// <summary>
/// The ABA problem of lock-free lists: a compare-exchange sees the value that it saw before, and not that it went away and came back (IBM System/370 Principles
/// of Operation, appendix on free-pool manipulation).
/// </summary>
public static class AbaTests
{
    private const int A = 0;
    private const int B = 1;
    private const int C = 2;

    /// <summary>Forced interleaving: one task reads the top (A) and its next (B); another takes A and B and gives A back; the first one's exchange succeeds and puts B, which is in use, on the stack.</summary>
    [KernelTest("lock.aba_breaks_a_naive_lock_free_stack")]
    public static void Naive()
    {
        int[] next = [B, C, -1];
        int top = A;

        // The first task, up to before its exchange.
        int seenTop = Volatile.Read(ref top);
        int seenNext = next[seenTop];

        KernelTask.Start("other", () =>
        {
            int a = Pop(ref top, next);
            int b = Pop(ref top, next);
            Check.Equal(A, a);
            Check.Equal(B, b);
            Push(ref top, next, a);
        }).Join();

        // The first task goes on: the top is A again, so nothing seems to have happened.
        Check.Equal(seenTop, Interlocked.CompareExchange(ref top, seenNext, seenTop));
        Check.Equal(B, top);
    }

    /// <summary>The same interleaving with the kernel's stack: the exchange fails, since the top's tag says that it was away.</summary>
    [KernelTest("lock.aba_does_not_break_the_tagged_stack")]
    public static void Tagged()
    {
        IndexStack stack = new(3);
        stack.Push(C);
        stack.Push(B);
        stack.Push(A);
        IndexStack.Top seen = stack.Look();
        Check.Equal(A, seen.Index);

        KernelTask.Start("other", () =>
        {
            Check.Equal(A, stack.Pop());
            Check.Equal(B, stack.Pop());
            stack.Push(A);
        }).Join();

        Check.Equal(seen.Index, stack.Look().Index);
        Check.False(stack.TryPop(seen));
        Check.Equal(A, stack.Pop());
        Check.Equal(C, stack.Pop());
        Check.Equal(-1, stack.Pop());
    }

    /// <summary>Tasks on all CPUs take and give back indices at once: no index is ever with two of them, and none is lost.</summary>
    [KernelTest("lock.the_tagged_stack_gives_each_index_to_one")]
    public static void Contended()
    {
        const int indices = 8;
        IndexStack stack = new(indices);
        int[] holders = new int[indices];
        for (int i = 0; i < indices; i++)
        {
            stack.Push(i);
        }

        TestTasks.Run(6, i => new TaskOptions { Name = $"taker {i}" }, me =>
        {
            for (int i = 0; i < 5_000; i++)
            {
                int first = stack.Pop();
                int second = stack.Pop();
                Hold(first);
                Hold(second);
                Return(first);
                Return(second);
            }
        });
        for (int i = 0; i < indices; i++)
        {
            Check.True(stack.Pop() >= 0);
        }

        Check.Equal(-1, stack.Pop());

        void Hold(int index)
        {
            if (index >= 0)
            {
                Check.Equal(1, Interlocked.Increment(ref holders[index]));
            }
        }

        void Return(int index)
        {
            if (index >= 0)
            {
                Interlocked.Decrement(ref holders[index]);
                stack.Push(index);
            }
        }
    }

    private static int Pop(ref int top, int[] next)
    {
        while (true)
        {
            int seen = Volatile.Read(ref top);
            if (seen < 0 || Interlocked.CompareExchange(ref top, next[seen], seen) == seen)
            {
                return seen;
            }
        }
    }

    private static void Push(ref int top, int[] next, int index)
    {
        int seen;
        do
        {
            seen = Volatile.Read(ref top);
            next[index] = seen;
        }
        while (Interlocked.CompareExchange(ref top, index, seen) != seen);
    }
}
