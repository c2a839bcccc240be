using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Sockets;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks;

namespace CosmosKernel.Processes;

/// <summary>What files ask of processes. Tasks of the kernel have no limits and get no signals.</summary>
internal sealed class ProcessFileServices : FileServices
{
    // Tasks of the kernel pass no descriptors; what a test of theirs passes is counted here.
    private static readonly InFlightAccount s_kernel = new();

    private static UserThread? Thread => TaskStruct.Current.Signals as UserThread;

    /// <inheritdoc/>
    public override ulong FileSizeLimit => Thread?.Process.Limits.Current(ResourceLimit.RLIMIT_FSIZE) ?? Unlimited;

    /// <inheritdoc/>
    public override int DescriptorLimit => (int)Math.Min(Thread?.Process.Limits.Current(ResourceLimit.RLIMIT_NOFILE) ?? FileTable.Maximum, FileTable.Maximum);

    /// <inheritdoc/>
    public override int CurrentProcess => Thread?.Process.Id ?? 0;

    /// <inheritdoc/>
    public override void SignalBrokenPipe() => SignalSelf(Signal.SIGPIPE);

    /// <inheritdoc/>
    public override void SignalFileSize() => SignalSelf(Signal.SIGXFSZ);

    /// <inheritdoc/>
    public override InFlightAccount InFlight => Thread?.Account.InFlight ?? s_kernel;

    /// <inheritdoc/>
    public override Errno FindOwner(FileOwnerKind kind, int id, out FileOwner owner)
    {
        object? target = kind switch
        {
            FileOwnerKind.Thread => ProcessTable.FindThread(id),
            FileOwnerKind.Process => ProcessTable.Find(id),
            _ => ProcessTable.FindGroup(id),
        };
        Credentials credentials = Thread?.Credentials ?? Credentials.Root;
        owner = id == 0 ? FileOwner.None : new FileOwner(kind, id, target, credentials.UserId, credentials.EffectiveUserId);
        return id == 0 || target is not null ? Errno.Ok : Errno.ESRCH;
    }

    /// <inheritdoc/>
    public override bool IsThere(FileOwner owner) => owner.Kind switch
    {
        FileOwnerKind.Thread => ReferenceEquals(ProcessTable.FindThread(owner.Id), owner.Target),
        FileOwnerKind.Process => ReferenceEquals(ProcessTable.Find(owner.Id), owner.Target),
        _ => ReferenceEquals(ProcessTable.FindGroup(owner.Id), owner.Target),
    } && owner.Target is not null;

    /// <inheritdoc/>
    [NoAllocation]
    [InterruptContext]
    public override void SignalOwner(FileOwner owner, int signal, int reason, PollEvents band, int descriptor)
    {
        switch (owner.Target)
        {
            case UserThread thread:
                if (MaySignal(owner, thread) && (signal == 0 || Signals.SendAtomic(thread, Describe(signal, reason, band, descriptor)) != Errno.Ok))
                {
                    Signals.SendAtomic(thread, SignalInfo.Kernel(Signal.SIGIO));
                }

                break;
            case Process process:
                if (MaySignal(owner, process) && (signal == 0 || Signals.SendAtomic(process, Describe(signal, reason, band, descriptor)) != Errno.Ok))
                {
                    Signals.SendAtomic(process, SignalInfo.Kernel(Signal.SIGIO));
                }

                break;
            case ProcessGroup group:
                SignalMembers(owner, group, signal, signal == 0 ? SignalInfo.Kernel(Signal.SIGIO) : Describe(signal, reason, band, descriptor));
                break;
        }
    }

    /// <inheritdoc/>
    public override void SignalOwner(FileOwner owner, int signal)
    {
        switch (owner.Target)
        {
            case UserThread thread when MaySignal(owner, thread):
                Signals.SendAtomic(thread, SignalInfo.Kernel(signal));
                break;
            case Process process when MaySignal(owner, process):
                Signals.SendAtomic(process, SignalInfo.Kernel(signal));
                break;
            case ProcessGroup group:
                SignalMembers(owner, group, 0, SignalInfo.Kernel(signal));
                break;
        }
    }

    [NoAllocation]
    private static void SignalMembers(FileOwner owner, ProcessGroup group, int signal, in SignalInfo info)
    {
        using (ProcessTree.Lock.Enter())
        {
            for (Process? member = group.First; member is not null; member = member.NextInGroup)
            {
                if (MaySignal(owner, member) && Signals.Broadcast(member, info) != Errno.Ok && signal != 0)
                {
                    Signals.Broadcast(member, SignalInfo.Kernel(Signal.SIGIO));
                }
            }
        }
    }

    // Who set the owner is root, or one of his user ids is one of the receiver's (fcntl(2), F_SETOWN).
    [NoAllocation]
    private static bool MaySignal(FileOwner owner, Process process) => process.Leader is not { } leader || MaySignal(owner, leader);

    [NoAllocation]
    private static bool MaySignal(FileOwner owner, UserThread thread)
    {
        if (owner.EffectiveUserId == 0 || thread.Task.Credentials is not Credentials credentials)
        {
            return true;
        }

        return owner.EffectiveUserId == credentials.SavedUserId || owner.EffectiveUserId == credentials.UserId
            || owner.UserId == credentials.SavedUserId || owner.UserId == credentials.UserId;
    }

    // Signals that have codes of their own, which POLL_IN and the others would be taken for, get a code that says only where they come from.
    [NoAllocation]
    private static SignalInfo Describe(int signal, int reason, PollEvents band, int descriptor)
    {
        bool isAmbiguous = signal is Signal.SIGILL or Signal.SIGFPE or Signal.SIGSEGV or Signal.SIGBUS or Signal.SIGTRAP or Signal.SIGCHLD or Signal.SIGSYS;
        return new SignalInfo { Number = signal, Code = isAmbiguous ? SignalCode.SI_SIGIO : reason, Word0 = (uint)band, Word1 = (uint)descriptor };
    }

    private static void SignalSelf(int signal)
    {
        if (Thread is { } thread)
        {
            Signals.SendAtomic(thread, SignalInfo.FromUser(signal, SignalCode.SI_USER, thread.Process.Id, thread.Credentials.UserId));
        }
    }
}
