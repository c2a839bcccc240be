using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Notification;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Files.Terminals;

/// <summary>All pseudo-terminals by index; the lowest free one is given.</summary>
public static class PseudoTerminals
{
    /// <summary>How many there can be at once (proc(5), /proc/sys/kernel/pty/max).</summary>
    public const int Maximum = 4096;

    private static readonly Mutex s_lock = new("pseudo-terminals");

    [GuardedBy(nameof(s_lock), LockFreeReads = true)]
    private static PseudoTerminal?[] s_terminals = new PseudoTerminal?[16];

    [GuardedBy(nameof(s_lock), LockFreeReads = true)]
    private static int s_count;

    /// <summary>How many there are. Any context.</summary>
    public static int Count => Volatile.Read(ref s_count);

    /// <summary>Indexes that may be taken are below this. Any context.</summary>
    public static int Capacity => Volatile.Read(ref s_terminals).Length;

    /// <summary>The pseudo-terminal with an index; null for none. Any context.</summary>
    public static PseudoTerminal? Find(int index)
    {
        PseudoTerminal?[] terminals = Volatile.Read(ref s_terminals);
        return index >= 0 && index < terminals.Length ? Volatile.Read(ref terminals[index]) : null;
    }

    /// <summary>Opens a new master. Task context.</summary>
    /// <param name="path">Where /dev/ptmx was found.</param>
    /// <param name="inode">Its node.</param>
    /// <param name="flags">Of open(2).</param>
    /// <param name="devpts">Where the slave's node belongs.</param>
    /// <param name="file">The master.</param>
    /// <returns>ENOSPC: there are as many as can be.</returns>
    [MightSleep]
    internal static Errno OpenMaster(in VfsPath path, Inode inode, OpenFlags flags, DevPtsFileSystem devpts, out OpenFile? file)
    {
        Errno error = AddMaster(path, inode, flags, devpts, out PseudoTerminal? terminal, out file);
        if (error == Errno.Ok)
        {
            FileNotify.Created(devpts.Root, terminal!.NodeName, terminal.Inode);
        }

        return error;
    }

    [MightSleep]
    private static Errno AddMaster(in VfsPath path, Inode inode, OpenFlags flags, DevPtsFileSystem devpts, out PseudoTerminal? terminal, out OpenFile? file)
    {
        file = null;
        terminal = null;
        using (s_lock.Enter())
        {
            int index = Array.IndexOf(s_terminals, null);
            if (index < 0)
            {
                if (s_terminals.Length >= Maximum)
                {
                    return Errno.ENOSPC;
                }

                index = s_terminals.Length;
                var longer = new PseudoTerminal?[s_terminals.Length * 2];
                s_terminals.CopyTo(longer, 0);
                Volatile.Write(ref s_terminals, longer);
            }

            Credentials owner = Credentials.Current;
            terminal = new PseudoTerminal(index, devpts.MakeSlave(index, owner));
            file = new PseudoMasterFile(path, inode, flags, terminal);
            Volatile.Write(ref s_terminals[index], terminal);
            s_count++;
            return Errno.Ok;
        }
    }

    [MightSleep]
    internal static void Remove(PseudoTerminal terminal)
    {
        using (s_lock.Enter())
        {
            Volatile.Write(ref s_terminals[terminal.Index], null);
            s_count--;
        }

        FileNotify.Deleted(terminal.Inode.FileSystem.Root, terminal.NodeName, terminal.Inode);
    }
}
