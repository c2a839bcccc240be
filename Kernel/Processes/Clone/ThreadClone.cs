using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.Frames;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes.Ipc;
using CosmosKernel.Processes.Memory;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Processes;

/// <summary>
/// Makes threads and processes: clone(2), clone3(2), fork(2), vfork(2). Everything that may fail comes first, on objects that nobody else sees; then one critical section makes the child visible, or finds that
/// a signal or the end of the process has come between. Whatever fails, all is given back.
/// </summary>
public static class ThreadClone
{
    /// <summary>Makes a child of the running thread and starts it. Task context.</summary>
    /// <param name="parent">The running thread.</param>
    /// <param name="request">What it is to be like; the flags were checked by <see cref="CloneRules"/>.</param>
    /// <returns>The child's id, or: -EAGAIN, a limit; -ENOMEM; -EEXIST, the wanted id is taken; -ERESTARTNOINTR, a signal comes first.</returns>
    [MightSleep]
    public static long Clone(UserThread parent, in CloneRequest request)
    {
        Process process = parent.Process;
        uint broadcasts;
        using (process.SignalLock.Enter())
        {
            process.Recalculate(parent);
            if (parent.HasPendingSignal)
            {
                return -(long)Errno.ERESTARTNOINTR;
            }

            broadcasts = process.Broadcasts;
        }

        // Nobody has admitted a second one to the CPU's time (sched(7), SCHED_DEADLINE).
        if (parent.Task.GetScheduling() is { Policy: SchedulingPolicy.Deadline, ResetOnFork: false })
        {
            return -(long)Errno.EAGAIN;
        }

        UserAccount account = parent.Account;
        bool isTooMany = (ulong)account.AddThread() > process.Limits.Current(ResourceLimit.RLIMIT_NPROC) && !MayExceed(account, parent.Credentials);
        if (isTooMany || UserAccount.AllThreads > UserAccount.MostThreads)
        {
            account.RemoveThread();
            return -(long)Errno.EAGAIN;
        }

        Errno error = TryReserve(parent, request, out int descriptor);
        if (error != Errno.Ok)
        {
            account.RemoveThread();
            return -(long)error;
        }

        error = TryMake(parent, request, account, out UserThread? child, out Completion? vfork);
        if (error != Errno.Ok)
        {
            Unreserve(parent, descriptor);
            account.RemoveThread();
            return -(long)error;
        }

        int id = child!.Id;
        ProcessFile? file = descriptor >= 0 ? TryMakeFile(child.Process) : null;
        bool isThread = CloneRules.Has(request.Flags, CloneFlags.CLONE_THREAD);
        error = descriptor >= 0 && file is null ? Errno.ENOMEM : isThread ? JoinProcess(parent, child) : JoinTree(parent, child, request, broadcasts);
        if (error != Errno.Ok)
        {
            file?.Release();
            Unreserve(parent, descriptor);
            GiveUp(child);
            return -(long)error;
        }

        if (file is not null)
        {
            parent.Files!.Install(descriptor, file);
        }

        if (CloneRules.Has(request.Flags, CloneFlags.CLONE_PARENT_SETTID))
        {
            // The child exists by now: who gave a bad address does not learn of it here (clone(2) has no EFAULT).
            _ = UserMemory.TryWrite(request.ParentTid, (uint)id);
        }

        KernelTask.Start(child.Task);

        // A kill ends the wait; the child goes on.
        vfork?.Wait(mode: WaitMode.Killable);
        return id;
    }

    // The descriptor of CLONE_PIDFD: its number is stored before there is a child. -1 for none.
    [MightSleep]
    private static Errno TryReserve(UserThread parent, in CloneRequest request, out int descriptor)
    {
        descriptor = -1;
        if (!CloneRules.Has(request.Flags, CloneFlags.CLONE_PIDFD))
        {
            return Errno.Ok;
        }

        Errno error = parent.Files!.Reserve(out int reserved, closeOnExec: true);
        if (error != Errno.Ok)
        {
            return error;
        }

        if (!UserMemory.TryWrite(request.PidDescriptor, (uint)reserved))
        {
            parent.Files.Unreserve(reserved);
            return Errno.EFAULT;
        }

        descriptor = reserved;
        return Errno.Ok;
    }

    [MightSleep]
    private static void Unreserve(UserThread parent, int descriptor)
    {
        if (descriptor >= 0)
        {
            parent.Files!.Unreserve(descriptor);
        }
    }

    private static ProcessFile? TryMakeFile(Process process)
    {
        try
        {
            return new ProcessFile(process, OpenFlags.ReadOnly);
        }
        catch (OutOfMemoryException)
        {
            return null;
        }
    }

