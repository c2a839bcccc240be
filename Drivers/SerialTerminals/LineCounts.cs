using System;
using System.Buffers.Binary;

namespace CosmosKernel.Drivers.SerialTerminals;

/// <summary>What has happened on a line (TIOCGICOUNT).</summary>
internal struct LineCounts
{
    /// <summary>Bytes of struct serial_icounter_struct.</summary>
    public const int Bytes = 80;

    /// <summary>Changes of CTS.</summary>
    public int ClearToSend;

    /// <summary>Changes of DSR.</summary>
    public int DataSetReady;

    /// <summary>Times that it rang.</summary>
    public int Rings;

    /// <summary>Changes of the carrier.</summary>
    public int Carrier;

    /// <summary>Bytes received, breaks included.</summary>
    public int Received;

    /// <summary>Bytes sent.</summary>
    public int Sent;

    /// <summary>Bytes whose frame was wrong.</summary>
    public int Frames;

    /// <summary>Bytes that the device lost.</summary>
    public int Overruns;

    /// <summary>Bytes whose parity was wrong.</summary>
    public int Parity;

    /// <summary>Breaks.</summary>
    public int Breaks;

    /// <summary>Bytes for which there was no room here.</summary>
    public int BufferOverruns;

    /// <summary>Lines of TIOCMIWAIT that have changed since an older count.</summary>
    public readonly ModemLines ChangedSince(in LineCounts before) =>
        (ClearToSend != before.ClearToSend ? ModemLines.ClearToSend : 0)
        | (DataSetReady != before.DataSetReady ? ModemLines.DataSetReady : 0)
        | (Rings != before.Rings ? ModemLines.Ring : 0)
        | (Carrier != before.Carrier ? ModemLines.Carrier : 0);

    /// <summary>Writes the structure.</summary>
    /// <param name="to"><see cref="Bytes"/> bytes.</param>
    public readonly void Write(Span<byte> to)
    {
        to.Clear();
        Span<int> numbers = [ClearToSend, DataSetReady, Rings, Carrier, Received, Sent, Frames, Overruns, Parity, Breaks, BufferOverruns];
        for (int i = 0; i < numbers.Length; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(to[(4 * i)..], numbers[i]);
        }
    }
}
