using System;
using System.IO;
using System.Text;
using CosmosKernel.Abi;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Testing;

namespace CosmosKernel.Tests.Files;

/// <summary>A file system of a module (Tests/ExampleModule), mounted as mount(2) does it.</summary>
public static class ModuleFileSystemTests
{
    private const string Place = "/tmp/hellofs";

    /// <summary>Mounts see their options; the module is not stopped while one is there, and what is open keeps a mount that was detached.</summary>
    [KernelTest("module.file_system_of_a_module_keeps_it_while_mounted")]
    public static void AMountKeepsTheModule()
    {
        ModuleEntry entry = ModuleRegistry.Find("examples") ?? throw new TestSkippedException("there is no module 'examples' in this image");
        Directory.CreateDirectory(Place);
        Check.Equal(Errno.EINVAL, Mount("colour=red"), "an option that it does not know");
        Check.Equal(0, entry.Uses, "a mount that failed keeps nothing");
        Check.Equal(Errno.Ok, Mount(""));
        Check.Equal("Hello, world!\n", File.ReadAllText($"{Place}/hello"));
        Check.Equal("Hello, world!\n", File.ReadAllText($"{Place}/more/greeting"), "through a link");
        Check.Equal("2\n", File.ReadAllText($"{Place}/readings"));

        // A second one, on the first.
        Check.Equal(Errno.Ok, Mount("name=you"));
        Check.Equal("Hello, you!\n", File.ReadAllText($"{Place}/hello"));
        RefusesToStop(entry);
        Check.Equal(Errno.Ok, Unmount(0));
        RefusesToStop(entry);

        using (FileStream open = File.OpenRead($"{Place}/hello"))
        {
            Check.Equal(Errno.EBUSY, Unmount(0), "a file is open");
            Check.Equal(Errno.Ok, Unmount(Vfs.UnmountDetach));
            RefusesToStop(entry);
            Check.Equal('H', open.ReadByte());
        }

        Check.Equal(0, entry.Uses, "nothing uses it any more");
        Check.False(File.Exists($"{Place}/hello"));
        ModuleRegistry.Stop(entry);
        Check.Equal(Errno.ENODEV, Mount(""), "the type is gone with its module");
        Check.True(ModuleRegistry.Start(entry), entry.Failure ?? "");
        Check.Equal(Errno.Ok, Mount(""));
        Check.Equal("0\n", File.ReadAllText($"{Place}/readings"), "a file system of its own");
        Check.Equal(Errno.Ok, Unmount(0));
        Directory.Delete(Place);
    }

    private static void RefusesToStop(ModuleEntry entry)
    {
        InvalidOperationException refused = Check.Throws<InvalidOperationException>(() => ModuleRegistry.Stop(entry));
        Check.True(refused.Message.Contains("in use", StringComparison.Ordinal), refused.Message);
        Check.True(entry.IsRunning, "it still runs");
    }

    [MightSleep]
    private static Errno Mount(string options) => Resolve(Place, out VfsPath place) is var error && error != Errno.Ok ? error : Vfs.Mount(place, "hellofs", "none", MountFlags.None, options);

    [MightSleep]
    private static Errno Unmount(int flags) => Resolve(Place, out VfsPath place) is var error && error != Errno.Ok ? error : Vfs.Unmount(place, flags);

    [MightSleep]
    internal static Errno Resolve(string path, out VfsPath place)
    {
        Mount root = MountTable.All[0];
        var context = new FileSystemContext(new VfsPath(root, root.Root));
        Errno error = Vfs.Resolve(new PathWalk(context, Credentials.Root), Encoding.UTF8.GetBytes(path), ResolveFlags.Follow, out place);
        context.Release();
        return error;
    }
}
