using System;
using System.Linq;
using System.Text;
using CosmosKernel.Abi.Terminals;
using CosmosKernel.Drivers.Serial;
using CosmosKernel.Drivers.SerialTerminals;
using CosmosKernel.Files.Terminals;
using Xunit;

namespace CosmosKernel.Drivers.Tests;

/// <summary>A serial line over a 16550 that moves when the test says so.</summary>
public sealed class SerialLineTests
{
    private const byte Dtr = 0x01;
    private const byte Rts = 0x02;
    private const byte Cts = 0x10;
    private const byte TransmitInterrupt = 0x02;
    private const byte Stop = 0x13;
    private const byte Start = 0x11;

    private static readonly TerminalSettings s_hardwareFlow = WithControl(ControlFlags.HardwareFlow);

    private readonly SimulatedUart _device = new();
    private readonly UartLine _line;

    public SerialLineTests()
    {
        _line = new UartLine(new Uart(_device));
        _line.Open(TerminalSettings.Serial);
    }

    private string Sent => Encoding.Latin1.GetString(_device.Sent.ToArray());

    [Fact]
    public void EverythingIsSentInOrder()
    {
        string text = string.Concat(Enumerable.Range(0, 1000).Select(i => (char)('a' + (i % 26))));
        Send(text);
        Run();
        Assert.Equal(text, Sent);
        Assert.Equal(0, _device.Lost);
        Assert.True(_line.HasSentAll);
        Assert.Equal(1000, _line.Counts.Sent);
    }

    [Fact]
    public void AStoppedLineKeepsItsRing()
    {
        Send(new string('x', 100));
        _line.SetStopped(true);
        Run();

        // What was in the FIFO has left.
        Assert.Equal(16, Sent.Length);
        Assert.Equal(84, _line.Unsent);
        Assert.False(_line.HasSentAll);
        Assert.Equal(0, _device.InterruptEnable & TransmitInterrupt);

        Send("y");
        Run();
        Assert.Equal(16, Sent.Length);

        _line.SetStopped(false);
        Run();
        Assert.Equal(new string('x', 100) + "y", Sent);
    }

    [Fact]
    public void AFlowCharacterGoesBeforeTheRing()
    {
        Send(new string('x', 4096 + 16));
        Assert.Equal(0, _line.Room);
        _line.SendUrgently(Stop);
        Assert.NotEqual(0, _device.InterruptEnable & TransmitInterrupt);
        _device.Shift();
        _line.Service();
        _device.Shift();
        Assert.Equal(Stop, _device.Sent[16]);
        Assert.Equal(32, _device.Sent.Count);
        Run();
        Assert.Equal(4096 + 17, _device.Sent.Count);
        Assert.Equal(0, _device.Lost);
    }

    [Fact]
    public void AFlowCharacterGoesWhileTheLineIsStopped()
    {
        Send(new string('x', 100));
        _line.SetStopped(true);
        Run();
        _line.SendUrgently(Stop);
        Run();
        Assert.Equal(new string('x', 16) + (char)Stop, Sent);
    }

    [Fact]
    public void AFlowCharacterGoesWhileCtsIsLow()
    {
        _line.Configure(s_hardwareFlow);
        Send("held");
        _line.SendUrgently(Start);
        Run();
        Assert.Equal(((char)Start).ToString(), Sent);
        _device.Lines = Cts;
        Run();
        Assert.Equal((char)Start + "held", Sent);
    }

    [Fact]
    public void TheLastFlowCharacterCounts()
    {
        Send(new string('x', 16));
        _line.SendUrgently(Stop);
        _line.SendUrgently(Start);
        Assert.False(_line.HasSentAll);
        Run();
        Assert.Equal(new string('x', 16) + (char)Start, Sent);
    }

    [Fact]
    public void TheSpeedZeroDropsTheLinesAndTheNextSpeedRaisesThem()
    {
        Assert.Equal(Dtr | Rts, _device.ModemControl & (Dtr | Rts));
        _line.Configure(TerminalSettings.Serial.WithSpeed(0));
        Assert.Equal(0, _device.ModemControl & (Dtr | Rts));
        _line.Configure(TerminalSettings.Serial);
        Assert.Equal(Dtr | Rts, _device.ModemControl & (Dtr | Rts));
    }

    [Fact]
    public void WhileTheSpeedIsZeroAProgramMaySetTheLines()
    {
        TerminalSettings none = TerminalSettings.Serial.WithSpeed(0);
        _line.Configure(none);
        _line.SetLines(0, ModemLines.DataTerminalReady);
        _line.Configure(none.With(InputFlags.IgnoreBreak));
        Assert.Equal(Dtr, _device.ModemControl & (Dtr | Rts));
    }

    [Fact]
    public void LinesThatAProgramDroppedStayDown()
    {
        _line.SetLines(ModemLines.DataTerminalReady, 0);
        _line.Configure(TerminalSettings.Serial.WithSpeed(ControlFlags.Baud115200));
        Assert.Equal(Rts, _device.ModemControl & (Dtr | Rts));
    }

