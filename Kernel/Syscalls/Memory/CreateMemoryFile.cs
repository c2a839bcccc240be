using System;
using System.Text;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Tmpfs;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Memory;

/// <summary>memfd_create(2).</summary>
[SystemCall(319, "memfd_create", Support.Some, "MFD_HUGETLB: there are no huge pages; MFD_NOEXEC_SEAL and MFD_EXEC: EINVAL, as before Linux 6.3")]
internal sealed class CreateMemoryFile : SystemCall
{
    private const MemoryFileFlags Known = MemoryFileFlags.CloseOnExec | MemoryFileFlags.AllowSealing;

    // NAME_MAX without "memfd:".
    private const int LongestName = 249;

    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        MemoryFileFlags flags = (MemoryFileFlags)(uint)registers.Rsi;
        if ((flags & ~Known) != 0)
        {
            return -(long)Errno.EINVAL;
        }

        Span<byte> name = stackalloc byte[LongestName + 1];
        int length = UserMemory.ReadString(registers.Rdi, name);
        if (length < 0)
        {
            return length == -(int)Errno.ENAMETOOLONG ? -(long)Errno.EINVAL : length;
        }

        string description = $"/memfd:{Encoding.UTF8.GetString(name[..length])} (deleted)";
        Span<byte> fileName = stackalloc byte[LongestName + 7];
        "memfd:"u8.CopyTo(fileName);
        name[..length].CopyTo(fileName[6..]);
        Errno error = MemoryFiles.TryCreate(fileName[..(length + 6)], description, (flags & MemoryFileFlags.AllowSealing) != 0, out OpenFile? file);
        return error == Errno.Ok && file is not null
            ? thread.Files!.Add(file, (flags & MemoryFileFlags.CloseOnExec) != 0)
            : -(long)error;
    }
}
