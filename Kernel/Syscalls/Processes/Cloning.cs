using System;
using System.Runtime.InteropServices;
using CosmosKernel.Abi;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Processes;

/// <summary>clone(2).</summary>
[SystemCall(56, "clone", Support.Some, "namespaces")]
internal sealed class Clone : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        ulong flags = (uint)registers.Rdi & ~CloneFlags.CSIGNAL;
        if ((flags & CloneFlags.CLONE_PIDFD) != 0 && (flags & CloneFlags.CLONE_PARENT_SETTID) != 0)
        {
            // Both are stored at the same address.
            return -(long)Errno.EINVAL;
        }

        Errno error = CloneRules.Check(flags, thread.Process.IsInit, thread.Credentials.Has(Capability.SysAdmin));
        return error != Errno.Ok
            ? -(long)error
            : ThreadClone.Clone(thread, new CloneRequest(flags, (int)(registers.Rdi & CloneFlags.CSIGNAL), registers.Rsi, registers.R8, registers.Rdx, registers.R10, 0, registers.Rdx));
    }
}

/// <summary>fork(2).</summary>
[SystemCall(57, "fork", Support.All)]
internal sealed class Fork : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => ThreadClone.Clone(thread, new CloneRequest(0, Signal.SIGCHLD, 0, 0, 0, 0, 0, 0));
}

/// <summary>vfork(2).</summary>
[SystemCall(58, "vfork", Support.All)]
internal sealed class Vfork : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) =>
        ThreadClone.Clone(thread, new CloneRequest(CloneFlags.CLONE_VM | CloneFlags.CLONE_VFORK, Signal.SIGCHLD, 0, 0, 0, 0, 0, 0));
}

/// <summary>clone3(2).</summary>
[SystemCall(435, "clone3", Support.Some, "namespaces; CLONE_INTO_CGROUP")]
internal sealed class Clone3 : SystemCall
{
    private const ulong LargestArguments = 4096;

    // One namespace of ids: one id can be asked for.
    private const int MostIds = 32;

    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Errno error = TryRead(registers.Rdi, registers.Rsi, out CloneArguments arguments);
        if (error == Errno.Ok)
        {
            error = CloneRules.CheckArguments(arguments);
        }

        if (error == Errno.Ok && !UserMemory.IsRange(arguments.Stack, arguments.StackSize))
        {
            error = Errno.EINVAL;
        }

        if (error == Errno.Ok)
        {
            error = CloneRules.Check(arguments.Flags, thread.Process.IsInit, thread.Credentials.Has(Capability.SysAdmin));
        }

        int wanted = 0;
        if (error == Errno.Ok && arguments.SetTidSize != 0)
        {
            error = TryReadId(thread, arguments, out wanted);
        }

        return error != Errno.Ok
            ? -(long)error
            : ThreadClone.Clone(
                thread,
                new CloneRequest(
                    arguments.Flags,
                    (int)arguments.ExitSignal,
                    arguments.Stack + arguments.StackSize,
                    arguments.Tls,
                    arguments.ParentTid,
                    arguments.ChildTid,
                    wanted,
                    arguments.PidDescriptor));
    }

    // What is beyond the structure as it is known here must be zero (clone3(2)).
    private static Errno TryRead([UserAddress] ulong address, ulong size, out CloneArguments arguments)
    {
        arguments = default;
        if (size > LargestArguments)
        {
            return Errno.E2BIG;
        }

        if (size < CloneArguments.MinimumBytes)
        {
            return Errno.EINVAL;
        }

        Span<ulong> words = stackalloc ulong[CloneArguments.Bytes / sizeof(ulong)];
        words.Clear();
        for (ulong offset = 0; offset + sizeof(ulong) <= size; offset += sizeof(ulong))
        {
            if (!UserMemory.TryRead(address + offset, out ulong word))
            {
                return Errno.EFAULT;
            }

            int index = (int)(offset / sizeof(ulong));
            if (index < words.Length)
            {
                words[index] = word;
            }
            else if (word != 0)
            {
                return Errno.E2BIG;
            }
        }

        arguments = new CloneArguments
        {
            Flags = words[0],
            PidDescriptor = words[1],
            ChildTid = words[2],
            ParentTid = words[3],
            ExitSignal = words[4],
            Stack = words[5],
            StackSize = words[6],
            Tls = words[7],
            SetTid = words[8],
            SetTidSize = words[9],
            Cgroup = words[10],
        };
        return Errno.Ok;
    }

    private static Errno TryReadId(UserThread thread, in CloneArguments arguments, out int wanted)
    {
        wanted = 0;
        if (arguments.SetTidSize > MostIds)
        {
            return Errno.EINVAL;
        }

        if (!UserMemory.TryRead(arguments.SetTid, out uint id))
        {
            return Errno.EFAULT;
        }

        if ((int)id <= 0 || arguments.SetTidSize > 1)
        {
            return Errno.EINVAL;
        }

        wanted = (int)id;
        Credentials credentials = thread.Credentials;
        return credentials.Has(Capability.SysAdmin) || credentials.Has(Capability.CheckpointRestore) ? Errno.Ok : Errno.EPERM;
    }
}

/// <summary>unshare(2).</summary>
[SystemCall(272, "unshare", Support.Some, "namespaces")]
internal sealed class Unshare : SystemCall
{
    private const ulong Known = CloneRules.Namespaces | CloneFlags.CLONE_NEWTIME | CloneFlags.CLONE_THREAD | CloneFlags.CLONE_FS | CloneFlags.CLONE_FILES
        | CloneFlags.CLONE_VM | CloneFlags.CLONE_SIGHAND | CloneFlags.CLONE_SYSVSEM;

    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => -(long)ThreadSharing.Unshare(thread, registers.Rdi, Known);
}
