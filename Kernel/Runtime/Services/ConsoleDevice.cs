using System;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Runtime.Services;

/// <summary>
/// Where <c>System.Console</c> goes. The console layer puts an instance into <see cref="Instance"/>; before, output goes to the early
/// console and input is at its end.
/// </summary>
public abstract class ConsoleDevice
{
    /// <summary>The console; null until there is one. Written once.</summary>
    [Atomic]
    public static ConsoleDevice? Instance { get; set; }

    /// <summary>Writes UTF-8 text, all of it. Task context.</summary>
    public abstract void Write(ReadOnlySpan<byte> text);

    /// <summary>Reads what has been typed, sleeping until there is something. Task context.</summary>
    /// <returns>Bytes read; 0 at the end of input.</returns>
    public abstract int Read(Span<byte> buffer);

    /// <summary>Whether <see cref="Read"/> would return at once.</summary>
    public abstract bool HasInput { get; }

    /// <summary>Raw input: bytes are handed over as they are typed, without echo or line editing. <c>System.Console</c> sets it while it reads keys and lines itself.</summary>
    public abstract bool Raw { get; set; }

    /// <summary>Size of the screen in characters; 0 if it is not known.</summary>
    public abstract (ushort Columns, ushort Rows) Size { get; }

    internal static void WriteOrEarly(ReadOnlySpan<byte> text)
    {
        if (Instance is { } device)
        {
            device.Write(text);
        }
        else
        {
            EarlyConsole.Write(text);
        }
    }
}
