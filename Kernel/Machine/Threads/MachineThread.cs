using System;
using System.Runtime;
using System.Runtime.CompilerServices;
using System.Threading;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Machine.Threads;

/// <summary>
/// A stack with saved registers, for safe code: the scheduler decides, this switches. What makes it safe: a thread's memory is freed only when nobody
/// uses it (users are counted), and the scheduler's promise that a thread runs on at most one CPU, and not any more when its owner releases it.
/// </summary>
public sealed unsafe class MachineThread
{
    /// <summary>The least stack in bytes.</summary>
    public const int MinimumStackBytes = 16 * 1024;

    /// <summary>The greatest stack in bytes.</summary>
    public const int MaximumStackBytes = 64 * 1024 * 1024;

    private const int PageBytes = 4096;

    private readonly ThreadBlock* _block;
    private readonly nuint _areaBytes;

    // 1 for the owner and 1 for each call that looks at the stack; at 0 the memory is freed.
    [Atomic]
    private int _users = 1;

    private MachineThread(ThreadBlock* block, nuint areaBytes)
    {
        _block = block;
        _areaBytes = areaBytes;
    }

    /// <summary>The block.</summary>
    internal ThreadBlock* Block => _block;

    /// <summary>The thread's id, unique for the life of the system.</summary>
    public ulong Id { get; private init; }

    /// <summary>Usable stack in bytes.</summary>
    public int StackSize { get; private init; }

    /// <summary>Ticks of the TSC that hard interrupts took while the thread ran; 0 once it is released. Any task.</summary>
    [MightSleep]
    public ulong InterruptTicks
    {
        get
        {
            if (!TryUse())
            {
                return 0;
            }

            ulong ticks = Volatile.Read(ref _block->InterruptTicks);
            EndUse();
            return ticks;
        }
    }