    private static bool MayExceed(UserAccount account, Credentials credentials) =>
        account.Uid == 0 || credentials.Has(Capability.SysResource) || credentials.Has(Capability.SysAdmin);

    [MightSleep]
    private static Errno TryMake(UserThread parent, in CloneRequest request, UserAccount account, out UserThread? child, out Completion? vfork)
    {
        child = null;
        vfork = null;
        UserContext? context = UserContext.TryCreate();
        if (context is null)
        {
            return Errno.ENOMEM;
        }

        ProcessId? id = null;
        SignalHandlers? shared = null;
        try
        {
            Errno error = ProcessIds.TryAllocate(request.WantedId, out id);
            if (error != Errno.Ok)
            {
                return error;
            }

            Process process = CloneRules.Has(request.Flags, CloneFlags.CLONE_THREAD) ? parent.Process : MakeProcess(parent, request, id!, out shared);
            UserThread thread = new(process, id!, context, account);
            Copy(parent, thread, request);
            vfork = CloneRules.Has(request.Flags, CloneFlags.CLONE_VFORK) ? new Completion("vfork") : null;
            thread.VforkDone = vfork;
            TaskOptions options = new() { Name = parent.Task.Name, InheritScheduling = true, Affinity = parent.Task.Affinity, Detached = true };
            TaskStruct task = KernelTask.Create(options, new ChildStart(thread, request).Run);
            thread.Task = task;
            error = TryShareAll(parent, task, thread, request.Flags);
            if (error != Errno.Ok)
            {
                if (!ReferenceEquals(process, parent.Process))
                {
                    process.ReleaseTimers();
                }

                KernelTask.Abandon(task);
                return error;
            }

            child = thread;
            return Errno.Ok;
        }
        catch (OutOfMemoryException)
        {
            return Errno.ENOMEM;
        }
        finally
        {
            if (child is null)
            {
                shared?.Unshare();
                context.Release();
                if (id is not null)
                {
                    ProcessIds.Release(id);
                }
            }
        }
    }

    private static Process MakeProcess(UserThread parent, in CloneRequest request, ProcessId id, out SignalHandlers? shared)
    {
        shared = null;
        SignalHandlers handlers = parent.Process.Handlers;
        if (CloneRules.Has(request.Flags, CloneFlags.CLONE_SIGHAND))
        {
            handlers.Share();
            shared = handlers;
        }
        else
        {
            handlers = handlers.Copy(keepHandlers: !CloneRules.Has(request.Flags, CloneFlags.CLONE_CLEAR_SIGHAND));
        }

        Process process = new(id, handlers, parent.Process.Limits.Copy(), isInit: false)
        {
            Dumpable = parent.Process.Dumpable,
            OutOfMemoryAdjust = parent.Process.OutOfMemoryAdjust,
            LeastOutOfMemoryAdjust = parent.Process.LeastOutOfMemoryAdjust,
        };
        process.FillStock();
        return process;
    }

    // What the child gets a copy of, and registers.
    private static void Copy(UserThread parent, UserThread child, in CloneRequest request)
    {
        UserContext context = child.Context;
        context.CopyFrom(parent.Context);
        context.Registers.Rax = 0;
        if (request.StackPointer != 0)
        {
            SetStack(context, request.StackPointer);
        }

        if (CloneRules.Has(request.Flags, CloneFlags.CLONE_SETTLS))
        {
            context.FsBase = request.Tls;
        }

        child.InheritSignals(parent, keepStack: (request.Flags & (CloneFlags.CLONE_VM | CloneFlags.CLONE_VFORK)) != CloneFlags.CLONE_VM);
        RestartableSequences.Inherit(child, parent, CloneRules.Has(request.Flags, CloneFlags.CLONE_VM));
        child.NoNewPrivileges = parent.NoNewPrivileges;
        child.Personality = parent.Personality;
        child.IoPriority = parent.IoPriority;
        child.ClearChildTid = CloneRules.Has(request.Flags, CloneFlags.CLONE_CHILD_CLEARTID) ? request.ChildTid : 0;
    }

    [UserAccess("A register of user mode.")]
    private static void SetStack(UserContext context, [UserAddress] ulong stackPointer) => context.Registers.Rsp = stackPointer;

    [MightSleep]
    private static Errno TryShareAll(UserThread parent, TaskStruct task, UserThread thread, ulong flags)
    {
        try
        {
            return TryShare(parent, task, thread, flags);
        }
        catch (OutOfMemoryException)
        {
            return Errno.ENOMEM;
        }
    }

