using System;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Drivers.Mousedev;

/// <summary>
/// What one reader of /dev/input/mice reads: a PS/2 mouse that is set up by writing its commands (IBM PS/2 mouse technical reference), and sends packets of movements whenever there are some. Movements
/// are added up until the reader takes them, but not beyond a change of buttons: presses are never lost. Not synchronized; nothing but the constructor allocates.
/// </summary>
[Owned]
[NoAllocation]
internal sealed class MouseStream
{
    private const int Capacity = 16;
    private const int MostPacket = 6;
    private const byte Acknowledge = 0xFA;
    private const byte SelfTestPassed = 0xAA;
    private const byte Reset = 0xFF;
    private const byte SendPacket = 0xEB;
    private const byte SendStatus = 0xE9;
    private const byte Identify = 0xF2;
    private const byte SetRate = 0xF3;

    private readonly Movement[] _movements = new Movement[Capacity];
    private readonly byte[] _packet = new byte[MostPacket];
    private int _first;
    private int _count;
    private int _packetStart;
    private int _packetLength;

    // How far the reader is in the two sequences of rates that ask for a wheel, and for five buttons.
    private int _wheelProgress;
    private int _explorerProgress;
    private byte _identity;
    private byte _shownButtons;

    /// <summary>There is something to read.</summary>
    public bool HasData => _packetStart < _packetLength || _count > 0;

    private static ReadOnlySpan<byte> WheelSequence => [SetRate, 200, SetRate, 100, SetRate, 80];

    private static ReadOnlySpan<byte> ExplorerSequence => [SetRate, 200, SetRate, 200, SetRate, 80];

    /// <summary>Takes what a mouse reported.</summary>
    /// <param name="x">To the right.</param>
    /// <param name="y">Up.</param>
    /// <param name="wheel">Away from the user.</param>
    /// <param name="buttons">Bit 0 left, 1 right, 2 middle, 3 side, 4 extra.</param>
    public void Add(int x, int y, int wheel, byte buttons)
    {
        // Nothing new is no packet: who opens the device while no button is down reads nothing.
        byte known = _count > 0 ? Last.Buttons : _shownButtons;
        if ((x, y, wheel) == (0, 0, 0) && buttons == known)
        {
            return;
        }

        bool isSame = _count > 0 && Last.Buttons == buttons;

        // Nobody reads: the oldest presses stay, the newest state replaces the one before it.
        if (!isSame && _count < Capacity)
        {
            _count++;
            Last = new Movement(0, 0, 0, buttons);
        }

        Movement last = Last;
        Last = new Movement(Sum(last.X, x), Sum(last.Y, y), Sum(last.Wheel, wheel), buttons);
    }

    /// <summary>Takes a byte that the reader wrote.</summary>
    public void Write(byte value)
    {
        _wheelProgress = Follow(WheelSequence, _wheelProgress, value);
        _explorerProgress = Follow(ExplorerSequence, _explorerProgress, value);
        if (_wheelProgress == WheelSequence.Length)
        {
            (_wheelProgress, _identity) = (0, 3);
        }

        if (_explorerProgress == ExplorerSequence.Length)
        {
            (_explorerProgress, _identity) = (0, 4);
        }

        (_packetStart, _packetLength) = (0, 0);
        Put(Acknowledge);
        switch (value)
        {
            case SendPacket:
                PutMovement();
                break;
            case Identify:
                Put(_identity);
                break;
            case SendStatus:
                // Sending, 1:1; the resolution and rate of a usual mouse.
                Put(0x60);
                Put(3);
                Put(200);
                break;
            case Reset:
                _identity = 0;
                Put(SelfTestPassed);
                Put(0);
                break;
        }
    }

    /// <summary>Takes bytes for the reader, of one packet at most.</summary>
    /// <returns>How many.</returns>
    public int Read(Span<byte> bytes)
    {
        if (_packetStart == _packetLength)
        {
            if (_count == 0)
            {
                return 0;
            }

            (_packetStart, _packetLength) = (0, 0);
            PutMovement();
        }

        int count = Math.Min(bytes.Length, _packetLength - _packetStart);
        _packet.AsSpan(_packetStart, count).CopyTo(bytes);
        _packetStart += count;
        return count;
    }

    private Movement Last
    {
        get => _movements[(_first + _count - 1) % Capacity];
        set => _movements[(_first + _count - 1) % Capacity] = value;
    }

    private static int Follow(ReadOnlySpan<byte> sequence, int progress, byte value) => sequence[progress] == value ? progress + 1 : sequence[0] == value ? 1 : 0;

    // Sums stay far from where they would overflow.
    private static int Sum(int a, int b) => Math.Clamp(a + Math.Clamp(b, -1_000_000, 1_000_000), -1_000_000, 1_000_000);

    private void Put(byte value) => _packet[_packetLength++] = value;

    // As much of the oldest movement as fits into a packet; the rest stays for the next one.
    private void PutMovement()
    {
        Movement movement = _count > 0 ? _movements[_first] : new Movement(0, 0, 0, _shownButtons);
        int x = Math.Clamp(movement.X, -127, 127);
        int y = Math.Clamp(movement.Y, -127, 127);
        int most = _identity == 4 ? 7 : 127;
        int wheel = _identity == 0 ? 0 : Math.Clamp(movement.Wheel, -most, most);
        Put((byte)(0x08 | (x < 0 ? 0x10 : 0) | (y < 0 ? 0x20 : 0) | (movement.Buttons & 7)));
        Put((byte)x);
        Put((byte)y);
        switch (_identity)
        {
            case 3:
                Put((byte)-wheel);
                break;
            case 4:
                Put((byte)((-wheel & 0xF) | ((movement.Buttons & 0x18) << 1)));
                break;
        }

        _shownButtons = movement.Buttons;
        if (_count == 0)
        {
            return;
        }

        movement = new Movement(movement.X - x, movement.Y - y, _identity == 0 ? 0 : movement.Wheel - wheel, movement.Buttons);
        if (movement is { X: 0, Y: 0, Wheel: 0 })
        {
            _first = (_first + 1) % Capacity;
            _count--;
        }
        else
        {
            _movements[_first] = movement;
        }
    }

    private readonly record struct Movement(int X, int Y, int Wheel, byte Buttons);
}
