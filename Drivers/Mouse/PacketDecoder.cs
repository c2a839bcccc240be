using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Drivers.Mouse;

/// <summary>
/// Puts the bytes of a PS/2 mouse together to packets (IBM PS/2 mouse technical reference; Microsoft, "PS/2 device protocol" of the IntelliMouse), and finds the beginning of a packet again when bytes were
/// lost. Bit 3 of the first byte is always 1; a packet whose bytes are far apart in time is none. Not synchronized; allocates and throws nothing.
/// </summary>
/// <param name="protocol">What the mouse sends.</param>
[Owned]
[NoAllocation]
internal sealed class PacketDecoder(MouseProtocol protocol)
{
    /// <summary>So many bytes in a row that begin no packet mean that the mouse has to be set up anew.</summary>
    public const int MostStray = 5;

    /// <summary>Nanoseconds between two bytes of one packet at most.</summary>
    public const ulong LongestGap = 500_000_000;

    private const byte AlwaysSet = 0x08;
    private const byte SelfTestPassed = 0xAA;

    private readonly int _length = protocol == MouseProtocol.Standard ? 3 : 4;
    private uint _bytes;
    private int _count;
    private int _stray;
    private ulong _last;

    /// <summary>Bytes that were thrown away to find the beginning of a packet.</summary>
    public long Lost { get; private set; }

    /// <summary>The mouse was plugged in, or lost its way: it has to be set up anew. Stays until <see cref="Reset"/>.</summary>
    public bool NeedsReset { get; private set; }

    /// <summary>Begins anew; <see cref="Lost"/> stays.</summary>
    public void Reset()
    {
        _count = 0;
        _stray = 0;
        NeedsReset = false;
    }

    /// <summary>Takes a byte.</summary>
    /// <param name="value">The byte.</param>
    /// <param name="isBroken">It came with an error: its packet is worthless.</param>
    /// <param name="now">Monotonic time in nanoseconds.</param>
    /// <param name="state">What the packet says.</param>
    /// <returns>True when a packet is complete.</returns>
    public bool TryTake(byte value, bool isBroken, ulong now, out MouseState state)
    {
        state = default;
        bool isLate = _count > 0 && now - _last > LongestGap;
        _last = now;
        if (isLate || isBroken)
        {
            Lost += _count + (isBroken ? 1 : 0);
            _count = 0;
            if (isBroken)
            {
                return false;
            }
        }

        if (_count == 0 && (value & AlwaysSet) == 0)
        {
            Lost++;
            NeedsReset |= ++_stray >= MostStray;
            return false;
        }

        _bytes = _count == 0 ? value : _bytes | ((uint)value << (8 * _count));
        _count++;

        // What a mouse sends once it has power: its self-test, and its identification 0. As a packet it would be a movement too far to count, with a button: not two bytes that come by chance.
        if (_count == 2 && _bytes == SelfTestPassed)
        {
            _count = 0;
            NeedsReset = true;
            return false;
        }

        if (_count < _length)
        {
            return false;
        }

        _count = 0;
        _stray = 0;
        state = Decode();
        return true;
    }

    private MouseState Decode()
    {
        const int xSign = 0x10;
        const int ySign = 0x20;
        const int xOverflow = 0x40;
        const int yOverflow = 0x80;
        int flags = (int)(_bytes & 0xFF);

        // Nine bits in two's complement, up positive. A movement that was too far has no number: it counts as the farthest.
        int x = (int)((_bytes >> 8) & 0xFF) - ((flags & xSign) != 0 ? 256 : 0);
        int y = (int)((_bytes >> 16) & 0xFF) - ((flags & ySign) != 0 ? 256 : 0);
        x = (flags & xOverflow) == 0 ? x : (flags & xSign) != 0 ? -256 : 255;
        y = (flags & yOverflow) == 0 ? y : (flags & ySign) != 0 ? -256 : 255;
        int buttons = flags & 7;
        int fourth = (int)(_bytes >> 24);

        // Four bits in two's complement with five buttons, eight without; towards the user positive.
        int wheel = protocol switch
        {
            MouseProtocol.Wheel => (sbyte)fourth,
            MouseProtocol.FiveButtons => ((fourth & 0xF) ^ 8) - 8,
            _ => 0,
        };
        if (protocol == MouseProtocol.FiveButtons)
        {
            buttons |= (fourth & 0x30) >> 1;
        }

        return new MouseState(x, -y, -wheel, buttons);
    }
}
