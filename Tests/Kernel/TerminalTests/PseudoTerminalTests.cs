using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Terminals;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;

namespace CosmosKernel.Tests.Terminals;

/// <summary>Pseudo-terminals between kernel tasks.</summary>
public static class PseudoTerminalTests
{
    /// <summary>What the master writes is typed: echo comes back, lines come out at the slave.</summary>
    [KernelTest("file.pty_carries_lines_and_echo")]
    public static void CarriesLines()
    {
        (OpenFile master, OpenFile slave, _) = Devices.OpenPair();
        Devices.Write(master, "ab\u007fc\n");
        Check.Equal("ac\n", Devices.Read(slave));
        Check.Equal("ab\b \bc\r\n", Devices.Read(master));
        Devices.Write(slave, "out\n");
        Check.Equal("out\r\n", Devices.Read(master));
        Close(master, slave);
    }

    /// <summary>Without data, reads of either side that may not wait give EAGAIN.</summary>
    [KernelTest("file.pty_gives_eagain_without_data")]
    public static void GivesEagain()
    {
        (OpenFile master, OpenFile slave, _) = Devices.OpenPair();
        Check.Equal(-(long)Errno.EAGAIN, Devices.Read(master, new byte[8], out _));
        Devices.Write(master, "half a line");
        Check.Equal(-(long)Errno.EAGAIN, Devices.Read(slave, new byte[8], out _));
        Check.Equal(PollEvents.None, slave.Poll(null) & PollEvents.In);
        Devices.Write(master, "\n");
        Check.Equal(PollEvents.In, slave.Poll(null) & PollEvents.In);
        Close(master, slave);
    }

    /// <summary>The slave's last close is EIO at the master, once everything was read, and a new open takes it back.</summary>
    [KernelTest("file.pty_master_reads_eio_after_the_slave_has_closed")]
    public static void MasterSeesTheClose()
    {
        (OpenFile master, OpenFile slave, PseudoTerminal terminal) = Devices.OpenPair();
        Devices.Write(slave, "last");
        slave.Release();
        Check.Equal("last", Devices.Read(master));
        Check.Equal(-(long)Errno.EIO, Devices.Read(master, new byte[8], out _));
        Check.Equal(PollEvents.HangUp, master.Poll(null) & PollEvents.HangUp);
        OpenFile again = Devices.Open(PseudoTerminal.SlaveMajor, (uint)terminal.Index);
        Check.Equal(-(long)Errno.EAGAIN, Devices.Read(master, new byte[8], out _));
        Close(master, again);
    }

    /// <summary>The master's close hangs the slave up: reads 0, writes EIO, its name is gone.</summary>
    [KernelTest("file.pty_slave_is_hung_up_by_the_masters_close")]
    public static void SlaveIsHungUp()
    {
        (OpenFile master, OpenFile slave, PseudoTerminal terminal) = Devices.OpenPair();
        master.Release();
        Check.Equal("", Devices.Read(slave));
        var source = new DataSource("x"u8);
        Check.Equal(-(long)Errno.EIO, slave.Write(ref source, OpenFile.AtPosition));
        Check.Equal(PollEvents.HangUp, slave.Poll(null) & PollEvents.HangUp);
        Check.True(PseudoTerminals.Find(terminal.Index) is null, "the index is still taken");
        slave.Release();
    }

    /// <summary>A locked slave cannot be opened.</summary>
    [KernelTest("file.pty_slave_is_locked_until_it_is_unlocked")]
    public static void SlaveIsLocked()
    {
        (OpenFile master, OpenFile slave, PseudoTerminal terminal) = Devices.OpenPair();
        terminal.IsLocked = true;
        Check.Equal(Errno.EIO, Devices.TryOpen(PseudoTerminal.SlaveMajor, (uint)terminal.Index, OpenFlags.ReadWrite, out _));
        Close(master, slave);
    }

