using System;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Threads;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Tests.Validation;

/// <summary>The rules about interrupts, sleeping, ending and releasing. Each is broken on purpose.</summary>
public static class ContextTests
{
    /// <summary>A lock that an interrupt waits for and that a task holds with interrupts on, at different times.</summary>
    [KernelTest("lock.validator_reports_an_interrupt_s_lock_held_with_interrupts_on")]
    public static void Interrupt()
    {
        Lab.NeedValidator();
        LockClass kind = LockClasses.Register("interrupt.plain");
        using LockExpectation expected = LockValidator.Expect(kind);
        var spin = new Spin(kind);
        using (spin.Lock.Enter())
        {
        }

        Check.Equal(0, expected.Total);
        new SpinShot(spin).Fire();
        Lab.Expect(
            expected, LockRule.Interrupt, "an interrupt waits for interrupt.plain", "with interrupts on is held interrupt.plain", "SpinShot.OnExpired in Tests/Kernel/ValidatorTests/Lab.cs:", "ContextTests.Interrupt in Tests/Kernel/ValidatorTests/ContextTests.cs:");
    }

    /// <summary>The same through a second lock: an interrupt waits for A, B is taken under A, and B is also held with interrupts on.</summary>
    [KernelTest("lock.validator_reports_an_interrupt_s_lock_through_another_one")]
    public static void InterruptThroughAnother()
    {
        Lab.NeedValidator();
        LockClass a = LockClasses.Register("interrupt.a");
        LockClass b = LockClasses.Register("interrupt.b");
        using LockExpectation expected = LockValidator.Expect(a, b);
        var outer = new IrqSpin(a);
        var inner = new Spin(b);
        new IrqShot(outer).Fire();
        using (inner.Lock.Enter())
        {
        }

        Check.Equal(0, expected.Total);
        using (outer.Lock.Enter())
        using (inner.Lock.Enter())
        {
        }

        Lab.Expect(expected, LockRule.Interrupt, "takes interrupt.b", "while it holds interrupt.a", "an interrupt waits for interrupt.a", "with interrupts on is held interrupt.b");
    }

    /// <summary>Right use in interrupts and tasks: nothing is reported.</summary>
    [KernelTest("lock.validator_is_silent_about_right_use")]
    public static void RightUse()
    {
        Lab.NeedValidator();
        LockClass a = LockClasses.Register("right.a");
        LockClass b = LockClasses.Register("right.b");
        using LockExpectation expected = LockValidator.Expect(a, b);
        var irq = new IrqSpin(a);
        var mutex = new Mutex("right.b");
        for (int i = 0; i < 3; i++)
        {
            using (mutex.Enter())
            using (irq.Lock.Enter())
            {
            }

            new IrqShot(irq).Fire();
            using (irq.Lock.Enter())
            {
                Check.True(irq.Lock.IsHeldHere);
            }
        }

        Check.Equal(0, expected.Total, expected.Text);
    }

    /// <summary>A lock that sleeps, taken with a spin lock held, although it is free and nothing sleeps.</summary>
    [KernelTest("lock.validator_reports_what_may_sleep_under_a_spin_lock")]
    public static void Sleep()
    {
        Lab.NeedValidator();
        LockClass spinClass = LockClasses.Register("sleep.spin");
        LockClass mutexClass = LockClasses.Register("sleep.mutex");
        using LockExpectation expected = LockValidator.Expect(spinClass, mutexClass);
        var spin = new Spin(spinClass);
        var mutex = new Mutex("sleep.mutex");
        using (spin.Lock.Enter())
        using (mutex.Enter())
        {
        }

        Lab.Expect(expected, LockRule.Sleep, "may sleep is called with a spin lock held", "this CPU holds sleep.spin", "ContextTests.Sleep");
    }

