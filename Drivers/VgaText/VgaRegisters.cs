using CosmosKernel.Modules;

namespace CosmosKernel.Drivers.VgaText;

/// <summary>The registers of a VGA that text mode needs (IBM VGA technical reference; colour addresses).</summary>
/// <param name="ports">Ports 0x3C0 to 0x3DF.</param>
internal sealed class VgaRegisters(PortRange ports)
{
    /// <summary>First of its ports.</summary>
    public const ushort FirstPort = 0x3C0;

    /// <summary>Number of its ports.</summary>
    public const int PortCount = 32;

    private const int Attribute = 0x00;
    private const int AttributeRead = 0x01;
    private const int CrtcIndex = 0x14;
    private const int CrtcData = 0x15;
    private const int InputStatus = 0x1A;

    private const byte ModeControl = 0x10;
    private const byte PaletteOn = 0x20;
    private const byte Graphics = 0x01;
    private const byte BlinkEnable = 0x08;
    private const byte CursorStart = 0x0A;
    private const byte CursorEnd = 0x0B;
    private const byte StartHigh = 0x0C;
    private const byte StartLow = 0x0D;
    private const byte CursorHigh = 0x0E;
    private const byte CursorLow = 0x0F;
    private const byte CursorOff = 0x20;

    /// <summary>Whether there is a VGA in a text mode: its cursor register keeps values, and its attribute controller is not in graphics mode.</summary>
    public bool IsInTextMode()
    {
        byte before = ReadCrtc(CursorLow);
        WriteCrtc(CursorLow, 0x5A);
        bool keeps = ReadCrtc(CursorLow) == 0x5A;
        WriteCrtc(CursorLow, 0xA5);
        keeps &= ReadCrtc(CursorLow) == 0xA5;
        WriteCrtc(CursorLow, before);
        return keeps && (ReadModeControl() & Graphics) == 0;
    }

    /// <summary>Lets attribute bit 7 mean a bright background, not blinking, and the screen start at the first cell.</summary>
    public void Prepare()
    {
        byte mode = ReadModeControl();
        _ = ports.Read8(InputStatus);
        ports.Write8(Attribute, ModeControl | PaletteOn);
        ports.Write8(Attribute, (byte)(mode & ~BlinkEnable));
        WriteCrtc(StartHigh, 0);
        WriteCrtc(StartLow, 0);
    }

    /// <summary>Shows the cursor over a cell.</summary>
    /// <param name="cell">Number of the cell from the first one.</param>
    /// <param name="firstLine">First scan line of the cursor, from 0 at the top to 15.</param>
    public void ShowCursor(int cell, int firstLine)
    {
        WriteCrtc(CursorStart, (byte)firstLine);
        WriteCrtc(CursorEnd, 15);
        WriteCrtc(CursorHigh, (byte)(cell >> 8));
        WriteCrtc(CursorLow, (byte)cell);
    }

    /// <summary>Shows no cursor.</summary>
    public void HideCursor() => WriteCrtc(CursorStart, CursorOff);

    private byte ReadModeControl()
    {
        // Reading the status makes the next write to the attribute controller its index.
        _ = ports.Read8(InputStatus);
        ports.Write8(Attribute, ModeControl | PaletteOn);
        byte mode = ports.Read8(AttributeRead);
        _ = ports.Read8(InputStatus);
        return mode;
    }

    private byte ReadCrtc(byte register)
    {
        ports.Write8(CrtcIndex, register);
        return ports.Read8(CrtcData);
    }

    private void WriteCrtc(byte register, byte value)
    {
        ports.Write8(CrtcIndex, register);
        ports.Write8(CrtcData, value);
    }
}
