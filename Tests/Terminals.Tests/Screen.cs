using System;
using System.Collections.Generic;
using System.Text;
using CosmosKernel.Abi.Terminals;
using CosmosKernel.Files.Terminals;

namespace CosmosKernel.Terminals.Tests;

/// <summary>A line discipline with a device that keeps what it is sent.</summary>
internal sealed class Screen : TerminalPort
{
    private readonly List<byte> _shown = [];

    public Screen(TerminalSettings? settings = null)
    {
        Discipline = new LineDiscipline(this, settings ?? TerminalSettings.Default);
    }

    public LineDiscipline Discipline { get; }

    public int Free { get; set; } = int.MaxValue;

    public List<bool> FlowChanges { get; } = [];

    public int Discards { get; private set; }

    public int InputFlushes { get; private set; }

    public override int Room => Free;

    public override int Waiting => 0;

    /// <summary>What was sent since the last time; bytes above 127 as in Latin-1.</summary>
    public string Shown
    {
        get
        {
            string text = Encoding.Latin1.GetString(_shown.ToArray());
            _shown.Clear();
            return text;
        }
    }

    public override void Put(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > Free)
        {
            throw new InvalidOperationException("More bytes than there is room for.");
        }

        Free = Free == int.MaxValue ? Free : Free - bytes.Length;
        _shown.AddRange(bytes);
    }

    public override void Discard() => Discards++;

    public override void FlowChanged(bool isStopped) => FlowChanges.Add(isStopped);

    public override void InputFlushed() => InputFlushes++;

    /// <summary>Types Latin-1 text, all of which must be taken.</summary>
    public Screen Type(string text)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(text);
        if (Discipline.Receive(bytes) is var taken && taken != bytes.Length)
        {
            throw new InvalidOperationException($"{taken} of {bytes.Length} bytes were taken.");
        }

        return this;
    }

    /// <summary>One read of up to so many bytes.</summary>
    public string Read(int bytes = 4096)
    {
        byte[] buffer = new byte[bytes];
        int count = Discipline.Read(buffer, out _);
        return Encoding.Latin1.GetString(buffer, 0, count);
    }

    public string Write(string text)
    {
        Discipline.Write(Encoding.Latin1.GetBytes(text));
        return Shown;
    }

    public static TerminalSettings With(LocalFlags local) => TerminalSettings.Default.With(local: local);

    public static TerminalSettings Plus(LocalFlags more = 0, LocalFlags less = 0, InputFlags input = 0, OutputFlags output = 0) =>
        TerminalSettings.Default.With(TerminalSettings.Default.Input | input, TerminalSettings.Default.Output | output, (TerminalSettings.Default.Local | more) & ~less);

    /// <summary>Without lines, echo and signals; MIN 1, TIME 0.</summary>
    public static TerminalSettings Raw { get; } = TerminalSettings.Default.With(InputFlags.None, OutputFlags.None, LocalFlags.None);
}