    // What the child shares, or gets a copy of that it must give back. Each is the task's as soon as it is made.
    [MightSleep]
    private static Errno TryShare(UserThread parent, TaskStruct task, UserThread thread, ulong flags)
    {
        SemaphoreUndoList? undos = CloneRules.Has(flags, CloneFlags.CLONE_SYSVSEM) ? Semaphores.ListOf(parent) : null;
        thread.HasEnded = true;
        task.Signals = thread;
        task.Credentials = parent.Credentials;
        if (!ReferenceEquals(thread.Process, parent.Process))
        {
            thread.Process.WatchTimeLimits();
        }

        FileTable files = parent.Files!;
        if (CloneRules.Has(flags, CloneFlags.CLONE_FILES))
        {
            files.AddReference();
            task.Files = files;
        }
        else
        {
            task.Files = files.Clone();
        }

        Errno error = TryShareMemory(parent, task, CloneRules.Has(flags, CloneFlags.CLONE_VM));
        if (error != Errno.Ok)
        {
            return error;
        }

        // Last, and without an error: what follows is not the task's to give back.
        if (CloneRules.Has(flags, CloneFlags.CLONE_FS))
        {
            parent.FileSystem!.AddReference();
            thread.FileSystem = parent.FileSystem;
        }
        else
        {
            thread.FileSystem = parent.FileSystem!.Copy();
        }

        undos?.AddUser();
        thread.SemaphoreUndos = undos;
        return Errno.Ok;
    }

    [MightSleep]
    private static Errno TryShareMemory(UserThread parent, TaskStruct task, bool shares)
    {
        AddressSpace memory = parent.Memory!;
        if (shares)
        {
            memory.AddUser();
            memory.AttachTo(task);
            return Errno.Ok;
        }

        // Page tables that there is no memory for are worth what a page is: who has most memory is killed, rather than that no shell can start a program.
        Errno error = memory.TryFork(out AddressSpace? copy);
        while (error == Errno.ENOMEM && FrameAllocator.IsLow && OutOfMemory.TryFree(parent))
        {
            error = memory.TryFork(out copy);
        }

        copy?.AttachTo(task);
        return error;
    }

    // A thread more in the running process, unless that ends or executes a program.
    private static Errno JoinProcess(UserThread parent, UserThread child)
    {
        Process process = parent.Process;
        using (ProcessTree.Lock.Enter())
        {
            using (process.SignalLock.Enter())
            {
                if (process.IsEnding || process.Executing is not null)
                {
                    return Errno.ERESTARTNOINTR;
                }

                child.InheritSeccomp(parent);
                process.AddThread(child);
                child.HasEnded = false;
                if (process.StopCount > 0 || process.IsStopped)
                {
                    // It takes part in the stop that is under way.
                    child.StopPending = true;
                    process.StopCount++;
                    child.RequestAttention(kill: false);
                }
            }

            child.ProcessId.Thread = child;
            return Errno.Ok;
        }
    }

    // A process more, unless a signal to a whole group came since the fork began: it would miss it.
    private static Errno JoinTree(UserThread parent, UserThread child, in CloneRequest request, uint broadcasts)
    {
        Process process = parent.Process;
        Process made = child.Process;
        bool isSibling = CloneRules.Has(request.Flags, CloneFlags.CLONE_PARENT);
        using (ProcessTree.Lock.Enter())
        {
            using (process.SignalLock.Enter())
            {
                if (process.IsEnding || process.Broadcasts != broadcasts)
                {
                    return Errno.ERESTARTNOINTR;
                }
            }

            made.ExitSignal = isSibling ? process.ExitSignal : request.ExitSignal;
            Process father = isSibling ? process.Parent! : process;
            made.ParentExecutions = isSibling ? process.ParentExecutions : process.Executions;
            father.AddChild(made, isSibling ? process.ParentThread : parent);
            process.Group.Add(made);
            using (made.SignalLock.Enter())
            {
                child.InheritSeccomp(parent);
                made.AddThread(child);
                child.HasEnded = false;
            }

            child.ProcessId.Process = made;
            child.ProcessId.Thread = child;
            return Errno.Ok;
        }
    }

    // The child is complete and nobody has seen it.
    [MightSleep]
    private static void GiveUp(UserThread child)
    {
        if (!ReferenceEquals(child.Process, UserThread.Current.Process))
        {
            child.Process.Handlers.Unshare();
            child.Process.ReleaseTimers();
        }

        child.FileSystem?.Release();
        child.FileSystem = null;
        Semaphores.Leave(child);
        child.Account.RemoveThread();
        KernelTask.Abandon(child.Task);
        child.Context.Release();
        ProcessIds.Release(child.ProcessId);
    }
}