    /// <summary>A reader that waits gets the line when its end is typed, and not before.</summary>
    [KernelTest("file.pty_reader_sleeps_until_the_line_ends")]
    public static void ReaderSleeps()
    {
        (OpenFile master, OpenFile slave, PseudoTerminal terminal) = Devices.OpenPair();
        OpenFile waiting = Devices.Open(PseudoTerminal.SlaveMajor, (uint)terminal.Index, OpenFlags.ReadWrite | OpenFlags.NoControllingTerminal);
        string read = "";
        TaskStruct reader = KernelTask.Start(new TaskOptions { Name = "pty reader" }, () =>
        {
            read = Devices.Read(waiting);
        });
        AwaitSleep(reader, "terminal input");
        Devices.Write(master, "li");
        AwaitSleep(reader, "terminal input");
        Devices.Write(master, "ne\n");
        reader.Join();
        Check.Equal("line\n", read);
        waiting.Release();
        Close(master, slave);
    }

    /// <summary>A writer waits while nobody reads from the master, and all of it arrives in order.</summary>
    [KernelTest("file.pty_writer_sleeps_until_there_is_room")]
    public static void WriterSleeps()
    {
        (OpenFile master, OpenFile slave, PseudoTerminal terminal) = Devices.OpenPair();
        OpenFile waiting = Devices.Open(PseudoTerminal.SlaveMajor, (uint)terminal.Index, OpenFlags.ReadWrite | OpenFlags.NoControllingTerminal);
        string text = new('x', 9000);
        TaskStruct writer = KernelTask.Start(new TaskOptions { Name = "pty writer" }, () => Devices.Write(waiting, text));
        AwaitSleep(writer, "terminal output");
        int total = 0;
        while (total < text.Length)
        {
            long count = Devices.Read(master, new byte[1000], out string part);
            if (count == -(long)Errno.EAGAIN)
            {
                KernelTask.Yield();
                continue;
            }

            Check.Equal(new string('x', (int)count), part);
            total += part.Length;
        }

        writer.Join();
        waiting.Release();
        Close(master, slave);
    }

    /// <summary>A task that waits for input and is interrupted goes back to restart the call.</summary>
    [KernelTest("file.pty_read_is_interruptible")]
    public static void ReadIsInterruptible()
    {
        (OpenFile master, OpenFile slave, PseudoTerminal terminal) = Devices.OpenPair();
        OpenFile waiting = Devices.Open(PseudoTerminal.SlaveMajor, (uint)terminal.Index, OpenFlags.ReadWrite | OpenFlags.NoControllingTerminal);
        long result = 0;
        TaskStruct reader = KernelTask.Start(new TaskOptions { Name = "pty reader" }, () =>
        {
            result = Devices.Read(waiting, new byte[8], out _);
        });
        AwaitSleep(reader, "terminal input");
        reader.Interrupt();
        reader.Join();
        Check.Equal(-(long)Errno.ERESTARTSYS, result);
        waiting.Release();
        Close(master, slave);
    }

    /// <summary>A hang-up ends a read that waits.</summary>
    [KernelTest("file.pty_hang_up_ends_a_waiting_read")]
    public static void HangUpEndsRead()
    {
        (OpenFile master, OpenFile slave, PseudoTerminal terminal) = Devices.OpenPair();
        OpenFile waiting = Devices.Open(PseudoTerminal.SlaveMajor, (uint)terminal.Index, OpenFlags.ReadWrite | OpenFlags.NoControllingTerminal);
        long result = -1;
        TaskStruct reader = KernelTask.Start(new TaskOptions { Name = "pty reader" }, () =>
        {
            result = Devices.Read(waiting, new byte[8], out _);
        });
        AwaitSleep(reader, "terminal input");
        master.Release();
        reader.Join();
        Check.Equal(0L, result);
        waiting.Release();
        slave.Release();
    }

    private static void Close(OpenFile master, OpenFile slave)
    {
        slave.Release();
        master.Release();
    }

    private static void AwaitSleep(TaskStruct task, string channel)
    {
        ulong end = Clock.MonotonicNanoseconds + 120_000_000_000;
        while (task.WaitChannel != channel)
        {
            Check.True(Clock.MonotonicNanoseconds < end, $"the task does not wait for '{channel}' but for '{task.WaitChannel}'");
            KernelTask.Sleep(1_000_000);
        }
    }
}
