using CosmosKernel.Abi.Terminals;

namespace CosmosKernel.Files.Terminals;

/// <summary>
/// When a read without lines ends: the four cases of MIN and TIME (termios(3), "Canonical and noncanonical mode").
/// </summary>
public readonly struct RawReadRule
{
    private const ulong Tenth = 100_000_000;

    private readonly byte _minimum;
    private readonly byte _time;

    /// <summary>The rule of these settings.</summary>
    public RawReadRule(TerminalSettings settings)
    {
        _minimum = settings[ControlCharacter.Minimum];
        _time = settings[ControlCharacter.Time];
    }

    /// <summary>The read ends with what it has: enough bytes for MIN, or any when only TIME counts.</summary>
    /// <param name="taken">Bytes read so far.</param>
    public bool IsDone(int taken) => _minimum == 0 ? taken > 0 || _time == 0 : taken >= _minimum;

    /// <summary>Bytes that must be there before <c>poll</c> says that a read does not wait.</summary>
    public int PollThreshold => _time == 0 && _minimum > 0 ? _minimum : 1;

    /// <summary>How long the next byte may take, in nanoseconds; <see cref="ulong.MaxValue"/> is for ever. Asked only while <see cref="IsDone"/> is false.</summary>
    /// <param name="taken">Bytes read so far.</param>
    public ulong Patience(int taken) => _time > 0 && (_minimum == 0 || taken > 0) ? _time * Tenth : ulong.MaxValue;
}
