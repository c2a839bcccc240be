using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Terminals;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;

namespace CosmosKernel.Files.Modules;

/// <summary>
/// A terminal whose device a module drives: the line discipline is here, the device in the derived class, which is its port (<see cref="TerminalPort"/>). While a file of it is open, the module is not stopped.
/// </summary>
/// <param name="owner">The module, as it was started.</param>
/// <param name="number">Its device number.</param>
/// <param name="name">As in /dev, without that.</param>
/// <param name="initial">Its settings until somebody sets others; null: <see cref="TerminalSettings.Default"/>.</param>
public abstract class ModuleTerminal(ModuleContext owner, DeviceNumber number, string name, TerminalSettings? initial = null) : Terminal(number, name, initial)
{
    [GuardedBy(nameof(Lock))]
    private bool _holdsModule;

    [GuardedBy(nameof(Lock))]
    private bool _isLost;

    /// <summary>The first file is about to be open: the device begins to work. With the terminal's lock held. Default: nothing.</summary>
    /// <param name="settings">The settings in force.</param>
    [MightSleep]
    [RequiresLock(nameof(Lock))]
    protected virtual Errno DeviceOpening(TerminalSettings settings) => Errno.Ok;

    /// <summary>No file is open any more: the device rests. With the terminal's lock held. Default: nothing.</summary>
    /// <param name="settings">The settings in force.</param>
    [MightSleep]
    [RequiresLock(nameof(Lock))]
    protected virtual void DeviceClosed(TerminalSettings settings)
    {
    }

    /// <summary>Requests of ioctl(2) that only this kind of terminal has. Default: ENOTTY. Task context, without the terminal's lock.</summary>
    [MightSleep]
    protected virtual long Control(uint request, ControlArgument argument) => -(long)Errno.ENOTTY;

    /// <summary>The line is gone: whoever has the terminal open reads its end, and its session gets SIGHUP. Task context, without the terminal's lock.</summary>
    [MightSleep]
    protected void LineLost() => HangUp(SessionEnd.WithGroup);

    /// <summary>The device is gone for good: as <see cref="LineLost"/>, and whoever opens the terminal from now on gets ENXIO. Task context, without the terminal's lock.</summary>
    [MightSleep]
    protected void DeviceLost()
    {
        using (Lock.Enter())
        {
            _isLost = true;
        }

        LineLost();
    }

    /// <inheritdoc/>
    [MightSleep]
    protected sealed override long ControlDevice(uint request, [UserAddress] ulong argument) => Control(request, new ControlArgument(argument));

    /// <inheritdoc/>
    [MightSleep]
    [RequiresLock(nameof(Lock))]
    protected sealed override Errno Opening()
    {
        if (_isLost)
        {
            return Errno.ENXIO;
        }

        if (_holdsModule)
        {
            return Errno.Ok;
        }

        if (!owner.TryGet())
        {
            return Errno.ENXIO;
        }

        Errno error = Errno.EIO;
        try
        {
            error = DeviceOpening(CurrentSettings);
        }
        finally
        {
            _holdsModule = error == Errno.Ok;
            if (!_holdsModule)
            {
                owner.Put();
            }
        }

        return error;
    }

    /// <inheritdoc/>
    [MightSleep]
    [RequiresLock(nameof(Lock))]
    protected sealed override void LastClosed()
    {
        if (_holdsModule)
        {
            _holdsModule = false;
            try
            {
                DeviceClosed(CurrentSettings);
            }
            finally
            {
                ResetFlow();
                owner.Put();
            }
        }
    }
}

/// <summary>Terminals of modules.</summary>
public static class ModuleTerminals
{
    /// <summary>Adds a node in /dev that opens a terminal. Task context.</summary>
    /// <param name="context">Whose it is.</param>
    /// <param name="options">The node; its numbers are the terminal's.</param>
    /// <param name="terminal">The terminal; null: the console of the machine, whose device the module's is then one of.</param>
    /// <exception cref="InvalidOperationException">The name or the number is taken.</exception>
    [MightSleep]
    public static DeviceRegistration AddTerminal(this ModuleContext context, DeviceNodeOptions options, ModuleTerminal? terminal)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(options);
        var device = new TerminalDevice(terminal);
        uint major = CharacterDevices.Register(options.Major, options.FirstMinor, options.Count, device, context.ModuleName);
        var registration = new DeviceRegistration(device, major, options.FirstMinor);
        try
        {
            registration.AddNodes(options);
        }
        catch
        {
            registration.Dispose();
            throw;
        }

        return context.Own(registration);
    }

    private sealed class TerminalDevice(ModuleTerminal? terminal) : CharacterDevice
    {
        /// <inheritdoc/>
        [MightSleep]
        public override Errno Open(in VfsPath path, Inode inode, OpenFlags flags, out OpenFile? file)
        {
            file = null;
            Terminal? opened = (Terminal?)terminal ?? ConsoleTerminal.Instance;
            return opened is null ? Errno.ENODEV : TerminalFile.Open(path, inode, flags, opened, isConsole: false, out file);
        }
    }
}
