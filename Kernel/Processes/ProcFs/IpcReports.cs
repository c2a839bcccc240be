using CosmosKernel.Abi;
using CosmosKernel.Files.SystemFiles;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Processes.Ipc;

namespace CosmosKernel.Processes.ProcFs;

/// <summary>/proc/sysvipc: what ipcs(1) reads. Everybody may see all of it, as on Linux.</summary>
internal static class IpcReports
{
    public static void Build(SystemFileSystem procfs, FixedDirectory directory)
    {
        directory.Add("shm", new IpcFile(
            procfs, "       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid      atime      dtime      ctime                   rss                  swap",
            () => SharedMemory.Table.Capacity, Segment));
        directory.Add("sem", new IpcFile(
            procfs, "       key      semid perms      nsems   uid   gid  cuid  cgid      otime      ctime",
            () => Semaphores.Table.Capacity, Set));
        directory.Add("msg", new IpcFile(
            procfs, "       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  cuid  cgid      stime      rtime      ctime",
            () => MessageQueues.Table.Capacity, Queue));
    }

    [MightSleep]
    private static void Segment(TextBuilder to, int index)
    {
        if (SharedMemory.Table.At(index) is not { } segment || segment.Describe(null, out SharedMemoryDescription shown) != Errno.Ok)
        {
            return;
        }

        Begin(to, shown.Permission, segment.Id);
        Column(to, (long)shown.Size, 21);
        Column(to, shown.CreatorId, 5);
        Column(to, shown.LastId, 5);
        to.Add(' ');
        Column(to, (long)shown.Attachments, 5);
        Owners(to, shown.Permission);
        Column(to, shown.AttachTime, 10);
        Column(to, shown.DetachTime, 10);
        Column(to, shown.ChangeTime, 10);
        Column(to, (long)segment.Pages.ResidentPages * 4096, 21);
        Column(to, 0, 21);
        to.Line();
    }

    [MightSleep]
    private static void Set(TextBuilder to, int index)
    {
        if (Semaphores.Table.At(index) is not { } set || set.Describe(null, out SemaphoreSetDescription shown) != Errno.Ok)
        {
            return;
        }

        Begin(to, shown.Permission, set.Id);
        Column(to, (long)shown.Count, 10);
        Owners(to, shown.Permission);
        Column(to, shown.OperationTime, 10);
        Column(to, shown.ChangeTime, 10);
        to.Line();
    }

    [MightSleep]
    private static void Queue(TextBuilder to, int index)
    {
        if (MessageQueues.Table.At(index) is not { } queue || queue.Describe(null, out MessageQueueDescription shown) != Errno.Ok)
        {
            return;
        }

        Begin(to, shown.Permission, queue.Id);
        to.Add(' ');
        Column(to, (long)shown.Bytes, 10);
        Column(to, (long)shown.Messages, 10);
        Column(to, shown.LastSender, 5);
        Column(to, shown.LastReceiver, 5);
        Owners(to, shown.Permission);
        Column(to, shown.SendTime, 10);
        Column(to, shown.ReceiveTime, 10);
        Column(to, shown.ChangeTime, 10);
        to.Line();
    }

    private static void Begin(TextBuilder to, in IpcPermission permission, int id)
    {
        to.AddRight(permission.Key, 10);
        Column(to, id, 10);
        uint mode = permission.Mode;
        int digits = mode >= 0x200 ? 4 : mode >= 0x40 ? 3 : mode >= 8 ? 2 : 1;
        to.Add("  "u8).Fill(4 - digits, ' ').AddOctal(mode, digits);
    }

    private static void Owners(TextBuilder to, in IpcPermission permission)
    {
        Column(to, permission.UserId, 5);
        Column(to, permission.GroupId, 5);
        Column(to, permission.CreatorUserId, 5);
        Column(to, permission.CreatorGroupId, 5);
    }

    private static void Column(TextBuilder to, long value, int width) => to.Add(' ').AddRight(value, width);
}
