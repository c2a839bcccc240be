using System;
using System.Collections.Generic;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.Frames;
using CosmosKernel.Modules.Log;
using CosmosKernel.Processes.Futexes;
using CosmosKernel.Processes.Loading;
using CosmosKernel.Tasks;

namespace CosmosKernel.Processes;

/// <summary>The beginning of user space: what other parts ask of processes, and the first process.</summary>
public static class ProcessStart
{
    // Eight threads with their stacks take an eighth of memory at most: Linux's rule for the number of threads.
    private const ulong PagesPerThread = 32;

    /// <summary>Lets files, terminals, memory and futexes know of processes. Once at boot, before the first process, when all CPUs are known.</summary>
    [BeforePublication]
    public static void Initialize()
    {
        SignalFrameAccess.Initialize();
        FileServices.Instance = new ProcessFileServices();
        JobControl.Instance = new ProcessJobControl();
        Memory.MemoryLimitSource.Instance = new ProcessMemoryLimits();
        Futex.Initialize();
    }

    /// <summary>Starts the first process: id 1, root with all capabilities, the console as its descriptors 0, 1 and 2. Once, from a task of the kernel.</summary>
    /// <param name="context">Its root and working directory; the reference becomes the process's, with an error it stays the caller's.</param>
    /// <param name="path">The program's path, without NUL.</param>
    /// <param name="arguments">Its arguments, the first one its name.</param>
    /// <param name="environment">Its environment.</param>
    /// <returns>Why the program cannot be executed (execve(2)): the caller may try another one.</returns>
    [MightSleep]
    public static Errno StartInit(FileSystemContext context, ReadOnlySpan<byte> path, IReadOnlyList<byte[]> arguments, IReadOnlyList<byte[]> environment)
    {
        PathWalk walk = new(context, Credentials.Root);
        Errno error = Vfs.OpenProgram(walk, path, ResolveFlags.Follow, out OpenFile? file);
        if (error != Errno.Ok)
        {
            return error;
        }

        LoadRequest request = new()
        {
            Walk = walk,
            File = file!,
            FileName = path.ToArray(),
            Arguments = new ProgramStrings(arguments),
            Environment = new ProgramStrings(environment),
        };
        error = ProgramLoader.Prepare(request, out LoadedProgram? program);
        file!.Release();
        return error != Errno.Ok ? error : Start(context, walk, program!);
    }

    [MightSleep]
    private static Errno Start(FileSystemContext context, in PathWalk walk, LoadedProgram program)
    {
        UserContext? registers = UserContext.TryCreate();
        if (registers is null || ProcessIds.TryAllocate(1, out ProcessId? id) != Errno.Ok)
        {
            registers?.Release();
            program.Discard();
            return registers is null ? Errno.ENOMEM : Errno.EEXIST;
        }

        UserAccount account = UserAccount.AddThread(0);
        UserAccount.MostThreads = (int)MostThreads;
        Process process = new(id!, new SignalHandlers(), Limits.Initial(MostThreads / 2), isInit: true);
        process.FillStock();
        UserThread thread = new(process, id!, registers, account) { HasEnded = true };
        TaskStruct task = KernelTask.Create(new TaskOptions { Detached = true }, () =>
        {
            UserLoop.Run(thread);
            return 0;
        });
        thread.Task = task;
        task.Signals = thread;
        task.Credentials = Credentials.Root;
        FileTable files = new();
        task.Files = files;
        OpenConsole(walk, files);
        program.Commit(thread);
        ThreadName.Set(thread, program.Name.Span);
        thread.FileSystem = context;
        Join(process, thread, id!);
        KernelTask.Start(task);
        return Errno.Ok;
    }

    // The group and the session of the first process are the kernel's own, 0: so it may call setsid(2).
    private static void Join(Process process, UserThread thread, ProcessId id)
    {
        ProcessId none = new(0);
        Session session = new(none);
        ProcessGroup group = new(none, session);
        using (ProcessTree.Lock.Enter())
        {
            none.Session = session;
            group.Add(process);
            using (process.SignalLock.Enter())
            {
                process.AddThread(thread);
                thread.HasEnded = false;
            }

            id.Process = process;
            id.Thread = thread;
        }
    }

    [MightSleep]
    private static void OpenConsole(in PathWalk walk, FileTable files)
    {
        Errno error = Vfs.Open(walk, "/dev/console"u8, OpenFlags.ReadWrite, 0, ResolveFlags.None, out OpenFile? console);
        if (error != Errno.Ok)
        {
            KernelLog.Warning($"init has no console: /dev/console gives {error}");
            return;
        }

        for (int descriptor = 0; descriptor < 3; descriptor++)
        {
            console!.AddReference();
            _ = files.Add(console, closeOnExec: false);
        }

        console!.Release();
    }

    private static ulong MostThreads => Math.Clamp(FrameAllocator.ManagedFrames / PagesPerThread, 20, (ulong)ProcessIds.HighestLimit / 2);
}
