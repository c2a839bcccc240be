using CosmosKernel.Files.Users;
using CosmosKernel.Tasks;

namespace CosmosKernel.Processes.ProcFs;

/// <summary>
/// What a directory of /proc is about: a process, one of its threads, or a task of the kernel. It may end at any time; the objects stay usable, and what is asked of it then gives nothing.
/// </summary>
internal sealed class ProcSubject
{
    private ProcSubject(int id, Process? process, UserThread? thread, TaskStruct? kernelTask, bool isThread = false)
    {
        IsThread = isThread;
        Id = id;
        Process = process;
        OneThread = thread;
        KernelTask = kernelTask;
    }

    /// <summary>The name of its directory.</summary>
    public int Id { get; }

    /// <summary>It is one of the entries of task, which has no such directory itself.</summary>
    public bool IsThread { get; }

    /// <summary>The process; null for a task of the kernel.</summary>
    public Process? Process { get; }

    /// <summary>The thread of task/TID; null for a process as a whole.</summary>
    public UserThread? OneThread { get; }

    /// <summary>The task of the kernel; null otherwise.</summary>
    public TaskStruct? KernelTask { get; }

    /// <summary>The thread, or the process's first one; null for a zombie and for the kernel's tasks.</summary>
    public UserThread? Thread => OneThread ?? Process?.Leader;

    /// <summary>The task; null for a zombie.</summary>
    public TaskStruct? Task => KernelTask ?? Thread?.Task;

    /// <summary>It is gone: collected, or not the holder of its id any more.</summary>
    public bool IsGone => KernelTask is { } task
        ? !ReferenceEquals(TaskTable.Find(task.Pid), task)
        : OneThread is { } thread ? !ReferenceEquals(ProcessTable.FindThread(Id), thread) : Process!.IsCollected;

    /// <summary>Who owns its files.</summary>
    public Credentials Owner => Thread?.Credentials ?? Credentials.Root;

    /// <summary>Base of the ids of the kernel's tasks, which are in no table of processes: above all ids of processes.</summary>
    public const int KernelBase = ProcessIds.HighestLimit;

    public static ProcSubject? Find(int id)
    {
        if (id > KernelBase)
        {
            return TaskTable.Find(id - KernelBase) is { } task && task.Signals is not UserThread && task.State != TaskState.Dead ? new ProcSubject(id, null, null, task) : null;
        }

        if (ProcessTable.Find(id) is { } process)
        {
            return new ProcSubject(id, process, null, null);
        }

        // A thread's id leads to its process, though no listing shows it.
        return ProcessTable.FindThread(id) is { } thread ? new ProcSubject(id, thread.Process, null, null) : null;
    }

    public static ProcSubject OfThread(UserThread thread) => new(thread.Id, thread.Process, thread, null, isThread: true);

    /// <summary>The only thread of a task of the kernel.</summary>
    public static ProcSubject OfKernelThread(TaskStruct task) => new(task.Pid + KernelBase, null, null, task, isThread: true);

    /// <summary>
    /// The running task may see what is private to it (ptrace(2), "Ptrace access mode checking"): it is one of its own threads, all user and group ids are the caller's, or the caller has CAP_SYS_PTRACE.
    /// </summary>
    public bool MayInspect()
    {
        if (Process is not null && ReferenceEquals(UserThread.Current?.Process, Process))
        {
            return true;
        }

        Credentials own = Credentials.Current;
        Credentials its = Owner;
        bool isSame = own.FileUserId == its.UserId && own.FileUserId == its.EffectiveUserId && own.FileUserId == its.SavedUserId &&
            own.FileGroupId == its.GroupId && own.FileGroupId == its.EffectiveGroupId && own.FileGroupId == its.SavedGroupId;
        return isSame || own.Has(Capability.SysPtrace);
    }
}
