using System;
using System.Buffers.Binary;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Abi.Terminals;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;
using CosmosKernel.Tasks;

namespace CosmosKernel.Files.Terminals;

// The requests of ioctl_tty(2).
public abstract partial class Terminal
{
    // The usual break, in tenths of a second: between a quarter and half a second.
    private const ulong DefaultBreak = 3;

    /// <summary>A request of ioctl(2) on a file of this terminal. Task context.</summary>
    [MightSleep]
    internal long Control(TerminalFile file, uint request, [UserAddress] ulong argument)
    {
        if (file.IsHungUp)
        {
            return -(long)((TerminalRequest)request == TerminalRequest.TIOCSPGRP ? Errno.ENOTTY : Errno.EIO);
        }

        long result = ChangesTheTerminal((TerminalRequest)request) ? -(long)CheckForeground(Signal.SIGTTOU) : 0;
        if (result != 0)
        {
            return result;
        }

        switch ((TerminalRequest)request)
        {
            case TerminalRequest.TCXONC:
                return -(long)ControlFlow(argument);
            case TerminalRequest.TCFLSH:
                return -(long)Flush(argument);
            case TerminalRequest.TIOCOUTQ:
                using (Lock.Enter())
                {
                    result = _discipline.OutputWaiting;
                }

                return WriteNumber(argument, (uint)result);
            case TerminalRequest.FIONREAD:
                using (Lock.Enter())
                {
                    result = _discipline.Available;
                }

                return WriteNumber(argument, (uint)result);
            case TerminalRequest.TIOCSTI:
                return TypeByte(file, argument);
            case TerminalRequest.TIOCNOTTY:
                return -(long)GiveUpControl();
            default:
                return ControlBoth(file, request, argument, isMaster: false);
        }
    }

    /// <summary>The requests that mean the same on the master of a pseudo-terminal as on the slave (this terminal), for both. Task context.</summary>
    [MightSleep]
    internal long ControlBoth(OpenFile file, uint request, [UserAddress] ulong argument, bool isMaster)
    {
        switch ((TerminalRequest)request)
        {
            case TerminalRequest.TCGETS:
                return GetSettings(argument, TerminalSettings.Size);
            case TerminalRequest.TCGETS2:
                return GetSettings(argument, TerminalSettings.SizeWithSpeeds);
            case TerminalRequest.TCGETA:
                return GetSettings(argument, TerminalSettings.SystemVSize);
            case TerminalRequest.TCSETS or TerminalRequest.TCSETSW or TerminalRequest.TCSETSF:
                return SetSettings(argument, TerminalSettings.Size, request - (uint)TerminalRequest.TCSETS);
            case TerminalRequest.TCSETS2 or TerminalRequest.TCSETSW2 or TerminalRequest.TCSETSF2:
                return SetSettings(argument, TerminalSettings.SizeWithSpeeds, request - (uint)TerminalRequest.TCSETS2);
            case TerminalRequest.TCSETA or TerminalRequest.TCSETAW or TerminalRequest.TCSETAF:
                return SetSettings(argument, TerminalSettings.SystemVSize, request - (uint)TerminalRequest.TCSETA);
            case TerminalRequest.TIOCGLCKTRMIOS:
                return GetLocked(argument);
            case TerminalRequest.TIOCSLCKTRMIOS:
                return SetLocked(argument);
            case TerminalRequest.TIOCGWINSZ:
                Span<byte> size = stackalloc byte[WindowSize.Size];
                Window.Write(size);
                return UserMemory.TryWrite(argument, size) ? 0 : -(long)Errno.EFAULT;
            case TerminalRequest.TIOCSWINSZ:
                return SetWindow(argument);
            case TerminalRequest.TCSBRK or TerminalRequest.TCSBRKP:
                bool hasBreak = argument == 0 || (TerminalRequest)request == TerminalRequest.TCSBRKP;
                Errno error = Drain() ? Errno.Ok : Errno.EINTR;
                return -(long)(error == Errno.Ok && hasBreak ? SendBreak(argument == 0 ? DefaultBreak : argument) : error);
            case TerminalRequest.TIOCSBRK or TerminalRequest.TIOCCBRK:
                SetBreak((TerminalRequest)request == TerminalRequest.TIOCSBRK);
                return 0;
            case TerminalRequest.TIOCEXCL or TerminalRequest.TIOCNXCL:
                SetExclusive((TerminalRequest)request == TerminalRequest.TIOCEXCL);
                return 0;
            case TerminalRequest.TIOCGEXCL:
                return WriteNumber(argument, IsExclusive ? 1u : 0);
            case TerminalRequest.TIOCGSOFTCAR:
                return WriteNumber(argument, (Settings.Control & ControlFlags.Local) != 0 ? 1u : 0);
            case TerminalRequest.TIOCGETD:
                return WriteNumber(argument, 0);
            case TerminalRequest.TIOCSETD:
                return !UserMemory.TryRead(argument, out uint discipline) ? -(long)Errno.EFAULT : discipline == 0 ? 0 : -(long)Errno.EINVAL;
            case TerminalRequest.TIOCGDEV:
                return WriteNumber(argument, (uint)Number.Encoded);
            case TerminalRequest.TIOCVHANGUP:
                return HangUpForUser();
            default:
                return ControlSession(file, request, argument, isMaster);
        }
    }

