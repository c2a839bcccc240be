using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.Frames;
using CosmosKernel.Processes.Loading;
using CosmosKernel.Processes.Memory;

namespace CosmosKernel.Processes;

/// <summary>execve(2): the running process goes on in another program. Everything that may fail comes before the old program is touched, but for the end of its other threads.</summary>
public static class ProgramExecution
{
    /// <summary>Executes a program. Task context of the running thread.</summary>
    /// <param name="thread">The running thread.</param>
    /// <param name="request">What to load; its file is the caller's.</param>
    /// <returns>Ok: the thread's registers are those of the program's start. Otherwise nothing has changed, but for EINTR and EAGAIN, with which the process ends.</returns>
    [MightSleep]
    public static Errno Execute(UserThread thread, LoadRequest request)
    {
        Errno error = ProgramLoader.Prepare(request, out LoadedProgram? program);

        // As in a fork: a program that there is no memory for is worth what a page is, and nothing is left of the attempt.
        while (error == Errno.ENOMEM && FrameAllocator.IsLow && OutOfMemory.TryFree(thread))
        {
            error = ProgramLoader.Prepare(request, out program);
        }

        if (error != Errno.Ok)
        {
            return error;
        }

        error = ThreadGroupExec.EndOthers(thread);
        if (error != Errno.Ok)
        {
            program!.Discard();
            return error;
        }

        // The call's number belongs to the old program: nothing is made again.
        thread.SystemCallNumber = -1;
        thread.Process.NoteMemory(thread.Memory);
        ThreadGroupExec.LeaveMemory(thread);
        program!.Commit(thread);
        ThreadGroupExec.Finish(thread, program.Name.Span, program.Credentials, program.IsSecure, program.IsReadable);
        return Errno.Ok;
    }

    /// <summary>Opens the file and executes it.</summary>
    /// <param name="thread">The running thread.</param>
    /// <param name="walk">From where the path goes.</param>
    /// <param name="path">The path, without NUL.</param>
    /// <param name="flags">Follow, AllowEmpty.</param>
    /// <param name="name">The file's name for the program (see <see cref="LoadRequest.FileName"/>).</param>
    /// <param name="isUnreachable">See <see cref="LoadRequest.IsUnreachable"/>.</param>
    /// <param name="arguments">The arguments.</param>
    /// <param name="environment">The environment.</param>
    [MightSleep]
    public static Errno Execute(
        UserThread thread,
        in PathWalk walk,
        ReadOnlySpan<byte> path,
        ResolveFlags flags,
        byte[] name,
        bool isUnreachable,
        ProgramStrings arguments,
        ProgramStrings environment)
    {
        Errno error = Vfs.OpenProgram(walk, path, flags, out OpenFile? file);
        if (error != Errno.Ok)
        {
            return error;
        }

        try
        {
            LoadRequest request = new()
            {
                Walk = walk,
                File = file!,
                FileName = name,
                IsUnreachable = isUnreachable,
                Arguments = arguments,
                Environment = environment,
                Restriction = RestrictionOf(thread),
            };
            return Execute(thread, request);
        }
        finally
        {
            file!.Release();
        }
    }

    // Threads of the process end before the program runs; whoever else has the same root and working directory does not.
    private static ExecRestriction RestrictionOf(UserThread thread)
    {
        if (thread.NoNewPrivileges)
        {
            return ExecRestriction.NoNewPrivileges;
        }

        FileSystemContext? context = thread.FileSystem;
        if (context is not { IsShared: true })
        {
            return ExecRestriction.None;
        }

        int own = 0;
        using (thread.Process.SignalLock.Enter())
        {
            for (UserThread? other = thread.Process.FirstThread; other is not null; other = other.NextInProcess)
            {
                own += ReferenceEquals(other.FileSystem, context) ? 1 : 0;
            }
        }

        return context.Users > own ? ExecRestriction.SharedFileSystem : ExecRestriction.None;
    }
}
