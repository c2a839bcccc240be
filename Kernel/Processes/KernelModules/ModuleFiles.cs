using System;
using CosmosKernel.Abi;
using CosmosKernel.Files;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;
using CosmosKernel.Modules.Loading;
using CosmosKernel.Processes.Loading;

namespace CosmosKernel.Processes.KernelModules;

/// <summary>Loading and unloading of modules for programs: their files, and the errors of init_module(2) and delete_module(2). Task context.</summary>
public static class ModuleFiles
{
    /// <summary>Loads a module from an open file.</summary>
    /// <param name="file">Open for reading.</param>
    /// <param name="parameters">Its parameters.</param>
    [MightSleep]
    public static Errno Load(OpenFile file, string parameters)
    {
        if (file.GetMappedObject(out MappedObject? contents) != Errno.Ok || contents is null)
        {
            return Errno.EINVAL;
        }

        ulong size = contents.Size;
        if (size is 0 or > ModuleLoader.LongestFile)
        {
            return size == 0 ? Errno.EINVAL : Errno.EFBIG;
        }

        var bytes = new byte[size];
        Errno error = ObjectReader.Read(contents, 0, bytes, out int count);
        return error != Errno.Ok ? error : count < bytes.Length ? Errno.ENOEXEC : Load(bytes, parameters);
    }

    /// <summary>Loads a module from the caller's memory.</summary>
    /// <param name="address">First byte.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="parameters">Its parameters.</param>
    [MightSleep]
    public static Errno Load([UserAddress] ulong address, ulong length, string parameters)
    {
        if (length > ModuleLoader.LongestFile || !UserMemory.IsRange(address, length))
        {
            return length > ModuleLoader.LongestFile ? Errno.ENOMEM : Errno.EFAULT;
        }

        var bytes = new byte[length];
        return UserMemory.TryRead(address, bytes) ? Load(bytes, parameters) : Errno.EFAULT;
    }

    /// <summary>Unloads a module.</summary>
    [MightSleep]
    public static Errno Unload(string name)
    {
        try
        {
            ModuleLoader.Unload(name);
            return Errno.Ok;
        }
        catch (ModuleLoadException refusal)
        {
            return ToErrno(refusal.Error);
        }
    }

    private static Errno Load(byte[] bytes, string parameters)
    {
        try
        {
            ModuleLoader.Load(bytes, parameters);
            return Errno.Ok;
        }
        catch (ModuleLoadException refusal)
        {
            return ToErrno(refusal.Error);
        }
    }

    private static Errno ToErrno(ModuleLoadError error) => error switch
    {
        ModuleLoadError.Format => Errno.ENOEXEC,
        ModuleLoadError.Missing => Errno.ENOENT,
        ModuleLoadError.Exists => Errno.EEXIST,
        ModuleLoadError.Invalid => Errno.EINVAL,
        ModuleLoadError.NoMemory => Errno.ENOMEM,
        ModuleLoadError.Busy => Errno.EBUSY,
        ModuleLoadError.InUse => Errno.EAGAIN,
        ModuleLoadError.NotSupported => Errno.ENOSYS,
        ModuleLoadError.Forbidden => Errno.EPERM,
        _ => Errno.EIO,
    };
}
