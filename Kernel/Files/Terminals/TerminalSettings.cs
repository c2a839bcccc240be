using System;
using System.Buffers.Binary;
using CosmosKernel.Abi.Terminals;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Terminals;

/// <summary>The settings of a terminal (termios(3)). An object never changes; a terminal gets another one.</summary>
public sealed class TerminalSettings
{
    /// <summary>Entries of c_cc that the kernel's structures have.</summary>
    public const int CharacterCount = 19;

    /// <summary>Bytes of struct termios as the kernel has it (TCGETS).</summary>
    public const int Size = 36;

    /// <summary>Bytes of struct termios2 (TCGETS2).</summary>
    public const int SizeWithSpeeds = 44;

    /// <summary>Bytes of System V's struct termio (TCGETA).</summary>
    public const int SystemVSize = 18;

    private const int SystemVCharacterCount = 8;

    [Immutable]
    private readonly byte[] _characters = new byte[CharacterCount];

    // Bit n of word n / 64: the byte means something to the line discipline beyond being input.
    [Immutable]
    private readonly ulong[] _special = new ulong[4];

    private TerminalSettings(InputFlags input, OutputFlags output, ControlFlags control, LocalFlags local, ReadOnlySpan<byte> characters)
    {
        Input = input;
        Output = output;
        Control = control;
        Local = local;
        OutputSpeed = SpeedOf((uint)(control & ControlFlags.BaudMask));
        InputSpeed = OutputSpeed;
        characters.CopyTo(_characters);
        FindSpecial();
    }

    /// <summary>c_iflag.</summary>
    public InputFlags Input { get; }

    /// <summary>c_oflag.</summary>
    public OutputFlags Output { get; }

    /// <summary>c_cflag.</summary>
    public ControlFlags Control { get; }

    /// <summary>c_lflag.</summary>
    public LocalFlags Local { get; }

    /// <summary>Speed of the input in bits a second.</summary>
    public uint InputSpeed { get; private init; }

    /// <summary>Speed of the output in bits a second.</summary>
    public uint OutputSpeed { get; private init; }

    // c_cc in the order of ControlCharacter.
    private static ReadOnlySpan<byte> DefaultCharacters => [3, 28, 127, 21, 4, 0, 1, 0, 17, 19, 26, 0, 18, 15, 23, 22, 0, 0, 0];

    /// <summary>What a terminal has that nobody has set: lines, echo, signals.</summary>
    public static TerminalSettings Default { get; } = new(
        InputFlags.ReturnToNewline | InputFlags.OutputFlowControl,
        OutputFlags.Process | OutputFlags.NewlineToReturnNewline,
        ControlFlags.Baud38400 | ControlFlags.Size8 | ControlFlags.Receive | ControlFlags.HangUpOnClose,
        LocalFlags.Signals | LocalFlags.Canonical | LocalFlags.Echo | LocalFlags.EchoErase | LocalFlags.EchoKill | LocalFlags.EchoControl | LocalFlags.EchoKillErase | LocalFlags.Extended,
        DefaultCharacters);

    /// <summary>What a serial line has that nobody has set: as <see cref="Default"/>, with 9600 bits a second, and modem lines are ignored.</summary>
    public static TerminalSettings Serial { get; } = new(
        Default.Input, Default.Output, ControlFlags.Baud9600 | ControlFlags.Size8 | ControlFlags.Receive | ControlFlags.HangUpOnClose | ControlFlags.Local, Default.Local, DefaultCharacters);

    /// <summary>What the master of a pseudo-terminal has: nothing is changed on the way.</summary>
    public static TerminalSettings Master { get; } = new(
        InputFlags.None, OutputFlags.None, ControlFlags.Baud38400 | ControlFlags.Size8 | ControlFlags.Receive, LocalFlags.None, DefaultCharacters);

    /// <summary>A control character; 0 when it is switched off.</summary>
    public byte this[ControlCharacter index] => _characters[(int)index];

    /// <summary>Lines are edited.</summary>
    public bool IsCanonical => (Local & LocalFlags.Canonical) != 0;

    /// <summary>Whether the flag is on.</summary>
    public bool Has(LocalFlags flag) => (Local & flag) != 0;

    /// <summary>Whether the flag is on.</summary>
    public bool Has(InputFlags flag) => (Input & flag) != 0;

    /// <summary>Whether the flag is on.</summary>
    public bool Has(OutputFlags flag) => (Output & flag) != 0;

