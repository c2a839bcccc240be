using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.DeviceFiles;

/// <summary>The devices of major number 1 (mem(4), null(4), random(4)).</summary>
internal sealed class MemoryDevice : CharacterDevice
{
    public const uint Major = 1;
    public const uint NullMinor = 3;
    public const uint ZeroMinor = 5;
    public const uint FullMinor = 7;
    public const uint RandomMinor = 8;
    public const uint UrandomMinor = 9;
    public const uint LogMinor = 11;

    private const uint Minors = 12;

    /// <summary>Makes nodes with these numbers work. Once, at boot.</summary>
    [MightSleep]
    public static void Register() => CharacterDevices.Register(Major, 0, Minors, new MemoryDevice());

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Open(in VfsPath path, Inode inode, OpenFlags flags, out OpenFile? file)
    {
        file = inode.Device.Minor switch
        {
            NullMinor => new NullFile(path, inode, flags),
            ZeroMinor => new ZeroFile(path, inode, flags, isFull: false),
            FullMinor => new ZeroFile(path, inode, flags, isFull: true),
            RandomMinor or UrandomMinor => new RandomFile(path, inode, flags),
            LogMinor => new LogFile(path, inode, flags),
            _ => null,
        };
        return file is null ? Errno.ENXIO : Errno.Ok;
    }
}
