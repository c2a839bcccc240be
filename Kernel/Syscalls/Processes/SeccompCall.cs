using System;
using System.Buffers.Binary;
using CosmosKernel.Abi;
using CosmosKernel.Abi.Security;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;
using CosmosKernel.Processes.Seccomp;

namespace CosmosKernel.Syscalls.Processes;

/// <summary>seccomp(2).</summary>
[SystemCall(317, "seccomp", Support.All)]
internal sealed class SeccompCall : SystemCall
{
    private const uint KnownFlags = SeccompConstants.FlagAllThreads | SeccompConstants.FlagLog | SeccompConstants.FlagSpeculationAllowed
        | SeccompConstants.FlagNewListener | SeccompConstants.FlagAllThreadsError | SeccompConstants.FlagWaitKillable;

    // struct sock_fprog: the number of instructions, and at offset 8 their address.
    private const int DescriptionBytes = 16;

    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        uint flags = (uint)registers.Rsi;
        ulong argument = registers.Rdx;
        return (uint)registers.Rdi switch
        {
            SeccompConstants.SetModeStrict => flags != 0 || argument != 0 ? -(long)Errno.EINVAL : -(long)SeccompControl.SetStrict(thread),
            SeccompConstants.SetModeFilter => SetFilter(thread, flags, argument),
            SeccompConstants.GetActionAvailable => flags != 0 ? -(long)Errno.EINVAL : IsAvailable(argument),
            SeccompConstants.GetNotificationSizes => flags != 0 ? -(long)Errno.EINVAL : WriteSizes(argument),
            _ => -(long)Errno.EINVAL,
        };
    }

    /// <summary>Installs the filter that a <c>struct sock_fprog</c> describes.</summary>
    /// <param name="thread">The running thread.</param>
    /// <param name="flags">SECCOMP_FILTER_FLAG_*.</param>
    /// <param name="description">The structure's address.</param>
    [MightSleep]
    internal static long SetFilter(UserThread thread, uint flags, [UserAddress] ulong description)
    {
        const uint AllAndListener = SeccompConstants.FlagAllThreads | SeccompConstants.FlagNewListener;
        if ((flags & ~KnownFlags) != 0
            || ((flags & AllAndListener) == AllAndListener && (flags & SeccompConstants.FlagAllThreadsError) == 0)
            || ((flags & SeccompConstants.FlagWaitKillable) != 0 && (flags & SeccompConstants.FlagNewListener) == 0))
        {
            return -(long)Errno.EINVAL;
        }

        Span<byte> bytes = stackalloc byte[DescriptionBytes];
        if (!UserMemory.TryRead(description, bytes))
        {
            return -(long)Errno.EFAULT;
        }

        int count = BinaryPrimitives.ReadUInt16LittleEndian(bytes);
        if (count is 0 or > BpfVerifier.MostInstructions)
        {
            return -(long)Errno.EINVAL;
        }

        if (!SeccompControl.MayFilter(thread))
        {
            return -(long)Errno.EACCES;
        }

        return !TryReadProgram(BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]), count, out BpfInstruction[] instructions) ? -(long)Errno.EFAULT
            : BpfProgram.TryCreate(instructions) is not { } program ? -(long)Errno.EINVAL
            : SeccompControl.Install(thread, program, flags);
    }

    [MightSleep]
    private static bool TryReadProgram([UserAddress] ulong from, int count, out BpfInstruction[] instructions)
    {
        instructions = [];
        byte[] bytes = new byte[count * BpfInstruction.Bytes];
        if (!UserMemory.TryRead(from, bytes))
        {
            return false;
        }

        instructions = new BpfInstruction[count];
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> one = bytes.AsSpan(i * BpfInstruction.Bytes, BpfInstruction.Bytes);
            instructions[i] = new BpfInstruction(BinaryPrimitives.ReadUInt16LittleEndian(one), one[2], one[3], BinaryPrimitives.ReadUInt32LittleEndian(one[4..]));
        }

        return true;
    }

    [MightSleep]
    private static long IsAvailable([UserAddress] ulong from) =>
        !UserMemory.TryRead(from, out uint action) ? -(long)Errno.EFAULT : Enum.IsDefined((SeccompAction)action) ? 0 : -(long)Errno.EOPNOTSUPP;

    // struct seccomp_notif_sizes: three numbers of 16 bits.
    [MightSleep]
    private static long WriteSizes([UserAddress] ulong to)
    {
        Span<byte> sizes = stackalloc byte[6];
        BinaryPrimitives.WriteUInt16LittleEndian(sizes, SeccompConstants.NotificationBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(sizes[2..], SeccompConstants.ResponseBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(sizes[4..], SeccompConstants.DataBytes);
        return UserMemory.TryWrite(to, sizes) ? 0 : -(long)Errno.EFAULT;
    }
}
