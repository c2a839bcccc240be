using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;
using CosmosKernel.Modules.Consoles;
using CosmosKernel.Modules.Sound;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Files.Terminals;

/// <summary>
/// The console of the machine as a terminal: all outputs at once, whatever is typed anywhere. /dev/console, /dev/tty1 and, when there is a serial console, /dev/ttyS0 are this one terminal.
/// </summary>
public sealed class ConsoleTerminal : Terminal
{
    private const uint ConsoleMajor = 4;
    private const uint FirstSerialMinor = 64;
    private const int OutputRoom = 1024;

    // As the kernel console's own tasks: busy ordinary tasks cannot lock people out.
    private const int KeyboardPriority = 19;

    [Protocol("Put is called with the terminal's lock held.")]
    private bool _endsWithReturn;

    private ConsoleTerminal(bool isSerial)
        : base(new DeviceNumber(ConsoleMajor, isSerial ? FirstSerialMinor : 1), isSerial ? "ttyS0" : "tty1")
    {
        IsSerial = isSerial;
    }

    /// <summary>The console; null before <see cref="Start"/>.</summary>
    [Protocol("Set once at boot, before the first process.")]
    public static ConsoleTerminal? Instance { get; private set; }

    /// <summary>It is a serial line in the first place.</summary>
    public bool IsSerial { get; }

    /// <inheritdoc/>
    public override int Room => OutputRoom;

    /// <inheritdoc/>
    public override int Waiting => 0;

    /// <inheritdoc/>
    protected override WindowSize DeviceWindow
    {
        get
        {
            foreach (ConsoleOutput output in KernelConsole.Outputs)
            {
                if (output.Size.Columns > 0)
                {
                    (int columns, int rows) = KernelConsole.Size;
                    return new WindowSize((ushort)rows, (ushort)columns);
                }
            }

            // A serial line does not know how large the window at its end is.
            return default;
        }
    }

    /// <summary>Makes the console a terminal, and user space the owner of the keyboard: from now on what is typed goes to its line discipline. Once, at boot, in task context.</summary>
    [MightSleep]
    public static ConsoleTerminal Start()
    {
        bool isSerial = false;
        foreach (ConsoleOutput output in KernelConsole.Outputs)
        {
            isSerial |= output.Name.Contains("ttyS", StringComparison.Ordinal) || output.Name.Contains("serial", StringComparison.Ordinal);
        }

        var terminal = new ConsoleTerminal(isSerial);
        Instance = terminal;
        KernelTask.Start(new TaskOptions { Name = "console", Priority = KeyboardPriority, Detached = true }, terminal.Listen);
        return terminal;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override void Put(ReadOnlySpan<byte> bytes)
    {
        // The outputs of the kernel console begin each line in the first column. So CR NL goes there as NL, and NL alone as "index" (ECMA-48, IND), which stays in its column.
        while (!bytes.IsEmpty)
        {
            int newline = bytes.IndexOf((byte)'\n');
            if (newline < 0)
            {
                KernelConsole.Write(bytes);
                _endsWithReturn = bytes[^1] == (byte)'\r';
                return;
            }

            bool afterReturn = newline > 0 ? bytes[newline - 1] == (byte)'\r' : _endsWithReturn;
            int text = afterReturn && newline > 0 ? newline - 1 : newline;
            KernelConsole.Write(bytes[..text]);
            KernelConsole.Write(afterReturn ? "\n"u8 : "\eD"u8);
            _endsWithReturn = false;
            bytes = bytes[(newline + 1)..];
        }
    }

    /// <inheritdoc/>
    public override void Discard()
    {
    }

    /// <inheritdoc/>
    [MightSleep]
    protected override bool Drain()
    {
        KernelConsole.Flush();
        return true;
    }

    /// <summary>ioctl_console(2).</summary>
    /// <inheritdoc/>
    [MightSleep]
    protected override long ControlDevice(uint request, [UserAddress] ulong argument)
    {
        const byte keyboardWith101Keys = 2;
        const byte textMode = 0;
        switch ((ConsoleRequest)request)
        {
            case ConsoleRequest.KIOCSOUND:
                Speaker.Play(HertzOf(argument));
                return 0;
            case ConsoleRequest.KDMKTONE:
                int milliseconds = (int)((uint)argument >> 16);
                if (milliseconds > 0)
                {
                    Speaker.Play(HertzOf(argument & 0xFFFF), milliseconds);
                }

                return 0;
            case ConsoleRequest.KDFONTOP:
                return FontChanged(ConsoleFonts.Operate(argument));
            case ConsoleRequest.PIO_FONTRESET:
                return FontChanged(ConsoleFonts.Reset());
            case ConsoleRequest.GIO_UNIMAP:
                return -(long)ConsoleFonts.GetMap(argument);
            case ConsoleRequest.PIO_UNIMAP:
                return -(long)ConsoleFonts.SetMap(argument);
            case ConsoleRequest.PIO_UNIMAPCLR:
                return -(long)ConsoleFonts.ClearMap();
            case ConsoleRequest.KDGKBTYPE:
                return UserMemory.TryWrite(argument, [keyboardWith101Keys]) ? 0 : -(long)Errno.EFAULT;
            case ConsoleRequest.KDGETMODE:
                return UserMemory.TryWrite(argument, [textMode, 0, 0, 0]) ? 0 : -(long)Errno.EFAULT;
            default:
                return base.ControlDevice(request, argument);
        }
    }

    // Another font may be another number of characters.
    [MightSleep]
    private long FontChanged(Errno error)
    {
        if (error == Errno.Ok)
        {
            WindowChanged();
        }

        return -(long)error;
    }

    // Tones are given as what the timer counts to.
    private static int HertzOf([UserAddress] ulong argument)
    {
        const uint timerFrequency = 1_193_182;
        uint count = (uint)argument;
        return count == 0 ? 0 : (int)(timerFrequency / count);
    }

    [MightSleep]
    private void Listen()
    {
        Span<byte> typed = stackalloc byte[64];
        while (!TaskStruct.Current.IsKilled)
        {
            if (!KernelConsole.Input.Read(out typed[0]))
            {
                continue;
            }

            int count = 1;
            while (count < typed.Length && KernelConsole.Input.TryRead(out typed[count]))
            {
                count++;
            }

            int taken = Receive(typed[..count]);
            while (taken < count && WaitForReceiveRoom(WaitMode.Interruptible))
            {
                taken += Receive(typed[taken..count]);
            }
        }
    }
}
