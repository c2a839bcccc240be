using CosmosKernel.Abi;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Terminals;
using CosmosKernel.Files.Tmpfs;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.DeviceFiles;

/// <summary>The type <c>devtmpfs</c> of mount(2): a tmpfs with a node for each device, made by the kernel. There is one; each mount shows the same.</summary>
public sealed class DevTmpfsType : FileSystemType
{
    private const uint Everybody = 0x1B6;
    private const uint OwnerOnly = 0x180;
    private const uint OwnerAndGroup = 0x190;
    private const uint ReadByAll = 0x1A4;
    private const uint DirectoryMode = 0x1ED;
    private const uint StickyForAll = 0x3FF;

    private readonly TmpfsFileSystem _fileSystem;

    /// <summary>Makes the type and its tree. Once, at boot.</summary>
    [MightSleep]
    public DevTmpfsType()
        : base("devtmpfs")
    {
        _fileSystem = new TmpfsFileSystem(this, new TmpfsOptions { Mode = DirectoryMode });
        TmpfsDirectory top = _fileSystem.Top;
        using (top.DirectoryLock.Enter())
        {
            Node("null", Everybody, MemoryDevice.Major, MemoryDevice.NullMinor);
            Node("zero", Everybody, MemoryDevice.Major, MemoryDevice.ZeroMinor);
            Node("full", Everybody, MemoryDevice.Major, MemoryDevice.FullMinor);
            Node("random", Everybody, MemoryDevice.Major, MemoryDevice.RandomMinor);
            Node("urandom", Everybody, MemoryDevice.Major, MemoryDevice.UrandomMinor);
            Node("kmsg", ReadByAll, MemoryDevice.Major, MemoryDevice.LogMinor);
            Node("tty", Everybody, TerminalDevices.SpecialMajor, TerminalDevices.CurrentMinor);
            Node("console", OwnerOnly, TerminalDevices.SpecialMajor, TerminalDevices.ConsoleMinor);
            Node("ptmx", Everybody, TerminalDevices.SpecialMajor, TerminalDevices.MasterMinor);
            Node("tty0", OwnerAndGroup, TerminalDevices.LineMajor, 0);
            Node("tty1", OwnerAndGroup, TerminalDevices.LineMajor, 1);
            if (ConsoleTerminal.Instance is { IsSerial: true })
            {
                Node("ttyS0", OwnerAndGroup, TerminalDevices.LineMajor, TerminalDevices.FirstSerialMinor);
            }

            Check(top.Create("pts"u8, new NewInode(FileMode.Directory | DirectoryMode, 0, 0), out _));
            Check(top.Create("shm"u8, new NewInode(FileMode.Directory | StickyForAll, 0, 0), out _));
            Link("fd"u8, "/proc/self/fd"u8);
            Link("stdin"u8, "/proc/self/fd/0"u8);
            Link("stdout"u8, "/proc/self/fd/1"u8);
            Link("stderr"u8, "/proc/self/fd/2"u8);
        }

        DeviceNodes.Attach(_fileSystem);
    }

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Mount(string source, string options, out FileSystem? fileSystem)
    {
        fileSystem = _fileSystem;

        // As Linux has it: the options of the first mount, which the kernel itself made, stay.
        return Errno.Ok;
    }

    [MightSleep]
    private void Node(string name, uint permissions, uint major, uint minor) =>
        Check(_fileSystem.Top.Create(System.Text.Encoding.ASCII.GetBytes(name), new NewInode(FileMode.CharacterDevice | permissions, 0, 0, new DeviceNumber(major, minor)), out _));

    [MightSleep]
    private void Link(System.ReadOnlySpan<byte> name, System.ReadOnlySpan<byte> target) =>
        Check(_fileSystem.Top.SymbolicLink(name, target, new NewInode(FileMode.SymbolicLink | FileMode.AccessMask, 0, 0), out _));

    private static void Check(Errno error)
    {
        if (error != Errno.Ok)
        {
            throw new System.InvalidOperationException($"devtmpfs could not be filled: {error}.");
        }
    }
}