    /// <summary>The same in a read section of RCU.</summary>
    [KernelTest("lock.validator_reports_what_may_sleep_in_a_read_section")]
    public static void SleepInReadSection()
    {
        Lab.NeedValidator();
        using LockExpectation expected = LockValidator.Expect(LockClasses.Register("section.mutex"));
        var mutex = new Mutex("section.mutex");
        ReadSection.Begin();
        using (mutex.Enter())
        {
        }

        ReadSection.End();
        Lab.Expect(expected, LockRule.ReadSection, "may sleep is called in a read section of RCU");
    }

    /// <summary>A task that ends with a mutex held.</summary>
    [KernelTest("lock.validator_reports_a_task_that_ends_with_a_lock_held")]
    public static void Exit()
    {
        Lab.NeedValidator();
        using LockExpectation expected = LockValidator.Expect(LockClasses.Register("exit.mutex"));
        var mutex = new Mutex("exit.mutex");
        KernelTask.Start(new TaskOptions { Name = "leaver" }, () => mutex.Acquire()).Join();
        Lab.Expect(expected, LockRule.Exit, "a task ends or leaves the kernel with a lock held", "the task holds exit.mutex", "ContextTests.");
    }

    /// <summary>A release of a spin lock that this CPU does not hold, and one of a sleeping lock by another task than took it.</summary>
    [KernelTest("lock.validator_reports_a_release_by_who_does_not_hold_it")]
    public static void Release()
    {
        Lab.NeedValidator();
        LockClass spinClass = LockClasses.Register("release.spin");
        LockClass sleepingClass = LockClasses.Register("release.sleeping");
        using (LockExpectation expected = LockValidator.Expect(spinClass))
        {
            var spin = new Spin(spinClass);
            using (Preemption.Disable())
            {
                spin.Lock.ReleaseWithPreemptionOff();
            }

            Lab.Expect(expected, LockRule.Release, "releases release.spin", "ContextTests.Release");
        }

        // As a lock type calls it; a real mutex panics a moment later.
        using (LockExpectation expected = LockValidator.Expect(sleepingClass))
        {
            object sleeping = new();
            LockValidator.TryAcquired(sleeping, sleepingClass);
            KernelTask.Start(new TaskOptions { Name = "stranger" }, () => LockValidator.Released(sleeping, sleepingClass)).Join();
            LockValidator.Released(sleeping, sleepingClass);
            Lab.Expect(expected, LockRule.Release, "releases release.sleeping");
        }
    }

    /// <summary>A lock made by default.</summary>
    [KernelTest("lock.validator_refuses_a_lock_without_a_class")]
    public static void NoClass()
    {
        Lab.NeedValidator();
        using LockExpectation expected = LockValidator.Expect(LockClass.None);
        SpinLock nameless = default;
        using (nameless.Enter())
        {
        }

        Lab.Expect(expected, LockRule.Class, "made without a class", "ContextTests.NoClass");
    }

    /// <summary>More locks inside each other than the validator follows: reported, and right again afterwards.</summary>
    [KernelTest("lock.validator_reports_nesting_that_is_too_deep")]
    public static void TooDeep()
    {
        Lab.NeedValidator();
        const int count = 20;
        LockClass[] classes = new LockClass[count];
        Spin[] locks = new Spin[count];
        for (int i = 0; i < count; i++)
        {
            classes[i] = LockClasses.Register($"deep.{i}");
            locks[i] = new Spin(classes[i]);
        }

        using LockExpectation expected = LockValidator.Expect(classes);
        // An interrupt at the deepest point would have no room for its own locks.
        ulong flags = InterruptFlag.Disable();
        foreach (Spin spin in locks)
        {
            spin.Lock.AcquireWithPreemptionOff();
        }

        for (int i = count - 1; i >= 0; i--)
        {
            locks[i].Lock.ReleaseWithPreemptionOff();
        }

        InterruptFlag.Restore(flags);

        Check.Equal(count - 16, expected.Count(LockRule.Depth));
        Check.Equal(count - 16, expected.Total);
        Lab.Nest(locks[0], locks[19]);
        Check.Equal(count - 16, expected.Total);
    }
}
