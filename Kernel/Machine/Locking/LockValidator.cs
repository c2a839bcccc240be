using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking.Validation;

namespace CosmosKernel.Machine.Locking;

/// <summary>
/// Watches every lock that is taken and released, and reports what could go wrong the first time that it could, whether or not it does (docs/validator.md).
/// It is a build setting of the kernel: the same assemblies, compiled with <c>CosmosKernel.LockValidator=true</c> or false; where it is off, nothing of it is left.
/// <para>Spin locks call it themselves. A lock that sleeps calls <see cref="Acquiring"/> and <see cref="Acquired"/>, or
/// <see cref="TryAcquired"/>, and in the end <see cref="Released"/>. Each of these is empty where the validator is off.</para>
/// </summary>
public static partial class LockValidator
{
    /// <summary>The validator and the lock statistics are in this kernel. Known when the kernel is compiled, so that code behind it costs nothing where it is off.</summary>
    [FeatureSwitchDefinition("CosmosKernel.LockValidator")]
    public static bool IsEnabled => AppContext.TryGetSwitch("CosmosKernel.LockValidator", out bool enabled) && enabled;

    /// <summary>Reports since boot that no test expected. Any context.</summary>
    public static int Reports
    {
        get
        {
            if (!IsEnabled)
            {
                return 0;
            }

            int total = 0;
            for (int rule = 0; rule < (int)LockRule.Count; rule++)
            {
                total += LockReport.Count((LockRule)rule);
            }

            return total;
        }
    }

    /// <summary>Reports of one rule since boot that no test expected. Any context.</summary>
    public static int ReportsOf(LockRule rule) => IsEnabled ? LockReport.Count(rule) : 0;

    /// <summary>The text of the reports since boot, as far as it was kept. Task context.</summary>
    public static string ReportText => IsEnabled ? System.Text.Encoding.ASCII.GetString(LockReport.Text) : "";

    /// <summary>Pairs of classes that were seen, one taken while the other was held, and how many there is room for. Any context.</summary>
    public static (int Seen, int Room) Orders => IsEnabled ? (s_graph.EdgeCount, LockGraph.MaximumEdges) : (0, 0);

    /// <summary>
    /// Begins a stretch of a test that breaks a rule on purpose: reports that name one of the classes, wherever they come from, are kept for the test. What was seen of classes that are
    /// registered is forgotten at the end. One at a time in the kernel. Task context. In a kernel without the validator nothing is ever reported.
    /// </summary>
    /// <exception cref="InvalidOperationException">Another test expects reports now.</exception>
    public static LockExpectation Expect(params ReadOnlySpan<LockClass> lockClasses)
    {
        if (IsEnabled && !LockReport.TryExpect(lockClasses))
        {
            throw new InvalidOperationException("Another test expects reports of the lock validator.");
        }

        return new LockExpectation(active: IsEnabled);
    }

    /// <summary>A lock that sleeps is about to be taken: all rules are checked before it can hang. Task context.</summary>
    /// <param name="lockObject">The lock.</param>
    /// <param name="lockClass">Its class.</param>
    /// <param name="waits">It will be waited for if it is not free; false for an attempt.</param>
    /// <param name="access">How it is taken.</param>
    /// <param name="number">Its place among the locks of its class, if several may be held together.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Acquiring(object lockObject, LockClass lockClass, bool waits, LockAccess access = LockAccess.Exclusive, int number = 0)
    {
        if (IsEnabled && waits)
        {
            BeginSleeping(lockObject, lockClass, number, access == LockAccess.Shared ? HeldFlags.Sleeping | HeldFlags.Shared : HeldFlags.Sleeping);
        }
    }

    /// <summary>What <see cref="Acquiring"/> announced has ended.</summary>
    /// <param name="lockObject">The lock.</param>
    /// <param name="lockClass">Its class.</param>
    /// <param name="taken">It is held now; false after a time-out, an interrupt, a kill, or an attempt that failed.</param>
    /// <param name="waits">As before.</param>
    /// <param name="waited">It was not free at once.</param>
    /// <param name="access">As before.</param>
    /// <param name="number">As before.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Acquired(
        object lockObject, LockClass lockClass, bool taken, bool waits, bool waited, LockAccess access = LockAccess.Exclusive, int number = 0)
    {
        if (!IsEnabled)
        {
            return;
        }

        if (!waits)
        {
            if (taken)
            {
                TryAcquired(lockObject, lockClass, access, number);
            }
        }
        else if (taken)
        {
            EndWaiting(lockObject, waited);
        }
        else
        {
            GiveUpSleeping(lockObject);
        }
    }

    /// <summary>A lock that sleeps was taken without waiting: what is held now did not wait for it. Task context.</summary>
    /// <param name="lockObject">The lock.</param>
    /// <param name="lockClass">Its class.</param>
    /// <param name="access">How it was taken.</param>
    /// <param name="number">Its place among the locks of its class.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void TryAcquired(object lockObject, LockClass lockClass, LockAccess access = LockAccess.Exclusive, int number = 0)
    {
        if (IsEnabled)
        {
            BeginSleeping(lockObject, lockClass, number, HeldFlags.Sleeping | HeldFlags.Tried | (access == LockAccess.Shared ? HeldFlags.Shared : HeldFlags.None));
        }
    }

    /// <summary>A lock that sleeps is about to be released by the running task.</summary>
    /// <param name="lockObject">The lock.</param>
    /// <param name="lockClass">Its class.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Released(object lockObject, LockClass lockClass)
    {
        if (IsEnabled)
        {
            EndSleeping(lockObject, lockClass);
        }
    }

    /// <summary>The running code may sleep here, whether or not it does now: reports when it must not. Any context, for functions that sleep only sometimes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MightSleep()
    {
        if (IsEnabled)
        {
            CheckSleep();
        }
    }

    /// <summary>The running task ends, or leaves the kernel: reports what it still holds. Task context.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void NothingHeldAtExit()
    {
        if (IsEnabled)
        {
            CheckExit();
        }
    }

    /// <summary>
    /// Forgets what was seen of a registered class, so that a module that comes back with other code begins anew. None of its locks is held. Task context.
    /// </summary>
    public static void Forget(LockClass lockClass)
    {
        if (IsEnabled)
        {
            ForgetClass(lockClass);
        }
    }

    /// <summary>There was no room to register a class.</summary>
    internal static void ReportNoRoomForClass()
    {
        if (IsEnabled)
        {
            ReportTableFull("the table of lock classes is full: some locks are not checked"u8);
        }
    }

    /// <summary>Interrupts go on: what is held becomes a lock that is held with interrupts on. Interrupts are off still.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void InterruptsTurnOn()
    {
        if (IsEnabled)
        {
            MarkInterruptsOn();
        }
    }

    /// <summary>This CPU is about to switch threads: it must hold no spin lock. Interrupts are off.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void NothingHeldAtSwitch()
    {
        if (IsEnabled)
        {
            CheckSwitch();
        }
    }
}
