using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.SystemFiles;

namespace CosmosKernel.Processes.ProcFs;

/// <summary>/proc/PID/mounts (fstab(5)) and mountinfo (proc(5)): the mounts as the process that reads sees them.</summary>
internal static class MountReports
{
    public static Errno Mounts(ProcSubject subject, TextBuilder to)
    {
        byte[] path = new byte[PathLimits.PathMaximum];
        foreach (Mount mount in MountTable.All)
        {
            to.AddEscaped(Utf8(mount.Source)).Add(' ').AddEscaped(PlaceOf(mount, path)).Add(' ').Add(mount.FileSystem.Type.Name).Add(' ');
            Options(to, mount);
            string options = mount.FileSystem.Options;
            if (options.Length > 0)
            {
                to.Add(',').Add(options);
            }

            to.Add(" 0 0\n"u8);
        }

        return Errno.Ok;
    }

    public static Errno MountInformation(ProcSubject subject, TextBuilder to)
    {
        byte[] path = new byte[PathLimits.PathMaximum];
        foreach (Mount mount in MountTable.All)
        {
            DeviceNumber device = mount.FileSystem.Device;
            to.Add((long)mount.Id).Add(' ').Add((long)(mount.Place?.Parent.Id ?? mount.Id)).Add(' ').Add((long)device.Major).Add(':').Add((long)device.Minor).Add(' ');
            Root(to, mount);
            to.Add(' ').AddEscaped(PlaceOf(mount, path)).Add(' ');
            Options(to, mount);
            to.Add(" - "u8).Add(mount.FileSystem.Type.Name).Add(' ').AddEscaped(Utf8(mount.Source)).Add(' ').Add(mount.IsReadOnly ? "ro"u8 : "rw"u8);
            string options = mount.FileSystem.Options;
            if (options.Length > 0)
            {
                to.Add(',').Add(options);
            }

            to.Line();
        }

        return Errno.Ok;
    }

    private static ReadOnlySpan<byte> Utf8(string text) => System.Text.Encoding.UTF8.GetBytes(text.Length == 0 ? "none" : text);

    private static ReadOnlySpan<byte> PlaceOf(Mount mount, byte[] path) => path.AsSpan(0, ProcPaths.Get(new VfsPath(mount, mount.Root), path));

    // The directory of the file system that is shown: another than its top for a bind mount.
    private static void Root(TextBuilder to, Mount mount)
    {
        int start = to.Length;
        Names(to, mount.Root);
        if (to.Length == start)
        {
            to.Add('/');
        }

        static void Names(TextBuilder to, DirectoryEntry entry)
        {
            if (entry.Parent is { } parent)
            {
                Names(to, parent);
                to.Add('/').AddEscaped(entry.Name);
            }
        }
    }

    private static void Options(TextBuilder to, Mount mount)
    {
        MountFlags flags = mount.Flags;
        to.Add((flags & MountFlags.ReadOnly) != 0 ? "ro"u8 : "rw"u8);
        Option(to, flags, MountFlags.NoSetId, ",nosuid"u8);
        Option(to, flags, MountFlags.NoDevices, ",nodev"u8);
        Option(to, flags, MountFlags.NoExec, ",noexec"u8);
        Option(to, flags, MountFlags.NoAccessTime, ",noatime"u8);
        Option(to, flags, MountFlags.NoDirectoryAccessTime, ",nodiratime"u8);
        Option(to, flags, MountFlags.NoSymbolicLinks, ",nosymfollow"u8);
        if ((flags & (MountFlags.NoAccessTime | MountFlags.StrictAccessTime)) == 0)
        {
            to.Add(",relatime"u8);
        }
    }

    private static void Option(TextBuilder to, MountFlags flags, MountFlags flag, ReadOnlySpan<byte> text)
    {
        if ((flags & flag) != 0)
        {
            to.Add(text);
        }
    }
}