    /// <summary>Settings were changed (packet mode tells the master). With <see cref="Lock"/> held.</summary>
    [RequiresLock(nameof(Lock))]
    protected virtual void SettingsChanged(TerminalSettings before, TerminalSettings after)
    {
    }

    /// <summary>What of the settings that a program wants the device can do. Default: all. With <see cref="Lock"/> held.</summary>
    [RequiresLock(nameof(Lock))]
    protected virtual TerminalSettings Accept(TerminalSettings wanted) => wanted;

    /// <summary>There is a line that a break can be sent on. Constant.</summary>
    protected virtual bool CanBreak => false;

    /// <summary>Begins or ends a break. Default: nothing. Task context, without <see cref="Lock"/>.</summary>
    [MightSleep]
    protected virtual void SetBreak(bool on)
    {
    }

    /// <summary>The window's size as the device knows it, until somebody sets one.</summary>
    protected virtual WindowSize DeviceWindow => default;

    private WindowSize Window
    {
        [MightSleep]
        get
        {
            using (Lock.Enter())
            {
                return _window == default ? DeviceWindow : _window;
            }
        }
    }

    private bool IsExclusive
    {
        [MightSleep]
        get
        {
            using (Lock.Enter())
            {
                return _isExclusive;
            }
        }
    }

    /// <summary>Puts an int there.</summary>
    [MightSleep]
    internal static long WriteNumber([UserAddress] ulong address, uint value) => UserMemory.TryWrite(address, value) ? 0 : -(long)Errno.EFAULT;

    // The length is in tenths of a second (tcsendbreak(3)). The line does not stay in a break, whatever ends the wait.
    [MightSleep]
    private Errno SendBreak(ulong tenths)
    {
        const ulong tenth = 100_000_000;
        const ulong most = 100;
        if (!CanBreak)
        {
            return Errno.Ok;
        }

        SetBreak(on: true);
        try
        {
            return KernelTask.Sleep(Math.Min(tenths, most) * tenth) ? Errno.Ok : Errno.EINTR;
        }
        finally
        {
            SetBreak(on: false);
        }
    }

    // Those that stop a process in the background (SIGTTOU).
    private static bool ChangesTheTerminal(TerminalRequest request) => request is
        TerminalRequest.TCSETS or TerminalRequest.TCSETSW or TerminalRequest.TCSETSF or TerminalRequest.TCSETS2 or TerminalRequest.TCSETSW2 or TerminalRequest.TCSETSF2 or
        TerminalRequest.TCSETA or TerminalRequest.TCSETAW or TerminalRequest.TCSETAF or TerminalRequest.TCSBRK or TerminalRequest.TCSBRKP or TerminalRequest.TCXONC or
        TerminalRequest.TCFLSH or TerminalRequest.TIOCSETD or TerminalRequest.TIOCSBRK or TerminalRequest.TIOCCBRK;

    [MightSleep]
    private long ControlSession(OpenFile file, uint request, [UserAddress] ulong argument, bool isMaster)
    {
        switch ((TerminalRequest)request)
        {
            case TerminalRequest.TIOCSCTTY:
                return -(long)TakeControl(file, argument);
            case TerminalRequest.TIOCGPGRP:
                return isMaster || ReferenceEquals(Current, this) ? WriteNumber(argument, (uint)Foreground) : -(long)Errno.ENOTTY;
            case TerminalRequest.TIOCSPGRP:
                return UserMemory.TryRead(argument, out uint group) ? -(long)SetForeground((int)group) : -(long)Errno.EFAULT;
            case TerminalRequest.TIOCGSID:
                bool mayAsk = isMaster || ReferenceEquals(Current, this);
                return mayAsk && Session != 0 ? WriteNumber(argument, (uint)Session) : -(long)Errno.ENOTTY;
            default:
                return ControlDevice(request, argument);
        }
    }

    /// <summary>Requests that only this kind of terminal has. Default: ENOTTY. Task context, without the terminal's lock.</summary>
    [MightSleep]
    protected virtual long ControlDevice(uint request, [UserAddress] ulong argument) => -(long)Errno.ENOTTY;

    [MightSleep]
    private long GetSettings([UserAddress] ulong argument, int size)
    {
        Span<byte> bytes = stackalloc byte[TerminalSettings.SizeWithSpeeds];
        bytes = bytes[..size];
        Settings.Write(bytes);
        return UserMemory.TryWrite(argument, bytes) ? 0 : -(long)Errno.EFAULT;
    }

