using CosmosKernel.Abi;
using CosmosKernel.Abi.Terminals;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Polling;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;

namespace CosmosKernel.Files.Terminals;

/// <summary>The master of a pseudo-terminal: what the open of /dev/ptmx gives (pty(7)).</summary>
internal sealed class PseudoMasterFile : OpenFile
{
    private readonly PseudoTerminal _terminal;

    public PseudoMasterFile(in VfsPath path, Inode inode, OpenFlags flags, PseudoTerminal terminal)
        : base(path, inode, flags)
    {
        _terminal = terminal;
    }

    /// <inheritdoc/>
    public override bool SupportsAsync => true;

    /// <inheritdoc/>
    [MightSleep]
    public override long Read(ref DataSink to, long offset) => _terminal.MasterRead(ref to, IsNonBlocking);

    /// <inheritdoc/>
    [MightSleep]
    public override long Write(ref DataSource from, long offset) => _terminal.MasterWrite(ref from, IsNonBlocking);

    /// <inheritdoc/>
    public override PollEvents Poll(PollWatcher? watcher) => _terminal.MasterPoll(watcher);

    /// <inheritdoc/>
    [MightSleep]
    public override long Control(uint request, [UserAddress] ulong argument)
    {
        switch ((TerminalRequest)request)
        {
            case TerminalRequest.TIOCGPTN:
                return Terminal.WriteNumber(argument, (uint)_terminal.Index);
            case TerminalRequest.TIOCSPTLCK:
                if (!UserMemory.TryRead(argument, out uint locks))
                {
                    return -(long)Errno.EFAULT;
                }

                _terminal.IsLocked = locks != 0;
                return 0;
            case TerminalRequest.TIOCGPTLCK:
                return Terminal.WriteNumber(argument, _terminal.IsLocked ? 1u : 0);
            case TerminalRequest.TIOCPKT:
                if (!UserMemory.TryRead(argument, out uint packet))
                {
                    return -(long)Errno.EFAULT;
                }

                _terminal.SetPacketMode(packet != 0);
                return 0;
            case TerminalRequest.TIOCGPKT:
                return Terminal.WriteNumber(argument, _terminal.IsPacketMode ? 1u : 0);
            case TerminalRequest.TIOCSIG:
                return -(long)_terminal.SendSignal(AsNumber(argument));
            case TerminalRequest.TIOCGPTPEER:
                return OpenPeer((OpenFlags)AsNumber(argument));
            case TerminalRequest.FIONREAD:
                return Terminal.WriteNumber(argument, (uint)_terminal.MasterAvailable());
            case TerminalRequest.TIOCOUTQ:
                return Terminal.WriteNumber(argument, 0);
            case TerminalRequest.TCFLSH:
                if (argument > 2)
                {
                    return -(long)Errno.EINVAL;
                }

                _terminal.MasterFlush(AsNumber(argument));
                return 0;
            default:
                return _terminal.ControlBoth(this, request, argument, isMaster: true);
        }
    }

    /// <inheritdoc/>
    [MightSleep]
    protected override void Closed() => _terminal.MasterClosed();

    // The argument of a request that takes no address.
    private static ulong AsNumber([UserAddress] ulong argument) => argument;

    [MightSleep]
    private long OpenPeer(OpenFlags flags)
    {
        if (FileTable.Current is not { } table)
        {
            return -(long)Errno.EBADF;
        }

        Errno error = TerminalFile.Open(default, _terminal.Inode, flags, _terminal, isConsole: false, out OpenFile? file);
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        return table.Add(file!, (flags & OpenFlags.CloseOnExec) != 0);
    }
}