    /// <summary>Whether the byte is this control character, and that is not switched off.</summary>
    public bool Is(byte value, ControlCharacter character) => value != 0 && _characters[(int)character] == value;

    /// <summary>The same settings with other flags.</summary>
    public TerminalSettings With(InputFlags? input = null, OutputFlags? output = null, LocalFlags? local = null) =>
        new(input ?? Input, output ?? Output, Control, local ?? Local, _characters) { InputSpeed = InputSpeed, OutputSpeed = OutputSpeed };

    /// <summary>The same settings with another control character.</summary>
    public TerminalSettings With(ControlCharacter character, byte value)
    {
        Span<byte> characters = stackalloc byte[CharacterCount];
        _characters.CopyTo(characters);
        characters[(int)character] = value;
        return new TerminalSettings(Input, Output, Control, Local, characters) { InputSpeed = InputSpeed, OutputSpeed = OutputSpeed };
    }

    /// <summary>The same settings with another speed, both ways.</summary>
    /// <param name="code">One of the codes of <see cref="ControlFlags.BaudMask"/>.</param>
    public TerminalSettings WithSpeed(ControlFlags code) =>
        new(Input, Output, (Control & ~(ControlFlags.BaudMask | (ControlFlags)((uint)ControlFlags.BaudMask << 16))) | (code & ControlFlags.BaudMask), Local, _characters);

    /// <summary>Reads struct termios or, when there are enough bytes, struct termios2.</summary>
    /// <param name="from"><see cref="Size"/> or <see cref="SizeWithSpeeds"/> bytes.</param>
    public static TerminalSettings Parse(ReadOnlySpan<byte> from)
    {
        var control = (ControlFlags)BinaryPrimitives.ReadUInt32LittleEndian(from[8..]);
        uint outputCode = (uint)(control & ControlFlags.BaudMask);
        uint inputCode = ((uint)control >> 16) & (uint)ControlFlags.BaudMask;
        bool hasSpeeds = from.Length >= SizeWithSpeeds;
        uint output = hasSpeeds && outputCode == (uint)ControlFlags.BaudOther ? BinaryPrimitives.ReadUInt32LittleEndian(from[40..]) : SpeedOf(outputCode);
        uint input = hasSpeeds && inputCode == (uint)ControlFlags.BaudOther ? BinaryPrimitives.ReadUInt32LittleEndian(from[36..]) : SpeedOf(inputCode);
        return new TerminalSettings(
            (InputFlags)BinaryPrimitives.ReadUInt32LittleEndian(from),
            (OutputFlags)BinaryPrimitives.ReadUInt32LittleEndian(from[4..]),
            control,
            (LocalFlags)BinaryPrimitives.ReadUInt32LittleEndian(from[12..]),
            from.Slice(17, CharacterCount))
        {
            OutputSpeed = output,

            // B0 in the input's field means: as the output.
            InputSpeed = inputCode == 0 ? output : input,
        };
    }

    /// <summary>Reads System V's struct termio: the lower halves of the flags and the first eight characters; the rest stays as it is.</summary>
    /// <param name="from"><see cref="SystemVSize"/> bytes.</param>
    public TerminalSettings WithSystemV(ReadOnlySpan<byte> from)
    {
        Span<byte> characters = stackalloc byte[CharacterCount];
        _characters.CopyTo(characters);
        from.Slice(9, SystemVCharacterCount).CopyTo(characters);
        return new TerminalSettings(
            (InputFlags)Low((uint)Input, from), (OutputFlags)Low((uint)Output, from[2..]), (ControlFlags)Low((uint)Control, from[4..]), (LocalFlags)Low((uint)Local, from[6..]), characters);

        static uint Low(uint before, ReadOnlySpan<byte> from) => (before & 0xFFFF_0000) | BinaryPrimitives.ReadUInt16LittleEndian(from);
    }

