using System;
using System.Runtime;
using System.Runtime.CompilerServices;
using System.Threading;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Threads;
using CosmosKernel.Machine.Time;

namespace CosmosKernel.Machine.UserMode;

/// <summary>
/// The machine state of one thread in user mode: registers, segment bases, x87 and vector registers. The memory behind it is unmanaged and never a root of the collector,
/// so that no value that user code put into a register keeps an object alive.
/// </summary>
public sealed unsafe class UserContext
{
    private const ulong FirstNonUserAddress = 1ul << 47;
    private const int LegacyBytes = 512;
    private const int HeaderEnd = LegacyBytes + 64;
    private const uint DefaultMxcsr = 0x1F80;
    private const ushort DefaultControlWord = 0x37F;
    private const ulong X87Component = 1;
    private const ulong SseComponent = 2;

    // No CPU has this number.
    private const ushort NoCpu = ushort.MaxValue;
    private const int X87RegistersOffset = 32;
    private const int MarkBytes = 4;
    private const int XmmOffset = 160;
    private const int XmmBytes = 256;

    [Immutable]
    private static delegate*<nuint, void*> s_allocate;

    [Immutable]
    private static delegate*<void*, void> s_free;

    [Immutable]
    private static Words6 s_software;

    [Immutable]
    private static uint s_mark;

    private readonly UserContextBlock* _block;

    [Protocol("The entries of the CPU that runs the thread change it (UserEntry.xs), interrupts off, by one addition each; any CPU reads it.")]
    private long _userTicks;

    private UserContext(UserContextBlock* block)
    {
        _block = block;

        // Objects do not move, and whoever runs the context holds a reference to this one.
        block->UserTicks = (long*)Unsafe.AsPointer(ref _userTicks);
    }

    /// <summary>Bytes of the extended state in the standard format of XSAVE, as in a signal frame: 512 when the CPU has no XSAVE.</summary>
    public static int ExtendedStateBytes => UserModeCpu.ExtendedStateBytes;

    /// <summary>Components that the extended state may hold: XCR0, or 3 (x87 and SSE) when the CPU has no XSAVE. A signal frame says so.</summary>
    public static ulong ExtendedStateFeatures => UserModeCpu.Components;

    /// <summary>User mode may read and write the bases of FS and GS by instructions of its own (FSGSBASE).</summary>
    public static bool CanWriteBases => UserModeCpu.UsesFsGsBase;