    // When: 0 at once, 1 after the output has drained, 2 the same and the input is dropped.
    [MightSleep]
    private long SetSettings([UserAddress] ulong argument, int size, uint when)
    {
        Span<byte> bytes = stackalloc byte[TerminalSettings.SizeWithSpeeds];
        bytes = bytes[..size];
        if (!UserMemory.TryRead(argument, bytes))
        {
            return -(long)Errno.EFAULT;
        }

        if (when > 0 && !Drain())
        {
            // What is still on its way keeps the speed and the frame that it was written for.
            return -(long)Errno.ERESTARTSYS;
        }

        using (Lock.Enter())
        {
            if (when == 2)
            {
                _discipline.FlushInput();
            }

            TerminalSettings before = _discipline.Settings;
            TerminalSettings after = size == TerminalSettings.SystemVSize ? before.WithSystemV(bytes) : TerminalSettings.Parse(bytes);
            after = _locked is { } locked ? after.WithLocked(before, locked) : after;
            after = Accept(after);
            _discipline.SetSettings(after);
            SettingsChanged(before, after);
            Publish();
        }

        // What counts as readable may have changed with lines.
        Readers.WakeAll(PollEvents.Readable);
        return 0;
    }

    // ioctl_tty(2): masks of what TCSETS does not change.
    [MightSleep]
    private long GetLocked([UserAddress] ulong argument)
    {
        Span<byte> bytes = stackalloc byte[TerminalSettings.Size];
        bytes.Clear();
        using (Lock.Enter())
        {
            _locked?.Write(bytes);
        }

        return UserMemory.TryWrite(argument, bytes) ? 0 : -(long)Errno.EFAULT;
    }

    [MightSleep]
    private long SetLocked([UserAddress] ulong argument)
    {
        if (!Credentials.Current.Has(Capability.SysAdmin))
        {
            return -(long)Errno.EPERM;
        }

        Span<byte> bytes = stackalloc byte[TerminalSettings.Size];
        if (!UserMemory.TryRead(argument, bytes))
        {
            return -(long)Errno.EFAULT;
        }

        var locked = TerminalSettings.Parse(bytes);
        using (Lock.Enter())
        {
            _locked = locked;
        }

        return 0;
    }

    [MightSleep]
    private long SetWindow([UserAddress] ulong argument)
    {
        Span<byte> bytes = stackalloc byte[WindowSize.Size];
        if (!UserMemory.TryRead(argument, bytes))
        {
            return -(long)Errno.EFAULT;
        }

        var size = WindowSize.Parse(bytes);
        using (Lock.Enter())
        {
            WindowSize before = _window == default ? DeviceWindow : _window;
            _window = size;
            if (before == size)
            {
                return 0;
            }
        }

        SignalGroup(Foreground, Signal.SIGWINCH);
        return 0;
    }

    /// <summary>The device's window has another size: what a program has set is forgotten, and the foreground group hears of it. Task context, without <see cref="Lock"/>.</summary>
    [MightSleep]
    protected void WindowChanged()
    {
        using (Lock.Enter())
        {
            _window = default;
        }

        SignalGroup(Foreground, Signal.SIGWINCH);
    }

    [MightSleep]
    private Errno ControlFlow([UserAddress] ulong argument)
    {
        using (Lock.Enter())
        {
            switch (argument)
            {
                case 0:
                    _discipline.StopByProgram();
                    break;
                case 1:
                    _discipline.StartByProgram();
                    break;
                case 2:
                    _discipline.SendFlowCharacter(ControlCharacter.Stop);
                    break;
                case 3:
                    _discipline.SendFlowCharacter(ControlCharacter.Start);
                    break;
                default:
                    return Errno.EINVAL;
            }

            Publish();
            return Errno.Ok;
        }
    }

    [MightSleep]
    private Errno Flush([UserAddress] ulong argument)
    {
        if (argument > 2)
        {
            return Errno.EINVAL;
        }

        using (Lock.Enter())
        {
            if (argument != 1)
            {
                _discipline.FlushInput();
            }

            if (argument != 0)
            {
                _discipline.FlushOutput();
            }

            Publish();
            return Errno.Ok;
        }
    }

    [MightSleep]
    private long TypeByte(TerminalFile file, [UserAddress] ulong argument)
    {
        bool isAdministrator = Credentials.Current.Has(Capability.SysAdmin);
        if (!isAdministrator && !(ReferenceEquals(Current, this) && file.IsReadable))
        {
            return -(long)Errno.EPERM;
        }

        Span<byte> typed = stackalloc byte[1];
        if (!UserMemory.TryRead(argument, typed))
        {
            return -(long)Errno.EFAULT;
        }

        Receive(typed);
        return 0;
    }

    [MightSleep]
    private long HangUpForUser()
    {
        if (!Credentials.Current.Has(Capability.SysAdmin))
        {
            return -(long)Errno.EPERM;
        }

        HangUp();
        return 0;
    }

    [MightSleep]
    private void SetExclusive(bool isExclusive)
    {
        using (Lock.Enter())
        {
            _isExclusive = isExclusive;
        }
    }
}
