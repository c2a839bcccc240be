using System;
using System.Text;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Modules.Loading;
using CosmosKernel.Modules.Log;
using CosmosKernel.Processes;
using CosmosKernel.Processes.KernelModules;

namespace CosmosKernel.Syscalls.Systemwide;

/// <summary>init_module(2).</summary>
[SystemCall(175, "init_module", Support.Some, "ENOSYS in a kernel that was not built to load modules (docs/module-loading.md).")]
internal sealed class InitModule : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Errno error = ModuleArguments.Check();
        if (error == Errno.Ok)
        {
            error = ModuleArguments.ReadParameters(registers.Rdx, out string parameters);
            error = error == Errno.Ok ? ModuleFiles.Load(registers.Rdi, registers.Rsi, parameters) : error;
        }

        return -(long)error;
    }
}

/// <summary>finit_module(2).</summary>
[SystemCall(313, "finit_module", Support.Some, "ENOSYS as init_module; MODULE_INIT_COMPRESSED_FILE gives EOPNOTSUPP; a file for another kernel is ENOEXEC whatever the flags say: its types are not this kernel's.")]
internal sealed class InitModuleFromFile : SystemCall
{
    private const uint IgnoreSymbolVersions = 1;
    private const uint IgnoreKernelVersion = 2;
    private const uint CompressedFile = 4;

    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Errno error = ModuleArguments.Check();
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        uint flags = (uint)registers.Rdx;
        if ((flags & ~(IgnoreSymbolVersions | IgnoreKernelVersion | CompressedFile)) != 0)
        {
            return -(long)Errno.EINVAL;
        }

        using FileReference reference = thread.Files!.Get((int)registers.Rdi);
        if (reference.File is not { IsReadable: true } file)
        {
            return -(long)Errno.EBADF;
        }

        if ((flags & CompressedFile) != 0)
        {
            return -(long)Errno.EOPNOTSUPP;
        }

        error = ModuleArguments.ReadParameters(registers.Rsi, out string parameters);
        return -(long)(error == Errno.Ok ? ModuleFiles.Load(file, parameters) : error);
    }
}

/// <summary>delete_module(2).</summary>
[SystemCall(176, "delete_module", Support.Some, "O_TRUNC, to unload a module that is in use, changes nothing, as in a Linux without forced unloading.")]
internal sealed class DeleteModule : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Errno error = ModuleArguments.Check();
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        Span<byte> name = stackalloc byte[ModuleArguments.LongestName + 1];
        int length = UserMemory.ReadString(registers.Rdi, name);
        if (length < 0)
        {
            // A name that is too long is nobody's.
            return length == -(int)Errno.EFAULT ? -(long)Errno.EFAULT : -(long)Errno.ENOENT;
        }

        return -(long)ModuleFiles.Unload(Encoding.UTF8.GetString(name[..length]));
    }
}

/// <summary>What the calls about modules have in common.</summary>
internal static class ModuleArguments
{
    /// <summary>MODULE_NAME_LEN of Linux, less the zero.</summary>
    public const int LongestName = 55;

    private const int LongestParameters = 32 << 10;

    /// <summary>Whether the caller may load and unload at all: ENOSYS, EPERM.</summary>
    [MightSleep]
    public static Errno Check()
    {
        bool may = Credentials.Current.Has(Capability.SysModule);
        if (!ModuleLoader.IsSupported)
        {
            if (may)
            {
                KernelLog.Warning("modules cannot be loaded: this kernel was built as one whole and exports nothing; a loadable kernel is built by: make kernel LOADABLE=1");
            }

            return Errno.ENOSYS;
        }

        return may && !ModuleSettings.IsDisabled ? Errno.Ok : Errno.EPERM;
    }

    /// <summary>Reads the parameters' string.</summary>
    /// <returns>EFAULT; E2BIG for one longer than 32 KiB.</returns>
    [MightSleep]
    public static Errno ReadParameters([UserAddress] ulong address, out string parameters)
    {
        var bytes = new byte[LongestParameters];
        int length = UserMemory.ReadString(address, bytes);
        parameters = length > 0 ? Encoding.UTF8.GetString(bytes, 0, length) : "";
        return length >= 0 ? Errno.Ok : length == -(int)Errno.EFAULT ? Errno.EFAULT : Errno.E2BIG;
    }
}
