using System;
using System.Text;
using System.Threading;
using CosmosKernel.Machine.Locking;
using IL2CPU.API.Attribs;
using SystemConsole = System.Console;

namespace Cosmos.System.Plugs;

/// <summary>
/// A Cosmos kernel sets the console's encoding to code page 437 or 858 to show their characters. Here the console understands UTF-8 and shows them as they are: the encoding is kept for who asks, and text goes on in UTF-8.
/// </summary>
[Plug("System.Console, System.Console")]
internal static class ConsolePlugs
{
    [Atomic]
    private static Encoding? s_output;

    [Atomic]
    private static Encoding? s_input;

    /// <summary>What was set last, or UTF-8.</summary>
    public static Encoding get_OutputEncoding() => Volatile.Read(ref s_output) ?? Encoding.Default;

    /// <summary>Keeps an encoding.</summary>
    public static void set_OutputEncoding(Encoding value)
    {
        ArgumentNullException.ThrowIfNull(value);

        // Writers take the encoding of when they are made.
        _ = SystemConsole.Out;
        _ = SystemConsole.Error;
        Volatile.Write(ref s_output, value);
    }

    /// <summary>What was set last, or UTF-8.</summary>
    public static Encoding get_InputEncoding() => Volatile.Read(ref s_input) ?? Encoding.Default;

    /// <summary>Keeps an encoding.</summary>
    public static void set_InputEncoding(Encoding value)
    {
        ArgumentNullException.ThrowIfNull(value);
        _ = SystemConsole.In;
        Volatile.Write(ref s_input, value);
    }
}
