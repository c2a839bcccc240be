using System;
using System.Buffers.Text;
using CosmosKernel.Abi;
using CosmosKernel.Files.SystemFiles;
using CosmosKernel.Processes.Ipc;
using CosmosKernel.Processes.Ipc.PosixQueues;

namespace CosmosKernel.Processes.ProcFs;

/// <summary>The limits of shared memory, semaphores and message queues in /proc/sys (proc(5), mq_overview(7)).</summary>
internal static class IpcSysctl
{
    private const int SemaphoreNumbers = 4;

    public static void Build(FixedDirectory kernel, FixedDirectory files)
    {
        Large(kernel, "shmmax", () => IpcLimits.SegmentBytes, value => IpcLimits.SegmentBytes = value);
        Large(kernel, "shmall", () => IpcLimits.SegmentPages, value => IpcLimits.SegmentPages = value);
        SysctlTree.Number(kernel, "shmmni", () => IpcLimits.Segments, value => IpcLimits.Segments = (int)value, 0, IpcTables.Capacity);
        SysctlTree.Number(kernel, "shm_rmid_forced", () => IpcLimits.RemovesUnattached ? 1 : 0, SetForced, 0, 1);
        SysctlTree.Number(kernel, "msgmax", () => IpcLimits.MessageBytes, value => IpcLimits.MessageBytes = (int)value, 0, int.MaxValue);
        SysctlTree.Number(kernel, "msgmnb", () => IpcLimits.QueueBytes, value => IpcLimits.QueueBytes = (int)value, 0, int.MaxValue);
        SysctlTree.Number(kernel, "msgmni", () => IpcLimits.Queues, value => IpcLimits.Queues = (int)value, 0, IpcTables.Capacity);
        kernel.Add("sem", WriteSemaphores, ReadSemaphores);
        FixedDirectory queues = files.AddDirectory("mqueue");
        SysctlTree.Number(queues, "queues_max", () => PosixQueueLimits.Queues, value => PosixQueueLimits.Queues = (int)value, 0, int.MaxValue);
        SysctlTree.Number(queues, "msg_max", () => PosixQueueLimits.Messages, value => PosixQueueLimits.Messages = (int)value, 1, QueueConstants.MostMessages);
        SysctlTree.Number(queues, "msgsize_max", () => PosixQueueLimits.Bytes, value => PosixQueueLimits.Bytes = (int)value, 128, QueueConstants.MostBytes);
        SysctlTree.Number(queues, "msg_default", () => PosixQueueLimits.DefaultMessages, value => PosixQueueLimits.DefaultMessages = (int)value, 1, QueueConstants.MostMessages);
        SysctlTree.Number(queues, "msgsize_default", () => PosixQueueLimits.DefaultBytes, value => PosixQueueLimits.DefaultBytes = (int)value, 128, QueueConstants.MostBytes);
    }

    private static void SetForced(long value)
    {
        IpcLimits.RemovesUnattached = value != 0;
        if (value != 0)
        {
            SharedMemory.RemoveOrphans();
        }
    }

    private static void Large(FixedDirectory directory, string name, Func<ulong> get, Action<ulong> set) => directory.Add(name, to => to.Add(get()).Line(), text =>
    {
        if (!Utf8Parser.TryParse(text.TrimStart(" \t"u8), out ulong value, out int used) || !text.TrimStart(" \t"u8)[used..].Trim(" \t\n\0"u8).IsEmpty)
        {
            return Errno.EINVAL;
        }

        set(value);
        return Errno.Ok;
    });

    private static void WriteSemaphores(TextBuilder to) =>
        to.Add((long)IpcLimits.SemaphoresOfSet).Add('\t').Add((long)IpcLimits.Semaphores).Add('\t').Add((long)IpcLimits.Operations).Add('\t').Add((long)IpcLimits.Sets).Line();

    // As many of the four numbers as are written, from the first one on.
    private static Errno ReadSemaphores(ReadOnlySpan<byte> text)
    {
        Span<int> values = [IpcLimits.SemaphoresOfSet, IpcLimits.Semaphores, IpcLimits.Operations, IpcLimits.Sets];
        int count = 0;
        while (count < SemaphoreNumbers && !(text = text.TrimStart(" \t\n\0"u8)).IsEmpty)
        {
            if (!Utf8Parser.TryParse(text, out int value, out int used) || (used < text.Length && !" \t\n\0"u8.Contains(text[used])))
            {
                return Errno.EINVAL;
            }

            values[count++] = value;
            text = text[used..];
        }

        if (count == 0)
        {
            return Errno.EINVAL;
        }

        if (values[3] is < 0 or > IpcTables.Capacity)
        {
            return Errno.ERANGE;
        }

        IpcLimits.SemaphoresOfSet = values[0];
        IpcLimits.Semaphores = values[1];
        IpcLimits.Operations = values[2];
        IpcLimits.Sets = values[3];
        return Errno.Ok;
    }
}
