using System;
using System.Buffers.Binary;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;

namespace CosmosKernel.Processes;

/// <summary>
/// Restartable sequences (rseq(2)): a thread of user space can change what belongs to one CPU without an atomic instruction, because the kernel sends it to an abort handler when it was
/// preempted, moved or interrupted by a signal in between; and it reads the number of its CPU from memory. Who was on another CPU, or switched away from, comes back through
/// <see cref="UserLoop"/> and <see cref="Resume"/> before user mode goes on (UserContext.HasSequences). Task context of the thread itself.
/// </summary>
public static class RestartableSequences
{
    /// <summary>Bytes of <c>struct rseq</c>, and its alignment.</summary>
    public const int AreaBytes = 32;

    // struct rseq: cpu_id_start, cpu_id, rseq_cs, flags.
    private const ulong SequenceOffset = 8;
    private const ulong FlagsOffset = 16;

    // struct rseq_cs: version, flags, start_ip, post_commit_offset, abort_ip.
    private const int DescriptionBytes = 32;
    private const int SignatureBytes = 4;

    // cpu_id_start 0, cpu_id RSEQ_CPU_ID_UNINITIALIZED.
    private const ulong Unregistered = 0xFFFF_FFFF_0000_0000;

    /// <summary>The running thread has an area from now on; it is filled before user mode goes on.</summary>
    /// <param name="thread">The running thread.</param>
    /// <param name="area">Address, a multiple of 32.</param>
    /// <param name="signature">What stands before each abort handler.</param>
    /// <returns>EINVAL, EPERM, EBUSY: it has one. EFAULT: not an address of user memory.</returns>
    public static Errno Register(UserThread thread, [UserAddress] ulong area, uint bytes, uint signature)
    {
        if (thread.SequenceArea != 0)
        {
            return thread.SequenceArea != area || bytes != AreaBytes ? Errno.EINVAL : thread.SequenceSignature != signature ? Errno.EPERM : Errno.EBUSY;
        }

        if ((area & (AreaBytes - 1)) != 0 || bytes != AreaBytes)
        {
            return Errno.EINVAL;
        }

        if (!UserMemory.IsRange(area, AreaBytes))
        {
            return Errno.EFAULT;
        }

        Set(thread, area, signature);
        thread.Context.RequestAttention();
        return Errno.Ok;
    }

    /// <summary>The running thread has no area any more.</summary>
    /// <returns>EINVAL: it has not this one. EPERM: another signature. EFAULT: it cannot be written.</returns>
    [MightSleep]
    public static Errno Unregister(UserThread thread, [UserAddress] ulong area, uint bytes, uint signature)
    {
        if (area == 0 || thread.SequenceArea != area || bytes != AreaBytes)
        {
            return Errno.EINVAL;
        }

        if (thread.SequenceSignature != signature)
        {
            return Errno.EPERM;
        }

        if (!UserMemory.TryWrite(area, Unregistered))
        {
            return Errno.EFAULT;
        }

        Set(thread, 0, 0);
        return Errno.Ok;
    }

    /// <summary>A new thread with a copy of its maker's memory has the same area; one that shares the memory has none.</summary>
    internal static void Inherit(UserThread child, UserThread maker, bool sharesMemory)
    {
        if (!sharesMemory)
        {
            Set(child, maker.SequenceArea, maker.SequenceSignature);
        }
    }

    /// <summary>A new program has none.</summary>
    internal static void Forget(UserThread thread) => Set(thread, 0, 0);

    /// <summary>The thread was away: a sequence that it is in is aborted, and the area tells on which CPU it is now. SIGSEGV if the area or the sequence is bad.</summary>
    [MightSleep]
    internal static void Resume(UserThread thread)
    {
        if (!TryRestart(thread))
        {
            Signals.Force(thread, SignalInfo.Kernel(Signal.SIGSEGV));
        }
    }

    /// <summary>As <see cref="Resume"/>, before a signal's frame is made: the handler returns to the abort handler.</summary>
    [MightSleep]
    internal static void Interrupt(UserThread thread, int signal)
    {
        if (TryRestart(thread))
        {
            return;
        }

        if (signal == Signal.SIGSEGV)
        {
            Signals.ForceFatal(thread, Signal.SIGSEGV);
        }
        else
        {
            Signals.Force(thread, SignalInfo.Kernel(Signal.SIGSEGV));
        }
    }

    [MightSleep]
    private static bool TryRestart(UserThread thread)
    {
        ulong area = thread.SequenceArea;
        if (!UserMemory.TryRead(area + SequenceOffset, out ulong sequence) || (sequence != 0 && !TryAbort(thread, area, sequence)))
        {
            return false;
        }

        // If the thread is moved after this, it comes here again.
        uint cpu = (uint)thread.Task.Cpu;
        if (!thread.Context.KnowsSequenceCpu(cpu) && !UserMemory.TryWrite(area, cpu | ((ulong)cpu << 32)))
        {
            return false;
        }

        thread.Context.NoteSequenceCpu(cpu);
        thread.HasRestarted = true;
        return true;
    }

    // Addresses are numbers here: they are compared, and the last becomes the place where user mode goes on.
    [MightSleep]
    [UserAccess("Addresses of user code are compared, and one becomes a register of user mode.")]
    private static bool TryAbort(UserThread thread, [UserAddress] ulong area, [UserAddress] ulong sequence)
    {
        Span<byte> description = stackalloc byte[DescriptionBytes];
        if (!UserMemory.TryRead(sequence, description))
        {
            return false;
        }

        ulong start = BinaryPrimitives.ReadUInt64LittleEndian(description[8..]);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(description[16..]);
        ulong abort = BinaryPrimitives.ReadUInt64LittleEndian(description[24..]);
        uint version = BinaryPrimitives.ReadUInt32LittleEndian(description);
        uint flags = BinaryPrimitives.ReadUInt32LittleEndian(description[4..]);
        ulong end = unchecked(start + length);
        if (start >= UserMemory.Limit || end >= UserMemory.Limit || end < start || abort >= UserMemory.Limit || abort - start < length || version != 0)
        {
            return false;
        }

        if (!UserMemory.TryRead(abort - SignatureBytes, out uint signature) || signature != thread.SequenceSignature)
        {
            return false;
        }

        ref UserRegisters registers = ref thread.Context.Registers;
        if (registers.Rip - start >= length)
        {
            return UserMemory.TryWrite(area + SequenceOffset, 0ul);
        }

        // No flag has a meaning any more: since Linux 6.1 those that kept a sequence from being aborted are errors.
        if (flags != 0 || !UserMemory.TryRead(area + FlagsOffset, out uint areaFlags) || areaFlags != 0 || !UserMemory.TryWrite(area + SequenceOffset, 0ul))
        {
            return false;
        }

        registers.Rip = abort;
        return true;
    }

    private static void Set(UserThread thread, [UserAddress] ulong area, uint signature)
    {
        thread.SequenceArea = area;
        thread.SequenceSignature = signature;
        thread.Context.HasSequences = area != 0;
    }
}
