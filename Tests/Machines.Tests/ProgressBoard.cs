using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;
using CosmosKernel.BootHarness;

namespace CosmosKernel.Machines.Tests;

/// <summary>
/// One line on the terminal that says what each running machine is doing and for how long. The test host's own output is
/// captured, so the line goes to the controlling terminal; without one there is no line.
/// </summary>
internal sealed class ProgressBoard
{
    private const int Width = 118;
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private readonly List<Entry> _entries = [];
    private readonly Stream? _terminal = OpenTerminal();
    private long _lastDrawn;

    /// <summary>Shows a machine until the entry is disposed.</summary>
    public Entry Add(string name)
    {
        Entry entry = new(this, name);
        lock (_lock)
        {
            _entries.Add(entry);
        }

        return entry;
    }

    private static FileStream? OpenTerminal()
    {
        try
        {
            return new FileStream("/dev/tty", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private void Draw(bool now)
    {
        lock (_lock)
        {
            if (_terminal is null || (!now && Environment.TickCount64 - _lastDrawn < s_interval.TotalMilliseconds))
            {
                return;
            }

            _lastDrawn = Environment.TickCount64;
            int room = Width / Math.Max(_entries.Count, 1);
            string line = string.Join(" | ", _entries.Select(entry => Cut($"{entry.Name} {entry.State}", room - 3)));
            _terminal.Write(Encoding.UTF8.GetBytes($"\r\e[2K{line}"));
        }
    }

    private static string Cut(string text, int length) => text.Length <= length ? text : text[..length];

    /// <summary>The line's part for one machine.</summary>
    internal sealed class Entry(ProgressBoard board, string name) : IBootObserver, IDisposable
    {
        /// <summary>The boot's name.</summary>
        public string Name => name;

        /// <summary>Where the boot is.</summary>
        public string State { get; private set; } = "";

        public void OnSerial(ReadOnlySpan<byte> bytes)
        {
        }

        public void OnProgress(BootProgress progress)
        {
            State = progress.ToString();
            board.Draw(now: false);
        }

        public void Dispose()
        {
            lock (board._lock)
            {
                board._entries.Remove(this);
            }

            board.Draw(now: true);
        }
    }
}
