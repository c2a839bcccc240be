using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Testing;

namespace CosmosKernel.Tests.Validation;

/// <summary>The rules about which lock is taken while which is held. Each is broken on purpose; nothing deadlocks, since one task alone does it.</summary>
public static class OrderTests
{
    /// <summary>Two locks in both orders, one after the other: reported with both chains and their lines.</summary>
    [KernelTest("lock.validator_reports_both_orders_of_two_locks")]
    public static void Inversion()
    {
        Lab.NeedValidator();
        LockClass a = LockClasses.Register("order.a");
        LockClass b = LockClasses.Register("order.b");
        using LockExpectation expected = LockValidator.Expect(a, b);
        var first = new Spin(a);
        var second = new Spin(b);
        Lab.Nest(first, second);
        Check.Equal(0, expected.Total);
        TakeTheOtherWay(first, second);
        Lab.Expect(
            expected,
            LockRule.Order,
            "locks are taken in a circle",
            "takes order.a",
            "while it holds order.b",
            "holding order.a",
            "OrderTests.TakeTheOtherWay in Tests/Kernel/ValidatorTests/OrderTests.cs:",
            "Lab.Nest in Tests/Kernel/ValidatorTests/Lab.cs:");

        // Known from now on.
        TakeTheOtherWay(first, second);
        Check.Equal(1, expected.Total);
    }

    /// <summary>A circle of three, which no two of the orders show.</summary>
    [KernelTest("lock.validator_reports_a_circle_of_three")]
    public static void Circle()
    {
        Lab.NeedValidator();
        LockClass[] classes = [LockClasses.Register("circle.a"), LockClasses.Register("circle.b"), LockClasses.Register("circle.c")];
        using LockExpectation expected = LockValidator.Expect(classes);
        Spin[] locks = [new Spin(classes[0]), new Spin(classes[1]), new Spin(classes[2])];
        Lab.Nest(locks[0], locks[1]);
        Lab.Nest(locks[1], locks[2]);
        Lab.Nest(locks[0], locks[2]);
        Check.Equal(0, expected.Total);
        Lab.Nest(locks[2], locks[0]);
        Lab.Expect(expected, LockRule.Order, "takes circle.a", "while it holds circle.c");
    }

    /// <summary>What is taken by an attempt did not wait for what was held, so its order says nothing; what is waited for under it does.</summary>
    [KernelTest("lock.validator_knows_that_an_attempt_does_not_wait")]
    public static void Attempts()
    {
        Lab.NeedValidator();
        LockClass a = LockClasses.Register("attempt.a");
        LockClass b = LockClasses.Register("attempt.b");
        using LockExpectation expected = LockValidator.Expect(a, b);
        var first = new Spin(a);
        var second = new Spin(b);
        Lab.Nest(first, second);
        using (second.Lock.Enter())
        using (SpinLock.Guard attempt = first.Lock.TryEnter())
        {
            Check.True(attempt.Taken);
        }

        Check.Equal(0, expected.Total);
        using (SpinLock.Guard attempt = second.Lock.TryEnter())
        using (first.Lock.Enter())
        {
        }

        Lab.Expect(expected, LockRule.Order, "while it holds attempt.b");
    }

    /// <summary>Two locks of one class.</summary>
    [KernelTest("lock.validator_reports_two_locks_of_one_class")]
    public static void OneClass()
    {
        Lab.NeedValidator();
        LockClass kind = LockClasses.Register("nesting.plain");
        using LockExpectation expected = LockValidator.Expect(kind);
        Lab.Nest(new Spin(kind), new Spin(kind));
        Lab.Expect(expected, LockRule.Nesting, "two locks of one class are held together", "nesting.plain");
    }

    /// <summary>Locks of a class with an order of numbers, any many of them in this order and released in any, and then against it.</summary>
    [KernelTest("lock.validator_allows_one_class_in_ascending_order_only")]
    public static void Ascending()
    {
        Lab.NeedValidator();
        LockClass kind = LockClasses.Register("nesting.ascending", nestsAscending: true);
        using LockExpectation expected = LockValidator.Expect(kind);
        Spin[] locks = new Spin[40];
        for (int i = 0; i < locks.Length; i++)
        {
            locks[i] = new Spin(kind, i);
        }

        using (Preemption.Disable())
        {
            foreach (Spin spin in locks)
            {
                spin.Lock.AcquireWithPreemptionOff();
            }

            foreach (Spin spin in locks)
            {
                spin.Lock.ReleaseWithPreemptionOff();
            }
        }

        Check.Equal(0, expected.Total);
        Lab.Nest(locks[7], locks[3]);
        Lab.Expect(expected, LockRule.Nesting, "taken against their order", "takes nesting.ascending 3", "while it holds nesting.ascending 7");
    }

    /// <summary>A declared class under one that comes later in the list: reported at once, whether or not the declared order was ever seen.</summary>
    [KernelTest("lock.validator_reports_what_is_against_the_declared_order")]
    public static void Declared()
    {
        Lab.NeedValidator();
        using LockExpectation expected = LockValidator.Expect(LockClass.Test);
        Lab.Nest(new Spin(LockClass.BuddyZone), new Spin(LockClass.Test));
        Lab.Expect(expected, LockRule.DeclaredOrder, "against the declared order", "takes Test", "while it holds BuddyZone");
    }

    /// <summary>A reader-writer lock taken for reading by who has it for reading: a writer in between would stop both.</summary>
    [KernelTest("lock.validator_reports_reading_twice")]
    public static void ReadingTwice()
    {
        Lab.NeedValidator();
        LockClass kind = LockClasses.Register("recursion.read");
        using LockExpectation expected = LockValidator.Expect(kind);
        var rw = new ReaderWriterSpinLock(kind);
        using (rw.EnterRead())
        using (rw.EnterRead())
        {
        }

        Lab.Expect(expected, LockRule.Recursion, "by who holds it already", "recursion.read", "OrderTests.ReadingTwice");
    }

    private static void TakeTheOtherWay(Spin first, Spin second)
    {
        using (second.Lock.Enter())
        using (first.Lock.Enter())
        {
        }
    }
}
