using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.SystemFiles;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;

namespace CosmosKernel.Files.Modules;

/// <summary>
/// What a module has in the tree of names: device nodes, files of /proc and /sys, types of file systems. The module owns them: they go when it stops, and its stop is refused while one of its devices is
/// open or one of its file systems is mounted. Task context.
/// </summary>
public static class ModuleFiles
{
    /// <summary>Adds a character device: its numbers, its nodes in /dev, its entries in /sys/class and /sys/dev/char. It can be opened once the module's start has returned.</summary>
    /// <exception cref="ArgumentException">The name is none, or a number is out of its range.</exception>
    /// <exception cref="InvalidOperationException">The name or one of the numbers is taken.</exception>
    [MightSleep]
    public static DeviceRegistration AddCharacterDevice(this ModuleContext context, DeviceNodeOptions options, CharacterDeviceDriver driver)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(driver);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Major, DeviceNumber.HighestMajor);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Count, 1u);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.FirstMinor, DeviceNumber.HighestMinor);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Count, DeviceNumber.HighestMinor + 1 - options.FirstMinor);
        var device = new ModuleDevice(context, options.Name, driver);
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

    /// <summary>Adds a type of file systems that mount(2) knows. A mount keeps the module.</summary>
    /// <exception cref="InvalidOperationException">There is one of this name.</exception>
    [MightSleep]
    public static IDisposable AddFileSystem(this ModuleContext context, FileSystemType type)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(type);
        type.Owner = context;
        FileSystems.Register(type);
        return context.Own(new OwnedThing(type, () => FileSystems.Unregister(type)));
    }

    /// <summary>Adds a file to /proc, such as <c>driver/rtc</c>. Its text is made each time that it is read from the beginning. An exception is reported, and read or write fails with EIO.</summary>
    /// <param name="context">Whose it is.</param>
    /// <param name="path">Below /proc.</param>
    /// <param name="generate">Makes the text. Task context; by any number of tasks at once.</param>
    /// <param name="receive">Takes what one write(2) gives; null: nothing can be written.</param>
    /// <param name="permissions">Permission bits; 0: 0644 with <paramref name="receive"/>, otherwise 0444.</param>
    /// <exception cref="ArgumentException">No path.</exception>
    /// <exception cref="InvalidOperationException">There is one of this name.</exception>
    [MightSleep]
    public static IDisposable AddProcFile(this ModuleContext context, string path, TextGenerator generate, TextReceiver? receive = null, uint permissions = 0) =>
        Add(context, SystemTree.Proc, "/proc/", path, generate, receive, permissions);

    /// <summary>As <see cref="AddProcFile"/>, in /sys.</summary>
    /// <exception cref="ArgumentException">No path.</exception>
    /// <exception cref="InvalidOperationException">There is one of this name.</exception>
    [MightSleep]
    public static IDisposable AddSysFile(this ModuleContext context, string path, TextGenerator generate, TextReceiver? receive = null, uint permissions = 0) =>
        Add(context, SystemTree.Sys, "/sys/", path, generate, receive, permissions);

    /// <summary>Adds a symbolic link to /sys.</summary>
    /// <exception cref="ArgumentException">No path.</exception>
    /// <exception cref="InvalidOperationException">There is one of this name.</exception>
    [MightSleep]
    public static IDisposable AddSysLink(this ModuleContext context, string path, string target)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Own(SystemTree.Sys.AddLink(path, target));
    }

    [MightSleep]
    private static IDisposable Add(ModuleContext context, SystemTree tree, string top, string path, TextGenerator generate, TextReceiver? receive, uint permissions)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(generate);
        ModuleEntry module = context.Module;
        return context.Own(tree.Add(path, generate, receive, permissions, exception =>
        {
            ModuleFaults.Report(module, top + path, exception);
            return Errno.EIO;
        }));
    }
}
