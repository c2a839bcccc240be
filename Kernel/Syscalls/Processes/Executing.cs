using System;
using System.Text;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;
using CosmosKernel.Processes.Loading;

namespace CosmosKernel.Syscalls.Processes;

/// <summary>execve(2).</summary>
[SystemCall(59, "execve", Support.All)]
internal sealed class Execve : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Span<byte> buffer = stackalloc byte[PathLimits.PathMaximum];
        int length = UserMemory.ReadString(registers.Rdi, buffer);
        if (length < 0)
        {
            return length;
        }

        ReadOnlySpan<byte> path = buffer[..length];
        Errno error = ProgramExecution.Execute(
            thread,
            new PathWalk(thread.FileSystem!, thread.Credentials),
            path,
            ResolveFlags.Follow,
            path.ToArray(),
            isUnreachable: false,
            new ProgramStrings(registers.Rsi),
            new ProgramStrings(registers.Rdx));
        return -(long)error;
    }
}

/// <summary>execveat(2).</summary>
[SystemCall(322, "execveat", Support.All)]
internal sealed class Execveat : SystemCall
{
    private const int NoFollow = 0x100;
    private const int EmptyPath = 0x1000;

    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        int directory = (int)registers.Rdi;
        int flags = (int)registers.R8;
        if ((flags & ~(NoFollow | EmptyPath)) != 0)
        {
            return -(long)Errno.EINVAL;
        }

        Span<byte> buffer = stackalloc byte[PathLimits.PathMaximum];
        int length = UserMemory.ReadString(registers.Rsi, buffer);
        if (length < 0)
        {
            return length;
        }

        ReadOnlySpan<byte> path = buffer[..length];
        ResolveFlags resolve = ((flags & NoFollow) != 0 ? ResolveFlags.None : ResolveFlags.Follow) | ((flags & EmptyPath) != 0 ? ResolveFlags.AllowEmpty : ResolveFlags.None);
        if (directory == PathLimits.WorkingDirectory || path.StartsWith("/"u8))
        {
            PathWalk walk = new(thread.FileSystem!, thread.Credentials);
            return -(long)ProgramExecution.Execute(
                thread, walk, path, resolve, path.ToArray(), isUnreachable: false, new ProgramStrings(registers.Rdx), new ProgramStrings(registers.R10));
        }

        return -(long)FromDescriptor(thread, directory, path, resolve, new ProgramStrings(registers.Rdx), new ProgramStrings(registers.R10));
    }

    // The program's name goes by the descriptor, since nobody knows the directory's (execveat(2)).
    [MightSleep]
    private static Errno FromDescriptor(UserThread thread, int directory, ReadOnlySpan<byte> path, ResolveFlags flags, ProgramStrings arguments, ProgramStrings environment)
    {
        FileTable files = thread.Files!;
        if (files.TryGet(directory, out OpenFile? file) != Errno.Ok || files.GetCloseOnExec(directory, out bool closes) != Errno.Ok)
        {
            file?.Release();
            return Errno.EBADF;
        }

        try
        {
            if (file!.Path.IsNull)
            {
                return path.IsEmpty ? Errno.EACCES : Errno.ENOTDIR;
            }

            byte[] prefix = Encoding.ASCII.GetBytes($"/dev/fd/{directory}");
            byte[] name = path.IsEmpty ? prefix : [.. prefix, (byte)'/', .. path];
            PathWalk walk = new(thread.FileSystem!, thread.Credentials, file.Path);
            return ProgramExecution.Execute(thread, walk, path, flags, name, closes, arguments, environment);
        }
        finally
        {
            file!.Release();
        }
    }
}