    [Fact]
    public void ALineThatIsClosedRaisesNothing()
    {
        _line.Configure(TerminalSettings.Serial.WithSpeed(0));
        _line.Close(hangUp: true);
        _line.Configure(TerminalSettings.Serial);
        Assert.Equal(0, _device.ModemControl & (Dtr | Rts));
    }

    [Fact]
    public void ALineThatIsOpenedWithoutASpeedRaisesNothingUntilItHasOne()
    {
        _line.Close(hangUp: true);
        _line.Open(TerminalSettings.Serial.WithSpeed(0));
        Assert.Equal(0, _device.ModemControl & (Dtr | Rts));
        _line.Configure(TerminalSettings.Serial);
        Assert.Equal(Dtr | Rts, _device.ModemControl & (Dtr | Rts));
    }

    [Fact]
    public void ErrorsAreToldWithTheirBytes()
    {
        _device.Arrive((byte)'a');
        _device.Arrive(0, 0x18);
        _device.Arrive((byte)'p', 0x04);
        _device.Arrive((byte)'f', 0x08);
        _device.Arrive((byte)'b', 0x02);
        _line.Service();
        byte[] bytes = new byte[8];
        InputMark[] marks = new InputMark[8];
        Assert.Equal(5, _line.Take(bytes, marks));
        Assert.Equal("a\0pfb", Encoding.Latin1.GetString(bytes, 0, 5));
        Assert.Equal([InputMark.None, InputMark.Break, InputMark.Parity, InputMark.Frame, InputMark.None], marks.Take(5));
        LineCounts counts = _line.Counts;
        Assert.Equal((5, 1, 1, 1, 1), (counts.Received, counts.Breaks, counts.Parity, counts.Frames, counts.Overruns));
    }

    [Fact]
    public void MarksStayWithTheirBytesWhenTheRingIsFull()
    {
        for (int i = 0; i < 5000; i++)
        {
            _device.Arrive((byte)i, i % 7 == 0 ? (byte)0x04 : (byte)0);
        }

        for (int i = 0; i < 100; i++)
        {
            _line.Service();
        }

        byte[] bytes = new byte[5000];
        InputMark[] marks = new InputMark[5000];
        Assert.Equal(4096, _line.Take(bytes, marks));
        Assert.Equal(904, _line.Counts.BufferOverruns);
        for (int i = 0; i < 4096; i++)
        {
            Assert.Equal((byte)i, bytes[i]);
            Assert.Equal(i % 7 == 0 ? InputMark.Parity : InputMark.None, marks[i]);
        }
    }

    [Fact]
    public void RtsFallsBeforeTheRingIsFullAndRisesWhenItIsRead()
    {
        _line.Configure(s_hardwareFlow);
        for (int i = 0; i < 3200; i++)
        {
            _device.Arrive((byte)i);
        }

        for (int i = 0; i < 50; i++)
        {
            _line.Service();
        }

        Assert.Equal(Dtr, _device.ModemControl & (Dtr | Rts));
        _line.Take(new byte[3000], new InputMark[3000]);
        Assert.Equal(Dtr | Rts, _device.ModemControl & (Dtr | Rts));
        Assert.Equal(0, _line.Counts.BufferOverruns);
    }

    [Fact]
    public void WithoutCreadNothingIsReceived()
    {
        _line.Configure(Without(ControlFlags.Receive));
        _device.Arrive((byte)'a');
        _line.Service();
        Assert.Equal(0, _line.Take(new byte[1], new InputMark[1]));
    }

    [Fact]
    public void AClosedLineForgetsThatItWasStopped()
    {
        _line.SetStopped(true);
        Send("old");
        _line.SendUrgently(Stop);
        _line.Close(hangUp: false);
        _device.Shift();
        _device.Sent.Clear();
        _line.Open(TerminalSettings.Serial);
        Send("new");
        Run();
        Assert.Equal("new", Sent);
    }

    // Lets the line go until nothing moves any more.
    private void Run()
    {
        int before;
        do
        {
            before = _device.Sent.Count;
            _device.Shift();
            _line.Service();
        }
        while (_device.InTransmitter > 0 || _device.Sent.Count > before);
    }

    // As a writer does: as much as there is room for.
    private void Send(string text)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(text);
        int done = 0;
        while (done < bytes.Length && _line.Room > 0)
        {
            int count = Math.Min(_line.Room, bytes.Length - done);
            _line.Send(bytes.AsSpan(done, count));
            done += count;
        }

        Assert.Equal(bytes.Length, done);
    }

    private static TerminalSettings WithControl(ControlFlags flags)
    {
        byte[] bytes = new byte[TerminalSettings.Size];
        TerminalSettings.Serial.Write(bytes);
        BitConverter.TryWriteBytes(bytes.AsSpan(8), BitConverter.ToUInt32(bytes, 8) | (uint)flags);
        return TerminalSettings.Parse(bytes);
    }

    private static TerminalSettings Without(ControlFlags flags)
    {
        byte[] bytes = new byte[TerminalSettings.Size];
        TerminalSettings.Serial.Write(bytes);
        BitConverter.TryWriteBytes(bytes.AsSpan(8), BitConverter.ToUInt32(bytes, 8) & ~(uint)flags);
        return TerminalSettings.Parse(bytes);
    }
}
