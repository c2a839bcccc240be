using System;
using System.Buffers.Text;
using CosmosKernel.Abi;
using CosmosKernel.Files.SystemFiles;
using CosmosKernel.Files.Users;
using CosmosKernel.Memory.Frames;
using CosmosKernel.Processes.Memory;

namespace CosmosKernel.Processes.ProcFs;

/// <summary>/proc/PID/oom_score, oom_score_adj and oom_adj (proc(5)): how likely a process is to be killed when memory runs out.</summary>
internal static class OutOfMemoryScore
{
    // What oom_adj has instead of -1000 and 1000; its range is -17 to 15.
    private const int OldDisable = -17;
    private const int OldMost = 15;

    public static Errno Score(ProcSubject subject, TextBuilder to)
    {
        long score = 0;
        if (subject.Process is { } process && OutOfMemory.Badness(process) is { } badness)
        {
            // From -1000 to 2000 thousandths, shown as 0 to 2000 thirds of two (Linux, proc_oom_score).
            score = Math.Max(0, (1000 + (badness * 1000 / (long)FrameAllocator.ManagedFrames)) * 2 / 3);
        }

        to.Add(score).Line();
        return Errno.Ok;
    }

    public static Errno Adjust(ProcSubject subject, TextBuilder to)
    {
        to.Add((long)(subject.Process?.OutOfMemoryAdjust ?? 0)).Line();
        return Errno.Ok;
    }

    public static Errno SetAdjust(ProcSubject subject, ReadOnlySpan<byte> text) =>
        TryParse(text, out int value) && value is >= OutOfMemory.LeastAdjust and <= OutOfMemory.MostAdjust ? Set(subject, value) : Errno.EINVAL;

    public static Errno OldAdjust(ProcSubject subject, TextBuilder to)
    {
        int value = subject.Process?.OutOfMemoryAdjust ?? 0;
        to.Add((long)(value == OutOfMemory.MostAdjust ? OldMost : value * -OldDisable / OutOfMemory.MostAdjust)).Line();
        return Errno.Ok;
    }

    public static Errno SetOldAdjust(ProcSubject subject, ReadOnlySpan<byte> text) =>
        TryParse(text, out int value) && value is >= OldDisable and <= OldMost
            ? Set(subject, value == OldMost ? OutOfMemory.MostAdjust : value * OutOfMemory.MostAdjust / -OldDisable)
            : Errno.EINVAL;

    private static Errno Set(ProcSubject subject, int value)
    {
        if (subject.Process is not { } process)
        {
            return Errno.EINVAL;
        }

        bool isPrivileged = Credentials.Current.Has(Capability.SysResource);
        if (value < process.LeastOutOfMemoryAdjust && !isPrivileged)
        {
            return Errno.EACCES;
        }

        process.OutOfMemoryAdjust = value;
        if (isPrivileged)
        {
            process.LeastOutOfMemoryAdjust = value;
        }

        return Errno.Ok;
    }

    private static bool TryParse(ReadOnlySpan<byte> text, out int value)
    {
        text = text.Trim(" \t\n\0"u8);
        return Utf8Parser.TryParse(text, out value, out int used) && used == text.Length;
    }
}