    /// <summary>The registers. By the thread itself, or while it cannot run.</summary>
    public ref UserRegisters Registers
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref _block->Registers;
    }

    /// <summary>
    /// Time in user mode up to now, in nanoseconds, interrupts excluded: measured with the TSC at each way in and out. It never decreases but by what the TSCs of two CPUs differ, and stays readable when
    /// the context was released. 0 when the TSC's rate is unknown. Any context, any CPU.
    /// </summary>
    public ulong UserTimeNanoseconds
    {
        get
        {
            long ticks = Volatile.Read(ref _userTicks);
            if (ticks < 0)
            {
                // The thread is in user mode: the time at which it went there is subtracted already.
                ticks += (long)CpuInstructions.ReadTsc();
            }

            return Clock.TscIntervalToNanoseconds((ulong)Math.Max(ticks, 0));
        }
    }

    /// <summary>Base address of FS: a user address below 2^47. By the thread itself, or while it cannot run.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is no user address.</exception>
    [UserAddress]
    public ulong FsBase
    {
        get
        {
            StoreState(changes: false);
            return _block->FsBase;
        }

        set
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(value, FirstNonUserAddress);
            StoreState(changes: true);
            _block->FsBase = value;
        }
    }

    /// <summary>Base address of GS in user mode: a user address below 2^47. By the thread itself, or while it cannot run.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is no user address.</exception>
    [UserAddress]
    public ulong GsBase
    {
        get
        {
            StoreState(changes: false);
            return _block->GsBase;
        }

        set
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(value, FirstNonUserAddress);
            StoreState(changes: true);
            _block->GsBase = value;
        }
    }

    /// <summary>The address of the last page fault in user mode (CR2). May be anything that user code can compute.</summary>
    [UserAddress]
    public ulong FaultAddress => _block->FaultAddress;

    /// <summary>What DR6 was after the last debug exception in user mode (Intel SDM vol. 3B, 18.2.3).</summary>
    public ulong DebugStatus => _block->DebugStatus;

    /// <summary>
    /// The thread has restartable sequences (rseq(2)): whenever it was away from its CPU since it was in user mode last, or is on another one than it was told,
    /// <see cref="Run"/> returns <see cref="UserExit.Attention"/> before user mode goes on. By the thread itself, or before it runs.
    /// </summary>
    public bool HasSequences
    {
        get => _block->HasSequences != 0;
        set
        {
            _block->HasSequences = value ? (byte)1 : (byte)0;
            _block->SequenceCpu = NoCpu;
        }
    }

    /// <summary>For the collector, world stopped: where a thread that is in user mode, or on its way, left its kernel stack; 0 when it is on that stack or has no user mode.</summary>
    public static nuint KernelStackPointer(ThreadBlock* thread) => thread == null || thread->UserContext == null ? 0 : thread->UserContext->KernelRsp;

    /// <summary>Sets where the memory of contexts comes from: cleared, at a multiple of 64; null when there is none. Boot CPU, once.</summary>
    [BeforePublication]
    public static void SetMemory(delegate*<nuint, void*> allocate, delegate*<void*, void> free)
    {
        s_allocate = allocate;
        s_free = free;
    }

    /// <summary>Sets what each signal frame says of the extended state, on CPUs with XSAVE. Boot CPU, once.</summary>
    /// <param name="software">What goes into the bytes that are software's; 48 at most.</param>
    /// <param name="mark">What goes behind the state.</param>
    [BeforePublication]
    public static void SetFrameMarks(ReadOnlySpan<byte> software, uint mark)
    {
        fixed (Words6* to = &s_software)
        {
            software.CopyTo(new Span<byte>(to, sizeof(Words6)));
        }

        s_mark = mark;
    }

    /// <summary>Makes a context: registers zero, extended state as after FNINIT. Task context.</summary>
    /// <returns>Null when there is no memory.</returns>
    public static UserContext? TryCreate()
    {
        // Without XSAVE there is a second image: what FXSAVE stores is more than is wanted.
        int image = UserModeCpu.UsesXsave ? FrameStateBytes : 2 * LegacyBytes;
        var block = (UserContextBlock*)s_allocate((nuint)(UserContextBlock.ExtendedStateOffset + image));
        if (block == null)
        {
            return null;
        }

        Clear(block);
        return new UserContext(block);
    }

    /// <summary>Gives the memory back; the context must not be used any more. Called by the thread that it belongs to, or when that thread has ended or has never run it. Task context.</summary>
    public void Release()
    {
        ulong flags = InterruptFlag.Disable();
        ThreadBlock* thread = CpuInstructions.CurrentThread();
        if (thread->UserContext == _block)
        {
            thread->UserContext = null;
        }

        InterruptFlag.Restore(flags);
        s_free(_block);
    }

    /// <summary>fork(2): takes registers, bases and extended state of another context, which belongs to the caller or to a thread that cannot run.</summary>
    public void CopyFrom(UserContext other)
    {
        other.StoreState(changes: false);
        StoreState(changes: true);
        _block->Registers = other._block->Registers;
        _block->FsBase = other._block->FsBase;
        _block->GsBase = other._block->GsBase;
        _block->FaultAddress = other._block->FaultAddress;
        _block->DebugStatus = other._block->DebugStatus;
        _block->Mxcsr = other._block->Mxcsr;
        ImageOf(other._block).CopyTo(ImageOf(_block));
    }

    /// <summary>execve(2): everything as in a new context.</summary>
    public void Reset()
    {
        StoreState(changes: true);
        Clear(_block);
    }

    /// <summary>
    /// The current task goes to user mode with this context, and comes back for the reason that is returned. Task context, preemption and interrupts on.
    /// A context belongs to the task that runs it first.
    /// </summary>
    [MightSleep]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public UserExit Run()
    {
        if (LockValidator.IsEnabled)
        {
            Preemption.AssertMaySleep("A task goes to user mode with preemption or interrupts off"u8);
        }

        UserContextBlock* block = _block;
        ThreadBlock* thread = CpuInstructions.CurrentThread();
        if (thread->UserContext != block)
        {
            thread->UserContext = block;
        }

        return (UserExit)Enter(block);
    }

    /// <summary>
    /// Makes <see cref="Run"/> return <see cref="UserExit.Attention"/> soon, or at its next call if the thread is in the kernel; its return clears the request. Any context but NMI.
    /// What the caller stored before is visible to the thread after that return. The caller keeps the context from being released.
    /// </summary>
    [NoAllocation]
    public void RequestAttention()
    {
        UserContextBlock* block = _block;
        Volatile.Write(ref block->Attention, 1);

        // A full fence, which pairs with the one in Load: a CPU that loads the context sees the request, or is seen here.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref block->NotLoaded) == 0)
        {
            CpuBlock* cpu = block->Cpu;
            if (cpu != null && cpu != CpuInstructions.BlockPointer())
            {
                LocalApic.Send(cpu->ApicId, Vectors.Attention);
            }
        }
    }

    /// <summary>
    /// Takes a request for attention back, for who is about to look at all that it may be for. What was stored before the request is visible then. By the thread itself.
    /// </summary>
    /// <returns>True when there was one.</returns>
    [NoAllocation]
    public bool TakeAttention() => Interlocked.Exchange(ref _block->Attention, 0) != 0;

    /// <summary>The thread was told of this CPU last. By the thread itself.</summary>
    public bool KnowsSequenceCpu(uint cpu) => _block->SequenceCpu == cpu;

    /// <summary>The thread knows now that it was away, and that it is on a CPU; if it is on another one by the time user mode goes on, it is told again. By the thread itself.</summary>
    public void NoteSequenceCpu(uint cpu)
    {
        ulong flags = InterruptFlag.Disable();
        _block->SequenceCpu = (ushort)cpu;

        // With the state loaded, the next switch is one more that it does not know of.
        _block->SequencesSeen = _block->NotLoaded;
        InterruptFlag.Restore(flags);
    }

    /// <summary>Bytes from the beginning of the extended state to MXCSR.</summary>
    public const int MxcsrOffset = 24;

    /// <summary>Bytes from the beginning of the extended state to those that are software's: 48, up to byte 512.</summary>
    public const int SoftwareOffset = 464;

    /// <summary>Bytes of the extended state in a signal frame: with XSAVE 4 more, which are software's too.</summary>
    public static int FrameStateBytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => UserModeCpu.UsesXsave ? ExtendedStateBytes + MarkBytes : ExtendedStateBytes;
    }

    /// <summary>The extended state in memory, up to date, as a signal frame has it. By the thread itself, or while it cannot run.</summary>
    /// <returns><see cref="FrameStateBytes"/> bytes, as they are until the thread runs in user mode.</returns>
    public ReadOnlySpan<byte> StoreFrameState()
    {
        StoreState(changes: false);
        byte* image = UserContextBlock.ExtendedState(_block);

        // The way to user mode puts the kernel's MXCSR back before the CPU loads this.
        *(uint*)(image + MxcsrOffset) = _block->Mxcsr;
        *(uint*)(image + MxcsrOffset + 4) = UserModeCpu.MxcsrMask;
        if (UserModeCpu.UsesXsave)
        {
            if ((*(ulong*)(image + LegacyBytes) & X87Component) == 0)
            {
                // XSAVEOPT writes no state that is as after FNINIT, and who looks at a frame knows nothing of that.
                *(ulong*)image = DefaultControlWord;
                *(ulong*)(image + 8) = 0;
                *(ulong*)(image + 16) = 0;
                *(Words16*)(image + X87RegistersOffset) = default;
            }

            *(Words6*)(image + SoftwareOffset) = s_software;
            *(uint*)(image + ExtendedStateBytes) = s_mark;
        }

        return new ReadOnlySpan<byte>(image, FrameStateBytes);
    }

    /// <summary>Stores the extended state as a signal frame has it. By the thread itself, or while it cannot run.</summary>
    /// <param name="to">At least <see cref="ExtendedStateBytes"/> bytes; what is beyond stays as it is.</param>
    /// <exception cref="ArgumentException">It is shorter.</exception>
    public void SaveExtendedState(Span<byte> to)
    {
        StoreFrameState()[..ExtendedStateBytes].CopyTo(to);
    }

    /// <summary>
    /// The first half of taking an extended state that user code may have made: the memory for it. <see cref="EndExtendedState"/> must follow before the thread goes to user mode; the thread may sleep before.
    /// By the thread itself, or while it cannot run.
    /// </summary>
    /// <returns><see cref="FrameStateBytes"/> bytes.</returns>
    public Span<byte> BeginExtendedState()
    {
        StoreState(changes: true);
        return new Span<byte>(UserContextBlock.ExtendedState(_block), FrameStateBytes);
    }

    /// <summary>The second half: checks what was put there, and makes it the thread's state.</summary>
    /// <param name="bytes">How much was put there: 512 (FXSAVE's format) or <see cref="ExtendedStateBytes"/>; anything else means nothing.</param>
    /// <returns>False when the CPU would refuse it: unknown components, reserved bits of MXCSR, a compacted header. Then the state is that of <see cref="ResetExtendedState"/>.</returns>
    public bool EndExtendedState(int bytes)
    {
        byte* image = UserContextBlock.ExtendedState(_block);
        uint mxcsr = *(uint*)(image + MxcsrOffset);
        bool isWhole = bytes == ExtendedStateBytes;
        if ((!isWhole && bytes != LegacyBytes) || (mxcsr & ~UserModeCpu.MxcsrMask) != 0 || (UserModeCpu.UsesXsave && !TryUseHeader(image, isWhole && bytes != LegacyBytes)))
        {
            ResetExtendedState();
            return false;
        }

        _block->Mxcsr = mxcsr;
        return true;
    }

    /// <summary>The extended state becomes what it is in a new context, and all else stays: a handler of a signal begins so. By the thread itself, or while it cannot run.</summary>
    public void ResetExtendedState()
    {
        StoreState(changes: true);
        if (!UserModeCpu.UsesXsave)
        {
            ClearExtendedState(_block);
            return;
        }

        // Of components that the header does not name, XRSTOR makes what they are in a new context; the entries move the XMM registers themselves.
        byte* image = UserContextBlock.ExtendedState(_block);
        ClearXmm(image);
        SetHeader(image, SseComponent);
        _block->Mxcsr = DefaultMxcsr;
    }

    // The header says what is there; the entries always load the XMM registers from the image.
    private static bool TryUseHeader(byte* image, bool hasHeader)
    {
        ulong* header = (ulong*)(image + LegacyBytes);
        if (!hasHeader)
        {
            SetHeader(image, SseComponent | X87Component);
            return true;
        }

        ulong components = header[0];
        if ((components & ~UserModeCpu.Components) != 0 || (header[1] | header[2] | header[3] | header[4] | header[5] | header[6] | header[7]) != 0)
        {
            return false;
        }

        if ((components & SseComponent) == 0)
        {
            ClearXmm(image);
            header[0] = components | SseComponent;
        }

        return true;
    }

    private static void SetHeader(byte* image, ulong components)
    {
        *(Words8*)(image + LegacyBytes) = default;
        *(ulong*)(image + LegacyBytes) = components;
    }

    // In sizes that the compiler clears without a call.
    private static void ClearXmm(byte* image)
    {
        *(Words16*)(image + XmmOffset) = default;
        *(Words16*)(image + XmmOffset + (XmmBytes / 2)) = default;
    }

    private static Span<byte> ImageOf(UserContextBlock* block) => new(UserContextBlock.ExtendedState(block), ExtendedStateBytes);

    private static void Clear(UserContextBlock* block)
    {
        block->NotLoaded = 1;
        block->HasSequences = 0;
        block->SequencesSeen = 0;
        block->Registers = default;
        block->FsBase = 0;
        block->GsBase = 0;
        block->FaultAddress = 0;
        block->DebugStatus = 0;
        ClearExtendedState(block);
    }

    private static void ClearExtendedState(UserContextBlock* block)
    {
        block->Mxcsr = DefaultMxcsr;
        ImageOf(block).Clear();
        byte* image = UserContextBlock.ExtendedState(block);
        *(ushort*)image = DefaultControlWord;
        *(uint*)(image + MxcsrOffset) = DefaultMxcsr;
        if (UserModeCpu.UsesXsave)
        {
            *(ulong*)(image + LegacyBytes) = SseComponent | X87Component;
        }
    }

    // Brings memory up to date with the CPU that has the state loaded, which is this one if any is. Before a change of it, the CPU's copy becomes worthless.
    private void StoreState(bool changes)
    {
        ulong flags = InterruptFlag.Disable();
        if (_block->NotLoaded == 0)
        {
            Store(_block);

            // The thread was not away: it is not to take this for a switch.
            _block->SequencesSeen = 1;
        }

        if (changes)
        {
            _block->Cpu = null;
        }

        InterruptFlag.Restore(flags);
    }

    /// <summary>Brings the state into this CPU's registers, those excepted that the way to user mode loads itself. On that way, interrupts off.</summary>
    [RuntimeExport("UserContextLoad")]
    [InterruptContext]
    private static void Load(UserContextBlock* block)
    {
        CpuBlock* cpu = CpuInstructions.BlockPointer();
        if (block->HasSequences != 0)
        {
            if (block->SequencesSeen == 0 || block->SequenceCpu != cpu->Index)
            {
                Volatile.Write(ref block->Attention, 1);
                return;
            }

            block->SequencesSeen = 0;
        }

        if (cpu->UserContext != block || block->Cpu != cpu)
        {
            nuint top = UserContextBlock.RegistersEnd(block);
            cpu->KernelSyscallRsp = top;
            DescriptorTables.SetUserEntryStack(cpu->Tables, top);
            if (UserModeCpu.UsesFsGsBase)
            {
                WriteBases(block->FsBase, block->GsBase);
            }
            else
            {
                Msr.Write(Msr.FsBase, block->FsBase);
                Msr.Write(Msr.KernelGsBase, block->GsBase);
            }

            // A signal frame was made of the image, or it came from one.
            *(uint*)(UserContextBlock.ExtendedState(block) + MxcsrOffset) = DefaultMxcsr;
            Restore(block);
            cpu->UserContext = block;
            block->Cpu = cpu;
        }

        // A full fence: see RequestAttention.
        Interlocked.Exchange(ref block->NotLoaded, 0);
    }

    [RuntimeImport("UserRun")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern int Enter(UserContextBlock* block);

    [RuntimeImport("UserStateStore")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void Store(UserContextBlock* block);

    [RuntimeImport("UserStateRestore")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void Restore(UserContextBlock* block);

    [RuntimeImport("UserBasesWriteFast")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void WriteBases(ulong fsBase, ulong gsBase);

    [InlineArray((LegacyBytes - SoftwareOffset) / sizeof(ulong))]
    private struct Words6
    {
        private ulong _first;
    }

    [InlineArray(8)]
    private struct Words8
    {
        private ulong _first;
    }

    [InlineArray(16)]
    private struct Words16
    {
        private ulong _first;
    }
}
