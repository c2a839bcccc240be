using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Terminals;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.DeviceFiles;

/// <summary>The device numbers of terminals (tty(4), console(4), pts(4)).</summary>
internal sealed class TerminalDevices : CharacterDevice
{
    public const uint LineMajor = 4;
    public const uint SpecialMajor = 5;
    public const uint CurrentMinor = 0;
    public const uint ConsoleMinor = 1;
    public const uint MasterMinor = 2;
    public const uint FirstSerialMinor = 64;

    /// <summary>Makes nodes with these numbers work. Once, at boot.</summary>
    [MightSleep]
    public static void Register()
    {
        var device = new TerminalDevices();
        CharacterDevices.Register(LineMajor, 0, FirstSerialMinor + 1, device);
        CharacterDevices.Register(SpecialMajor, 0, MasterMinor + 1, device);
        CharacterDevices.Register(PseudoTerminal.SlaveMajor, 0, PseudoTerminals.Maximum, device);
    }

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Open(in VfsPath path, Inode inode, OpenFlags flags, out OpenFile? file)
    {
        file = null;
        DeviceNumber number = inode.Device;
        if (number.Major == SpecialMajor && number.Minor == MasterMinor)
        {
            return PseudoTerminals.OpenMaster(path, inode, flags, DevPtsFileSystem.Instance, out file);
        }

        bool isConsole = number.Major == SpecialMajor && number.Minor == ConsoleMinor;
        Terminal? terminal = number.Major switch
        {
            LineMajor => FindLine(number.Minor),
            SpecialMajor => isConsole ? ConsoleTerminal.Instance : Terminal.Current,
            _ => PseudoTerminals.Find((int)number.Minor),
        };
        if (terminal is not null)
        {
            return TerminalFile.Open(path, inode, flags, terminal, isConsole, out file);
        }

        return number.Major switch
        {
            LineMajor => Errno.ENXIO,
            SpecialMajor => isConsole ? Errno.ENODEV : Errno.ENXIO,
            _ => Errno.EIO,
        };
    }

    // tty0 is the visible console, tty1 the first; the serial line is there when it is a console. They are one terminal.
    private static ConsoleTerminal? FindLine(uint minor) => minor switch
    {
        0 or 1 => ConsoleTerminal.Instance,
        FirstSerialMinor => ConsoleTerminal.Instance is { IsSerial: true } serial ? serial : null,
        _ => null,
    };
}
