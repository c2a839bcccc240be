using System;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks.Time;

namespace CosmosKernel.Tests.Validation;

/// <summary>A lock in an object, so that tests can hand it around.</summary>
internal sealed class Spin
{
    /// <summary>The lock.</summary>
    public SpinLock Lock;

    /// <summary>Makes one.</summary>
    public Spin(LockClass lockClass, int number = 0)
    {
        Lock = new SpinLock(lockClass, number);
    }
}

/// <summary>The same, for interrupts.</summary>
internal sealed class IrqSpin
{
    /// <summary>The lock.</summary>
    public IrqSpinLock Lock;

    /// <summary>Makes one.</summary>
    public IrqSpin(LockClass lockClass)
    {
        Lock = new IrqSpinLock(lockClass);
    }
}

/// <summary>What the tests of the validator share.</summary>
internal static class Lab
{
    /// <summary>Ends the test where the kernel has no validator.</summary>
    public static void NeedValidator()
    {
        if (!LockValidator.IsEnabled)
        {
            Check.Skip("this kernel was built without the lock validator");
        }
    }

    /// <summary>Takes the first, then the second, and releases both.</summary>
    public static void Nest(Spin first, Spin second)
    {
        using (first.Lock.Enter())
        using (second.Lock.Enter())
        {
        }
    }

    /// <summary>Checks the report of one broken rule: that it is the only one, and what it says.</summary>
    public static void Expect(LockExpectation expected, LockRule rule, params ReadOnlySpan<string> parts)
    {
        string text = expected.Text;
        Check.Equal(1, expected.Count(rule), text);
        Check.Equal(1, expected.Total, text);
        foreach (string part in parts)
        {
            Check.True(text.Contains(part, StringComparison.Ordinal), $"\"{part}\" in: {text}");
        }
    }
}

/// <summary>Something that happens once in a hard interrupt.</summary>
internal abstract class Shot : KernelTimer
{
    /// <summary>Set by <see cref="KernelTimer.OnExpired"/> as the last thing.</summary>
    protected volatile bool Done;

    /// <summary>Lets it happen, and waits until it has.</summary>
    public void Fire()
    {
        Done = false;
        Start(Clock.MonotonicNanoseconds);
        while (!Done)
        {
            System.Threading.Thread.SpinWait(10);
        }
    }
}

/// <summary>An interrupt that takes a spin lock.</summary>
internal sealed class SpinShot(Spin spin) : Shot
{
    /// <inheritdoc/>
    protected override void OnExpired(ulong now)
    {
        using (spin.Lock.Enter())
        {
        }

        Done = true;
    }
}

/// <summary>An interrupt that takes a spin lock for interrupts.</summary>
internal sealed class IrqShot(IrqSpin spin) : Shot
{
    /// <inheritdoc/>
    protected override void OnExpired(ulong now)
    {
        using (spin.Lock.Enter())
        {
        }

        Done = true;
    }
}
