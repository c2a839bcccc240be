using System;
using System.Diagnostics.CodeAnalysis;
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

    [UnscopedRef]
    public Guard Enter()
    {
        ulong flags = InterruptFlag.Disable();
        AcquireWithInterruptsOff();
        return new Guard(ref this, flags);
    }

    public void AcquireWithInterruptsOff()
    {
        SimulatedMachine machine = SimulatedMachine.Instance;
        machine.Require(!machine.Active.InterruptsOn, "a lock for interrupts is taken with interrupts on");
        machine.Step();
        while (_holder != 0)
        {
            machine.Require(_holder != machine.Active.Index + 1, "a CPU waits for a lock that it holds itself");
            machine.Step();
        }

        _holder = machine.Active.Index + 1;
        machine.Active.LocksHeld++;
    }

    public void AcquireWithInterruptsOff(int here)
    {
        SimulatedMachine.Instance.Require(here == SimulatedMachine.Instance.Active.Index, "a lock is taken in the name of another CPU");
        AcquireWithInterruptsOff();
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

        if (LocalCpu.NeedResched && LocalCpu.PreemptCount == 0)
        {
            MachineEvents.Instance!.Preempt();
        }

        InterruptFlag.Enable();
    }

    public static void Begin() => SimulatedMachine.Instance.Active.PreemptCount++;

    public static void End()
    {
        SimulatedCpu cpu = SimulatedMachine.Instance.Active;
        cpu.PreemptCount--;
        if (cpu.PreemptCount == 0 && cpu.NeedResched)
        {
            RestoreInterrupts(InterruptFlag.Disable());
        }
    }
}
