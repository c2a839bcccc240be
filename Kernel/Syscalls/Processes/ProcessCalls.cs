using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Syscalls.Processes;

/// <summary>The system calls of processes, threads and their rights.</summary>
internal static class ProcessCalls
{
    /// <summary>Adds them. At boot.</summary>
    [BeforePublication]
    public static void Register(SystemCallTable table)
    {
        table.Add(new GetPid());
        table.Add(new GetTid());
        table.Add(new GetPpid());
        table.Add(new Clone());
        table.Add(new Fork());
        table.Add(new Vfork());
        table.Add(new Clone3());
        table.Add(new Unshare());
        table.Add(new Execve());
        table.Add(new Execveat());
        table.Add(new Exit());
        table.Add(new ExitGroup());
        table.Add(new Wait4());
        table.Add(new WaitId());
        table.Add(new SetTidAddress());
        table.Add(new ArchPrctl());
        table.Add(new RestartableSequence());
        table.Add(new SeccompCall());
        table.Add(new Personality());
        table.Add(new Prctl());
        table.Add(new SetPgid());
        table.Add(new GetPgid());
        table.Add(new GetPgrp());
        table.Add(new SetSid());
        table.Add(new GetSid());
        table.Add(new GetUid());
        table.Add(new GetEuid());
        table.Add(new GetGid());
        table.Add(new GetEgid());
        table.Add(new SetUid());
        table.Add(new SetGid());
        table.Add(new SetReuid());
        table.Add(new SetRegid());
        table.Add(new SetResuid());
        table.Add(new SetResgid());
        table.Add(new GetResuid());
        table.Add(new GetResgid());
        table.Add(new SetFsuid());
        table.Add(new SetFsgid());
        table.Add(new GetGroups());
        table.Add(new SetGroups());
        table.Add(new CapGet());
        table.Add(new CapSet());
        table.Add(new GetRlimit());
        table.Add(new SetRlimit());
        table.Add(new Prlimit());
        table.Add(new GetRusage());
        table.Add(new Times());
        table.Add(new CompareProcesses());
    }
}
