using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Threads;
using CosmosKernel.Tasks.Tests.Simulation;

namespace CosmosKernel.Machine.Locking;

/// <summary>Stands for the struct of this name in Kernel/Machine.</summary>
internal struct IrqSpinLock
{
    private int _holder;

    public IrqSpinLock(LockClass lockClass)
        : this(lockClass, 0)
    {
    }

    public IrqSpinLock(LockClass lockClass, int number)
    {
        ArgumentOutOfRangeException.ThrowIfEqual(lockClass, LockClass.None);
        ArgumentOutOfRangeException.ThrowIfNegative(number);
    }

    [UnscopedRef]
    public Guard Enter([CallerMemberName] string by = "")
    {
        ulong flags = InterruptFlag.Disable(by);
        AcquireWithInterruptsOff(by);
        return new Guard(ref this, flags);
    }

    public void AcquireWithInterruptsOff([CallerMemberName] string by = "")
    {
        SimulatedMachine machine = SimulatedMachine.Instance;
        machine.Require(!machine.Active.InterruptsOn, "a lock for interrupts is taken with interrupts on");
        machine.Step("lock", by);
        while (_holder != 0)
        {
            machine.Require(_holder != machine.Active.Index + 1, "a CPU waits for a lock that it holds itself");
            machine.Step();
        }

        _holder = machine.Active.Index + 1;
        machine.Active.LocksHeld++;
    }

    public void AcquireWithInterruptsOff(int here, [CallerMemberName] string by = "")
    {
        SimulatedMachine.Instance.Require(here == SimulatedMachine.Instance.Active.Index, "a lock is taken in the name of another CPU");
        AcquireWithInterruptsOff(by);
    }

    public void ReleaseWithInterruptsOff()
    {
        SimulatedMachine machine = SimulatedMachine.Instance;
        machine.Require(_holder == machine.Active.Index + 1, "a lock is released by a CPU that does not hold it");
        machine.Active.LocksHeld--;
        _holder = 0;
        machine.Step();
    }

    public readonly ref struct Guard
    {
        private readonly ref IrqSpinLock _lock;
        private readonly ulong _flags;

        internal Guard(ref IrqSpinLock theLock, ulong flags)
        {
            _lock = ref theLock;
            _flags = flags;
        }

        public void Dispose()
        {
            _lock.ReleaseWithInterruptsOff();
            Preemption.RestoreInterrupts(_flags);
        }
    }
}

/// <summary>Stands for the struct of this name in Kernel/Machine.</summary>
internal struct SpinLock
{
    private IrqSpinLock _lock;

    public SpinLock(LockClass lockClass)
    {
        _lock = new IrqSpinLock(lockClass);
    }

    [UnscopedRef]
    public IrqSpinLock.Guard Enter() => _lock.Enter();
}

/// <summary>Stands for the class of this name in Kernel/Machine.</summary>
internal static class Preemption
{
    public static bool IsPossible => InterruptFlag.Enabled && LocalCpu.PreemptCount == 0;

    public static void AssertMaySleep(ReadOnlySpan<byte> what)
    {
        SimulatedMachine.Instance.Step();
        if (!IsPossible || SimulatedMachine.Instance.Active.LocksHeld != 0)
        {
            Panic.Now(what);
        }
    }

    public static void RestoreInterrupts(ulong flags)
    {
        if (flags == 0)
        {
            return;
        }

        EnableInterrupts();
    }

    public static void EnableInterrupts()
    {
        if ((LocalCpu.NeedResched || LocalCpu.DeferredPending) && LocalCpu.PreemptCount == 0)
        {
            MachineEvents.Instance!.Preempt();
        }

        InterruptFlag.Enable();
    }

    public static int BeginHere()
    {
        Begin();
        return Cpu.CurrentIndex;
    }

    public static void Begin() => SimulatedMachine.Instance.Active.PreemptCount++;

    public static void End()
    {
        SimulatedCpu cpu = SimulatedMachine.Instance.Active;
        cpu.PreemptCount--;
        if (cpu.PreemptCount == 0 && (cpu.NeedResched || cpu.DeferredPending))
        {
            RestoreInterrupts(InterruptFlag.Disable());
        }
    }
}

/// <summary>Stands for the class of this name in Kernel/Machine: the simulation checks locks itself.</summary>
internal static class LockValidator
{
    public static bool IsEnabled => false;

    public static void Acquiring(object lockObject, LockClass lockClass, bool waits, LockAccess access = LockAccess.Exclusive, int number = 0) =>
        CheckClass(lockObject, lockClass, number);

    public static void Acquired(
        object lockObject, LockClass lockClass, bool taken, bool waits, bool waited, LockAccess access = LockAccess.Exclusive, int number = 0) =>
        CheckClass(lockObject, lockClass, number);

    public static void TryAcquired(object lockObject, LockClass lockClass, LockAccess access = LockAccess.Exclusive, int number = 0) => CheckClass(lockObject, lockClass, number);

    public static void Released(object lockObject, LockClass lockClass) => CheckClass(lockObject, lockClass, 0);

    public static void MightSleep()
    {
    }

    public static void NothingHeldAtExit()
    {
    }

    private static void CheckClass(object lockObject, LockClass lockClass, int number)
    {
        ArgumentNullException.ThrowIfNull(lockObject);
        ArgumentOutOfRangeException.ThrowIfEqual(lockClass, LockClass.None);
        ArgumentOutOfRangeException.ThrowIfNegative(number);
    }
}

/// <summary>Stands for the class of this name in Kernel/Machine: every name is one class.</summary>
internal static class LockClasses
{
    public static LockClass Register(string name, bool nestsAscending = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return LockClass.DeclaredCount;
    }
}

/// <summary>Stands for the class of this name in Kernel/Machine.</summary>
internal static class SpinLockOrder
{
    public static bool IsQueued => true;
}

/// <summary>Stands for the class of this name in Kernel/Machine.</summary>
internal static class LockStatistics
{
    public static void CountContention(LockClass lockClass) => ArgumentOutOfRangeException.ThrowIfEqual(lockClass, LockClass.None);
}
