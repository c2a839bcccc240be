using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes;

/// <summary>Finds processes, threads, groups and sessions by their ids, without a lock. What was found may end at any time, and stays usable as an object. Any context.</summary>
public static class ProcessTable
{
    /// <summary>The process with this id (tgid), one that has ended and was not collected included; null for none.</summary>
    [NoAllocation]
    public static Process? Find(int pid) => ProcessIds.Find(pid)?.Process;

    /// <summary>The thread with this id (tid); null for none.</summary>
    [NoAllocation]
    public static UserThread? FindThread(int tid) => ProcessIds.Find(tid)?.Thread;

    /// <summary>The process that has a thread with this id, or that has it itself: what calls accept that are about a process and take any thread's id.</summary>
    [NoAllocation]
    public static Process? FindOf(int id) => ProcessIds.Find(id) is { } found ? found.Process ?? found.Thread?.Process : null;

    /// <summary>The process group with this id; null for none.</summary>
    [NoAllocation]
    public static ProcessGroup? FindGroup(int pgid) => ProcessIds.Find(pgid)?.Group;

    /// <summary>The session with this id; null for none.</summary>
    [NoAllocation]
    public static Session? FindSession(int sid) => ProcessIds.Find(sid)?.Session;

    /// <summary>The process with the lowest id above this one; null when there is none. Walks all processes, from 0, while they come and go.</summary>
    [NoAllocation]
    public static Process? Next(int pid)
    {
        for (ProcessId? id = ProcessIds.Next(pid); id is not null; id = ProcessIds.Next(id.Number))
        {
            if (id.Process is { } process)
            {
                return process;
            }
        }

        return null;
    }
}
