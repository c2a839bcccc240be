using System;
using System.Text;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.DeviceFiles;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Terminals;
using CosmosKernel.Files.Tmpfs;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Testing;

namespace CosmosKernel.Tests.Terminals;

/// <summary>Opens devices by their numbers, as a node anywhere does, and reads and writes files from kernel memory.</summary>
internal static class Devices
{
    /// <summary>Opens the node of a number in a file system of its own.</summary>
    [MightSleep]
    public static Errno TryOpen(uint major, uint minor, OpenFlags flags, out OpenFile? file)
    {
        if (CharacterDevices.Find(new DeviceNumber(1, 3)) is null)
        {
            DeviceStart.Start();
        }

        var tmpfs = new TmpfsFileSystem(new TmpfsType("test"), new TmpfsOptions());
        Inode? node;
        using (tmpfs.Top.DirectoryLock.Enter())
        {
            Check.Equal(Errno.Ok, tmpfs.Top.Create("node"u8, new NewInode(FileMode.CharacterDevice | 0x1B6, 0, 0, new DeviceNumber(major, minor)), out node));
        }

        CharacterDevice? device = CharacterDevices.Find(node!.Device);
        file = null;
        return device is null ? Errno.ENXIO : device.Open(default, node, flags, out file);
    }

    /// <summary>Opens it; it must be there.</summary>
    [MightSleep]
    public static OpenFile Open(uint major, uint minor, OpenFlags flags = OpenFlags.ReadWrite)
    {
        Check.Equal(Errno.Ok, TryOpen(major, minor, flags, out OpenFile? file));
        return file!;
    }

    /// <summary>A new pseudo-terminal, unlocked: its master and its slave.</summary>
    [MightSleep]
    public static (OpenFile Master, OpenFile Slave, PseudoTerminal Terminal) OpenPair(OpenFlags masterFlags = OpenFlags.ReadWrite | OpenFlags.NonBlocking)
    {
        OpenFile master = Open(5, 2, masterFlags);
        int index = 0;
        for (int i = 0; i < PseudoTerminals.Capacity; i++)
        {
            index = PseudoTerminals.Find(i) is not null ? i : index;
        }

        PseudoTerminal terminal = PseudoTerminals.Find(index)!;
        terminal.IsLocked = false;
        return (master, Open(PseudoTerminal.SlaveMajor, (uint)index, OpenFlags.ReadWrite | OpenFlags.NonBlocking | OpenFlags.NoControllingTerminal), terminal);
    }

    /// <summary>Writes text; all of it must be taken.</summary>
    [MightSleep]
    public static void Write(OpenFile file, string text)
    {
        var source = new DataSource(Encoding.Latin1.GetBytes(text));
        Check.Equal(text.Length, (int)file.Write(ref source, OpenFile.AtPosition), "bytes written");
    }

    /// <summary>One read of up to so many bytes; it must not fail.</summary>
    [MightSleep]
    public static string Read(OpenFile file, int bytes = 4096)
    {
        long count = Read(file, new byte[bytes], out string text);
        Check.True(count >= 0, $"the read failed: {(Errno)(-count)}");
        return text;
    }

    /// <summary>One read; bytes or a negative error.</summary>
    [MightSleep]
    public static long Read(OpenFile file, byte[] buffer, out string text)
    {
        var sink = new DataSink(buffer);
        long count = file.Read(ref sink, OpenFile.AtPosition);
        text = count > 0 ? Encoding.Latin1.GetString(buffer, 0, (int)count) : "";
        return count;
    }
}
