using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Machine.Locking.Validation;
using CosmosKernel.Machine.Threads;

namespace CosmosKernel.Machine.Locking;

// What locks that sleep call, and what is asked of a task. Their entries are on the list of the thread, which takes them along from CPU to CPU.
public static unsafe partial class LockValidator
{
    /// <summary>Bytes that each thread's stack needs for what it holds.</summary>
    internal static int BytesOfThread => IsEnabled ? (sizeof(HeldLocks) + 63) & ~63 : 0;

    /// <summary>Gives a new thread its list, behind its block.</summary>
    internal static void PrepareThread(ThreadBlock* thread)
    {
        if (IsEnabled)
        {
            var held = (HeldLocks*)((byte*)thread + ThreadBlock.Bytes);
            *held = default;
            thread->HeldLocks = (nuint)held;
        }
    }

    /// <summary>Gives the thread that boots its list.</summary>
    internal static void PrepareBootThread(ThreadBlock* thread)
    {
        if (IsEnabled)
        {
            fixed (HeldLocks* held = &s_bootThread)
            {
                thread->HeldLocks = (nuint)held;
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void BeginSleeping(object lockObject, LockClass lockClass, int number, HeldFlags flags)
    {
        ulong framePointer = CpuInstructions.ReadFramePointer();
        if ((flags & HeldFlags.Tried) == 0)
        {
            CheckSleep(lockClass, framePointer);
        }

        // What was tried is held already.
        Begin(AddressOf(lockObject), lockClass, number, (flags & HeldFlags.Tried) != 0 ? flags : flags | HeldFlags.Waiting, framePointer);
    }

    private static void EndWaiting(object lockObject, bool waited)
    {
        ulong saved = InterruptFlag.Disable();
        HeldLocks* task = OfTask();
        if (task != null && !Here().IsBusy)
        {
            NoteAcquired(ref *task, AddressOf(lockObject), waited);
        }

        InterruptFlag.Restore(saved);
    }

    private static void GiveUpSleeping(object lockObject)
    {
        ulong saved = InterruptFlag.Disable();
        HeldLocks* task = OfTask();
        if (task != null && !Here().IsBusy)
        {
            Drop(ref *task, AddressOf(lockObject));
        }

        InterruptFlag.Restore(saved);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void EndSleeping(object lockObject, LockClass lockClass)
    {
        ulong framePointer = CpuInstructions.ReadFramePointer();
        if (!TryEnter(out ulong saved))
        {
            return;
        }

        HeldLocks* task = OfTask();
        if (task != null && !NoteReleased(ref *task, AddressOf(lockObject), lockClass))
        {
            ReportRelease(lockClass, framePointer);
        }

        Leave(saved);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void CheckSleep() => CheckSleep(LockClass.None, CpuInstructions.ReadFramePointer());

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void CheckExit()
    {
        ulong framePointer = CpuInstructions.ReadFramePointer();
        if (!TryEnter(out ulong saved))
        {
            return;
        }

        ref HeldLocks here = ref Here();
        HeldLocks* task = OfTask();
        if (here.Depth != 0)
        {
            ReportHeld(LockRule.Exit, LockClass.None, "a task ends or leaves the kernel with a lock held"u8, framePointer);
        }
        else if (task != null && task->Depth != 0)
        {
            ReportHeld(LockRule.Exit, LockClass.None, "a task ends or leaves the kernel with a lock held"u8, framePointer);
            task->Depth = 0;
        }
        else if (ReadSection.IsActive)
        {
            ReportHeld(LockRule.ReadSection, LockClass.None, "a task ends or leaves the kernel inside of a read section of RCU"u8, framePointer);
        }

        Leave(saved);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void CheckSwitch()
    {
        ulong framePointer = CpuInstructions.ReadFramePointer();
        if (Here().Depth == 0 || !TryEnter(out ulong saved))
        {
            return;
        }

        ReportHeld(LockRule.Sleep, LockClass.None, "a CPU switches threads with a spin lock held"u8, framePointer);
        Leave(saved);
    }

    // Objects do not move.
    private static nuint AddressOf(object lockObject) => Unsafe.As<object, nuint>(ref lockObject);

    private static HeldLocks* OfTask()
    {
        ThreadBlock* thread = Cpu.Current->CurrentThread;
        return thread == null ? null : (HeldLocks*)thread->HeldLocks;
    }
}