    /// <summary>These settings, but what is locked stays as it was (TIOCSLCKTRMIOS).</summary>
    /// <param name="before">As it was.</param>
    /// <param name="locked">Bits of flags that are locked, and characters, where they are not 0.</param>
    public TerminalSettings WithLocked(TerminalSettings before, TerminalSettings locked)
    {
        Span<byte> characters = stackalloc byte[CharacterCount];
        for (int i = 0; i < CharacterCount; i++)
        {
            characters[i] = locked._characters[i] != 0 ? before._characters[i] : _characters[i];
        }

        return new TerminalSettings(
            (Input & ~locked.Input) | (before.Input & locked.Input),
            (Output & ~locked.Output) | (before.Output & locked.Output),
            (Control & ~locked.Control) | (before.Control & locked.Control),
            (Local & ~locked.Local) | (before.Local & locked.Local),
            characters)
        {
            InputSpeed = InputSpeed,
            OutputSpeed = OutputSpeed,
        };
    }

    /// <summary>Writes struct termios, struct termios2 or struct termio, as the length says.</summary>
    /// <param name="to"><see cref="Size"/>, <see cref="SizeWithSpeeds"/> or <see cref="SystemVSize"/> bytes.</param>
    public void Write(Span<byte> to)
    {
        to.Clear();
        if (to.Length == SystemVSize)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(to, (ushort)Input);
            BinaryPrimitives.WriteUInt16LittleEndian(to[2..], (ushort)Output);
            BinaryPrimitives.WriteUInt16LittleEndian(to[4..], (ushort)Control);
            BinaryPrimitives.WriteUInt16LittleEndian(to[6..], (ushort)Local);
            _characters.AsSpan(0, SystemVCharacterCount).CopyTo(to[9..]);
            return;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(to, (uint)Input);
        BinaryPrimitives.WriteUInt32LittleEndian(to[4..], (uint)Output);
        BinaryPrimitives.WriteUInt32LittleEndian(to[8..], (uint)Control);
        BinaryPrimitives.WriteUInt32LittleEndian(to[12..], (uint)Local);
        _characters.CopyTo(to[17..]);
        if (to.Length >= SizeWithSpeeds)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(to[36..], InputSpeed);
            BinaryPrimitives.WriteUInt32LittleEndian(to[40..], OutputSpeed);
        }
    }

    /// <summary>The byte is no plain input: it may end or edit a line, send a signal, stop the output or be changed.</summary>
    internal bool IsSpecial(byte value) => (_special[value >> 6] & (1UL << (value & 63))) != 0;

    // The speeds of termios(3) in the order of their codes; those from 57600 have BOTHER's bit set.
    private static uint SpeedOf(uint code)
    {
        ReadOnlySpan<uint> slow = [0, 50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400, 4800, 9600, 19_200, 38_400];
        ReadOnlySpan<uint> fast =
        [
            38_400, 57_600, 115_200, 230_400, 460_800, 500_000, 576_000, 921_600, 1_000_000, 1_152_000, 1_500_000, 2_000_000, 2_500_000, 3_000_000, 3_500_000, 4_000_000,
        ];
        return (code & (uint)ControlFlags.BaudOther) != 0 ? fast[(int)(code & 15)] : slow[(int)(code & 15)];
    }

    [BeforePublication]
    private void FindSpecial()
    {
        if (Has(InputFlags.IgnoreReturn) || Has(InputFlags.ReturnToNewline))
        {
            Mark((byte)'\r');
        }

        if (Has(InputFlags.NewlineToReturn) || IsCanonical)
        {
            Mark((byte)'\n');
        }

        if (Has(InputFlags.OutputFlowControl))
        {
            Mark(ControlCharacter.Start);
            Mark(ControlCharacter.Stop);
        }

        if (Has(LocalFlags.Signals))
        {
            Mark(ControlCharacter.Interrupt);
            Mark(ControlCharacter.Quit);
            Mark(ControlCharacter.Suspend);
        }

        if (Has(InputFlags.MarkParity))
        {
            Mark(0xFF);
        }

        if (IsCanonical)
        {
            Mark(ControlCharacter.Erase);
            Mark(ControlCharacter.Kill);
            Mark(ControlCharacter.EndOfFile);
            Mark(ControlCharacter.EndOfLine);
            if (Has(LocalFlags.Extended))
            {
                Mark(ControlCharacter.WordErase);
                Mark(ControlCharacter.LiteralNext);
                Mark(ControlCharacter.EndOfLine2);
                Mark(ControlCharacter.Reprint);
            }
        }
    }

    [BeforePublication]
    private void Mark(ControlCharacter character)
    {
        if (_characters[(int)character] != 0)
        {
            Mark(_characters[(int)character]);
        }
    }

    [BeforePublication]
    private void Mark(byte value) => _special[value >> 6] |= 1UL << (value & 63);
}
