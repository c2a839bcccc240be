using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Polling;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Terminals;

/// <summary>An open terminal: the console, a serial line, the slave of a pseudo-terminal.</summary>
internal sealed class TerminalFile : OpenFile
{
    private readonly int _hangUps;

    private TerminalFile(in VfsPath path, Inode inode, OpenFlags flags, Terminal terminal, bool isConsole)
        : base(path, inode, flags)
    {
        Terminal = terminal;
        IsConsole = isConsole;
        _hangUps = terminal.HangUps;
    }

    /// <summary>The terminal.</summary>
    public Terminal Terminal { get; }

    /// <summary>Opened as /dev/console: no job control, and no hang-up ends it (console(4)).</summary>
    public bool IsConsole { get; }

    /// <summary>The terminal was hung up after this was opened.</summary>
    public bool IsHungUp => !IsConsole && Terminal.HangUps != _hangUps;

    /// <summary>Opens a terminal. Task context.</summary>
    /// <param name="path">Where.</param>
    /// <param name="inode">Its node.</param>
    /// <param name="flags">Of open(2).</param>
    /// <param name="terminal">The terminal.</param>
    /// <param name="isConsole">As /dev/console.</param>
    /// <param name="file">The open file.</param>
    [MightSleep]
    public static Errno Open(in VfsPath path, Inode inode, OpenFlags flags, Terminal terminal, bool isConsole, out OpenFile? file)
    {
        file = null;
        Errno error = terminal.Open(Users.Credentials.Current.Has(Users.Capability.SysAdmin));
        if (error != Errno.Ok)
        {
            return error;
        }

        TerminalFile opened;
        try
        {
            opened = new TerminalFile(path, inode, flags, terminal, isConsole);
        }
        catch
        {
            terminal.Close();
            throw;
        }

        file = opened;
        if (!isConsole && (flags & OpenFlags.NoControllingTerminal) == 0)
        {
            terminal.TakeIfFree(opened);
        }

        return Errno.Ok;
    }

    /// <inheritdoc/>
    public override bool SupportsAsync => true;

    /// <summary>The foreground group, or who asks.</summary>
    protected override FileOwner? DefaultOwner()
    {
        if (FileServices.Instance is not { } services)
        {
            return null;
        }

        int group = Terminal.Foreground;
        Errno error = group != 0 ? services.FindOwner(FileOwnerKind.Group, group, out FileOwner owner) : services.FindOwner(FileOwnerKind.Process, services.CurrentProcess, out owner);
        return error == Errno.Ok ? owner : null;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long Read(ref DataSink to, long offset) => Terminal.Read(this, ref to);

    /// <inheritdoc/>
    [MightSleep]
    public override long Write(ref DataSource from, long offset) => Terminal.Write(this, ref from);

    /// <inheritdoc/>
    [MightSleep]
    public override long Control(uint request, [UserAddress] ulong argument) => Terminal.Control(this, request, argument);

    /// <inheritdoc/>
    public override PollEvents Poll(PollWatcher? watcher) => Terminal.Poll(this, watcher);

    /// <inheritdoc/>
    [MightSleep]
    protected override void Closed() => Terminal.Close();
}
