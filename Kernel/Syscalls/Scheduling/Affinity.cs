using System;
using System.Buffers.Binary;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Smp;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;
using CosmosKernel.Tasks.Scheduling;
using CpuSet = CosmosKernel.Tasks.CpuSet;

namespace CosmosKernel.Syscalls.Scheduling;

/// <summary>sched_setaffinity(2).</summary>
[SystemCall(203, "sched_setaffinity", Support.All)]
internal sealed class SetAffinity : SystemCall
{
    private const int Words = CpuSet.Capacity / 64;

    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Span<byte> bytes = stackalloc byte[Words * sizeof(ulong)];
        bytes.Clear();
        int size = (int)Math.Min((uint)registers.Rsi, (uint)bytes.Length);
        if (!UserMemory.TryRead(registers.Rdx, bytes[..size]))
        {
            return -(long)Errno.EFAULT;
        }

        Errno found = PolicyCalls.TryFind(thread, (int)registers.Rdi, out UserThread target);
        if (found != Errno.Ok)
        {
            return -(long)(found == Errno.EINVAL ? Errno.ESRCH : found);
        }

        if (!ThreadScheduling.MayChange(target))
        {
            return -(long)Errno.EPERM;
        }

        CpuSet affinity = CpuSet.FromWords(Word(bytes, 0), Word(bytes, 1), Word(bytes, 2), Word(bytes, 3)) & RunQueues.Online;
        if (affinity.IsEmpty)
        {
            return -(long)Errno.EINVAL;
        }

        if (target.Task.GetScheduling().Policy == SchedulingPolicy.Deadline)
        {
            // It belongs to the CPU that has promised it its runtime.
            return -(long)Errno.EBUSY;
        }

        target.Task.SetAffinity(affinity);
        return 0;
    }

    private static ulong Word(ReadOnlySpan<byte> bytes, int index) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[(index * sizeof(ulong))..]);
}

/// <summary>sched_getaffinity(2).</summary>
[SystemCall(204, "sched_getaffinity", Support.All)]
internal sealed class GetAffinity : SystemCall
{
    private const int BitsPerByte = 8;
    private const int BitsPerWord = 64;

    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        ulong length = (uint)registers.Rsi;
        if (length * BitsPerByte < (ulong)Cpu.Count || length % sizeof(ulong) != 0)
        {
            return -(long)Errno.EINVAL;
        }

        Errno found = PolicyCalls.TryFind(thread, (int)registers.Rdi, out UserThread target);
        if (found != Errno.Ok)
        {
            return -(long)(found == Errno.EINVAL ? Errno.ESRCH : found);
        }

        CpuSet affinity = target.Task.Affinity & RunQueues.Online;
        int words = (int)Math.Min((ulong)((Cpu.Count + BitsPerWord - 1) / BitsPerWord), length / sizeof(ulong));
        for (int word = 0; word < words; word++)
        {
            if (!UserMemory.TryWrite(registers.Rdx + (ulong)(word * sizeof(ulong)), affinity.Word(word)))
            {
                return -(long)Errno.EFAULT;
            }
        }

        return words * sizeof(ulong);
    }
}

/// <summary>getcpu(2). There is one node.</summary>
[SystemCall(309, "getcpu", Support.All)]
internal sealed class GetCpu : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        bool written = (registers.Rdi == 0 || UserMemory.TryWrite(registers.Rdi, (uint)thread.Task.Cpu))
            && (registers.Rsi == 0 || UserMemory.TryWrite(registers.Rsi, 0u));
        return written ? 0 : -(long)Errno.EFAULT;
    }
}