    /// <summary>Makes a thread that begins in <see cref="MachineEvents.ThreadStarted"/> when it is first switched to. Task context.</summary>
    /// <param name="owner">What <see cref="LocalCpu.CurrentOwner"/> gives on this thread.</param>
    /// <param name="stackBytes">Memory for the stack, rounded up to whole pages. <see cref="ThreadBlock.Bytes"/> of it at the top hold the thread's block, and what the lock validator needs in a kernel that has it.</param>
    /// <exception cref="OutOfMemoryException">There is no memory for the stack.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The size is not between <see cref="MinimumStackBytes"/> and <see cref="MaximumStackBytes"/>.</exception>
    [MightSleep]
    public static MachineThread Create(object owner, int stackBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(stackBytes, MinimumStackBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(stackBytes, MaximumStackBytes);
        nuint bytes = ((nuint)stackBytes + PageBytes - 1) & ~(nuint)(PageBytes - 1);
        nuint area = StackSource.Instance?.Allocate(bytes) ?? 0;
        if (area == 0)
        {
            throw new OutOfMemoryException("There is no memory for a stack.");
        }

        var block = (ThreadBlock*)(area + bytes - ThreadBlock.Bytes - (nuint)LockValidator.BytesOfThread);
        *block = default;
        block->StackLow = area;
        block->StackHigh = (nuint)block;
        block->AreaBase = area;
        SetOwner(block, owner);
        LockValidator.PrepareThread(block);
        Prepare(block);
        ThreadList.Add(block);
        return new MachineThread(block, bytes) { Id = block->Id, StackSize = (int)(block->StackHigh - area) };
    }

    /// <summary>Wraps the thread that runs this, which the machine made for booting a CPU. Its stack is never freed.</summary>
    /// <param name="owner">What <see cref="LocalCpu.CurrentOwner"/> gives on this thread from now on.</param>
    public static MachineThread AdoptCurrent(object owner)
    {
        ThreadBlock* block = CpuInstructions.CurrentThread();
        SetOwner(block, owner);
        return new MachineThread(block, 0) { Id = block->Id, StackSize = (int)(block->StackHigh - block->StackLow) };
    }

    /// <summary>Switches this CPU from one thread to another; returns when something switches back to <paramref name="from"/>, perhaps on another CPU. Interrupts are off.</summary>
    [NoAllocation]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Switch(MachineThread from, MachineThread to) => ContextSwitch(from._block, to._block);

    /// <summary>The most bytes of the stack that were ever used: what lies above the lowest word that is not zero. 0 once the thread is released. Any task; takes time in proportion to what is unused.</summary>
    [MightSleep]
    public int StackHighWater()
    {
        if (!TryUse())
        {
            return 0;
        }

        var word = (ulong*)_block->StackLow;
        while ((nuint)word < _block->StackHigh && *word == 0)
        {
            word++;
        }

        int used = (int)(_block->StackHigh - (nuint)word);
        EndUse();
        return used;
    }

    /// <summary>
    /// Where the thread's registers are saved, and its stack. For a thread that does not run and that the caller keeps from running and from being released:
    /// else the answer is outdated at once. Any context.
    /// </summary>
    /// <param name="stackPointer">The stack pointer that the last switch saved.</param>
    /// <param name="low">Lowest usable address of the stack.</param>
    /// <param name="high">First address above it.</param>
    [NoAllocation]
    public void GetSavedStack(out ulong stackPointer, out ulong low, out ulong high)
    {
        stackPointer = _block->Rsp;
        low = _block->StackLow;
        high = _block->StackHigh;
    }

    /// <summary>The owner gives the thread up. It has left its CPU for good. Called once, on another thread.</summary>
    [MightSleep]
    public void Release() => EndUse();

    /// <summary>Declares the thread to be the idle thread of the CPU that runs this, and the CPU to be scheduling.</summary>
    internal void BecomeIdleThreadHere()
    {
        CpuBlock* cpu = CpuInstructions.BlockPointer();
        cpu->Idle = _block;
        cpu->Online = 1;
    }

    /// <summary>
    /// Read-side sections of RCU that the thread is in: stable while it does not run, and on its own CPU with interrupts off.
    /// </summary>
    public bool IsInReadSection
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _block->ReadNesting != 0 && _block->ReadNesting != ReadSection.WatchedOffset;
    }

    /// <summary>
    /// Whether the end of the thread's outermost section calls <see cref="MachineEvents.ReadSectionEnded"/>. Set and cleared on its own CPU, or while it does not run, interrupts off.
    /// </summary>
    public bool IsReadSectionWatched
    {
        get => _block->ReadNesting >= ReadSection.WatchedOffset;
        set
        {
            if (value != IsReadSectionWatched)
            {
                uint nesting = _block->ReadNesting;
                _block->ReadNesting = value ? nesting + ReadSection.WatchedOffset : nesting - ReadSection.WatchedOffset;
            }
        }
    }

    private bool TryUse()
    {
        int users = Volatile.Read(ref _users);
        while (users > 0)
        {
            int seen = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (seen == users)
            {
                return true;
            }

            users = seen;
        }

        return false;
    }

    private void EndUse()
    {
        if (Interlocked.Decrement(ref _users) == 0 && _areaBytes != 0)
        {
            ThreadList.Remove(_block);
            StackSource.Instance!.Free(_block->AreaBase, _areaBytes);
        }
    }

    private static void SetOwner(ThreadBlock* block, object owner) => Unsafe.As<nint, object?>(ref block->Owner) = owner;

    [RuntimeExport("ThreadStart")]
    private static void Start(ThreadBlock* block)
    {
        MachineEvents.Instance!.ThreadStarted(Unsafe.As<nint, object>(ref block->Owner));
        Panic.Now("A thread returned from its first function"u8);
    }

    [RuntimeImport("ContextPrepare")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void Prepare(ThreadBlock* block);

    [RuntimeImport("ContextSwitch")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void ContextSwitch(ThreadBlock* from, ThreadBlock* to);
}
