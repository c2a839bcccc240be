using System;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Drivers.Ps2;

/// <summary>What a device answers to what it is sent: an acknowledgement of each byte, and then bytes of answer. Pure bookkeeping, not synchronized; allocates and throws nothing.</summary>
[Owned]
[NoAllocation]
internal sealed class CommandAnswers
{
    /// <summary>Most bytes of answer.</summary>
    public const int Most = 8;

    private const byte Acknowledge = 0xFA;
    private const byte Error = 0xFC;
    private const byte Resend = 0xFE;

    private readonly byte[] _answers = new byte[Most];
    private int _wanted;

    /// <summary>What the device said of the byte that was sent last.</summary>
    public Acknowledgement State { get; private set; }

    /// <summary>Bytes of answer that are there.</summary>
    public int Count { get; private set; }

    /// <summary>All bytes of answer are there.</summary>
    public bool IsComplete => Count >= _wanted;

    /// <summary>A command begins that has some bytes of answer, 0 to <see cref="Most"/>. They may come only once the command's last byte is acknowledged.</summary>
    public void Begin()
    {
        _wanted = 0;
        Count = 0;
        State = Acknowledgement.None;
    }

    /// <summary>A byte goes out, and its acknowledgement is expected.</summary>
    /// <param name="answers">Bytes of answer that follow it.</param>
    public void Sending(int answers)
    {
        State = Acknowledgement.Awaited;
        _wanted = answers;
    }

    /// <summary>The command is over: what comes from here on is no answer.</summary>
    public void End()
    {
        State = Acknowledgement.None;
        _wanted = 0;
    }

    /// <summary>Takes a byte from the device.</summary>
    /// <returns>False when it belongs to no answer: the device's own report.</returns>
    public bool Take(byte value)
    {
        if (State == Acknowledgement.Awaited)
        {
            switch (value)
            {
                case Acknowledge:
                    State = Acknowledgement.Given;
                    return true;
                case Resend:
                    State = Acknowledgement.Again;
                    return true;
                case Error:
                    State = Acknowledgement.Refused;
                    return true;
                default:
                    // Something that was on its way when the command came.
                    return false;
            }
        }

        if (State == Acknowledgement.Given && Count < _wanted)
        {
            _answers[Count++] = value;
            return true;
        }

        return false;
    }

    /// <summary>Copies the bytes of answer.</summary>
    public void CopyTo(Span<byte> answers) => _answers.AsSpan(0, Math.Min(Count, answers.Length)).CopyTo(answers);
}
