using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;
using CosmosKernel.Tasks;

namespace CosmosKernel.Files.Modules;

/// <summary>Opens the nodes of a module's device, and keeps the module while a file is open.</summary>
internal sealed class ModuleDevice(ModuleContext owner, string name, CharacterDeviceDriver driver) : CharacterDevice
{
    /// <summary>Whose device it is: the module as it was started then. Who finds the device just before the module stops opens nothing, also when it has been started again meanwhile.</summary>
    public ModuleContext Owner { get; } = owner;

    /// <summary>Its name below /dev.</summary>
    public string Name { get; } = name;

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Open(in VfsPath path, Inode inode, OpenFlags flags, out OpenFile? file)
    {
        file = null;
        if (!Owner.TryGet())
        {
            // It is starting or stopping: as if there were no device yet, or none any more.
            return Errno.ENXIO;
        }

        Errno error;
        DeviceFile? opened = null;
        try
        {
            error = driver.Open(inode.Device.Minor, flags, out opened);
            if (error == Errno.Ok)
            {
                file = new ModuleDeviceFile(path, inode, flags, this, opened ?? throw new InvalidOperationException("Open returned Ok and no file."));
            }
        }
        catch (Exception exception)
        {
            error = (Errno)(int)-Fault("open", exception);
            Abandon(opened);
        }

        if (file is null)
        {
            Owner.Put();
        }

        return error;
    }

    // Opened, and there is no memory for the file.
    [MightSleep]
    private void Abandon(DeviceFile? opened)
    {
        try
        {
            opened?.Closed();
        }
        catch (Exception exception)
        {
            Fault("close", exception);
        }
    }

    /// <summary>An exception has left an operation: reports it, unless it only means that the task is to end or that memory ran out.</summary>
    /// <returns>The negative errno for the caller.</returns>
    [MightSleep]
    public long Fault(string operation, Exception exception)
    {
        switch (exception)
        {
            case OutOfMemoryException:
                return -(long)Errno.ENOMEM;
            case TaskKilledException:
                return -(long)Errno.EINTR;
            default:
                ModuleFaults.Report(Owner.Module, $"{operation} of /dev/{Name}", exception);
                return -(long)Errno.EIO;
        }
    }
}
