using System;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.Frames;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;
using CosmosKernel.Processes.ProcFs;
using CosmosKernel.Tasks;

namespace CosmosKernel.Syscalls.Systemwide;

/// <summary>sysinfo(2).</summary>
[SystemCall(99, "sysinfo", Support.All)]
internal sealed class GetSystemInformation : SystemCall
{
    // The interface has 16 bits behind the point.
    private const int LoadShift = 16 - LoadAverage.Shift;
    private const ulong FrameBytes = 4096;

    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        SystemInformation information = new()
        {
            Uptime = (long)(Clock.MonotonicNanoseconds / (ulong)Timespec.PerSecond),
            Load1 = LoadAverage.Get(0) << LoadShift,
            Load5 = LoadAverage.Get(1) << LoadShift,
            Load15 = LoadAverage.Get(2) << LoadShift,
            TotalMemory = FrameAllocator.ManagedFrames * FrameBytes,
            FreeMemory = (FrameAllocator.FreeFrames + FrameAllocator.CachedFrames) * FrameBytes,
            Threads = (ushort)Math.Min(TaskTable.Count, ushort.MaxValue),
            Unit = 1,
        };
        return new UserPointer<SystemInformation>(registers.Rdi).TryWrite(information) ? 0 : -(long)Errno.EFAULT;
    }
}

/// <summary>getrandom(2).</summary>
[SystemCall(318, "getrandom", Support.All)]
internal sealed class GetRandom : SystemCall
{
    private const int PartBytes = 256;

    // As Linux: one call gives no more.
    private const ulong MostBytes = int.MaxValue - 255;

    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        uint flags = (uint)registers.Rdx;
        const uint Known = SystemConstants.RandomNonBlock | SystemConstants.RandomPool | SystemConstants.RandomInsecure;
        if ((flags & ~Known) != 0 || (flags & (SystemConstants.RandomPool | SystemConstants.RandomInsecure)) == (SystemConstants.RandomPool | SystemConstants.RandomInsecure))
        {
            return -(long)Errno.EINVAL;
        }

        // The generator seeds itself at its first use, and nothing can be added to what the CPU gives: so there is nothing to wait for.
        ulong left = Math.Min(registers.Rsi, MostBytes);
        ulong done = 0;
        Span<byte> part = stackalloc byte[PartBytes];
        while (left > 0)
        {
            Span<byte> some = part[..(int)Math.Min(left, PartBytes)];
            Runtime.Services.RandomSource.Fill(some);
            int written = UserMemory.Write(registers.Rdi + done, some);
            done += (ulong)written;
            if (written < some.Length)
            {
                break;
            }

            left -= (ulong)written;
            if (left > 0 && thread.HasPendingSignal)
            {
                break;
            }
        }

        part.Clear();
        return done == 0 && registers.Rsi != 0 ? -(long)Errno.EFAULT : (long)done;
    }
}
