using System;
using System.Runtime;
using System.Threading;
using CosmosKernel.Runtime.Services;

namespace CosmosKernel.Runtime.Native;

/// <summary>
/// File descriptors 0, 1 and 2, and their duplicates, which have numbers of their own: all name the console. No other descriptor exists.
/// </summary>
internal static unsafe class StandardStreams
{
    public const int Input = 0;
    public const int Output = 1;
    public const int Error = 2;

    // A duplicate's number tells what it duplicates: the low two bits. CoreLib keeps each for as long as the program runs.
    private const int FirstDuplicate = 64;

    private static int s_duplicates;

    /// <summary>Writes UTF-8 text to the console, whatever the descriptor; -1 with EBADF if it is none for output.</summary>
    public static int Write(nint descriptor, ReadOnlySpan<byte> text)
    {
        if (Original(descriptor) is not (Output or Error))
        {
            return Errno.Fail(Errno.BadDescriptor);
        }

        ConsoleDevice.WriteOrEarly(text);
        return text.Length;
    }

    /// <summary>0 to 2 for a descriptor of the console, else -1.</summary>
    public static int Original(nint descriptor)
    {
        if (descriptor is >= Input and <= Error)
        {
            return (int)descriptor;
        }

        int original = (int)descriptor & 3;
        return descriptor >= FirstDuplicate && original <= Error ? original : -1;
    }

    [RuntimeExport("SystemNative_Write")]
    private static int Write(nint descriptor, byte* buffer, int count) =>
        count < 0 ? Errno.Fail(Errno.Invalid) : Write(descriptor, new ReadOnlySpan<byte>(buffer, count));

    [RuntimeExport("SystemNative_Read")]
    private static int Read(nint descriptor, byte* buffer, int count)
    {
        if (Original(descriptor) != Input)
        {
            return Errno.Fail(Errno.BadDescriptor);
        }

        if (count < 0)
        {
            return Errno.Fail(Errno.Invalid);
        }

        return ConsoleDevice.Instance is { } device && Terminal.WaitForInput(device) ? device.Read(new Span<byte>(buffer, count)) : 0;
    }

    [RuntimeExport("SystemNative_ReadStdin")]
    private static int ReadInput(byte* buffer, int count) => Read(Input, buffer, count);

    // Whether a key was typed, so it asks in raw mode. CoreLib holds its input lock around the call.
    [RuntimeExport("SystemNative_StdinReady")]
    private static int KeyReady()
    {
        if (ConsoleDevice.Instance is not { } device)
        {
            return 0;
        }

        device.Raw = true;
        int ready = InputReady();
        device.Raw = false;
        return ready;
    }

    private static int InputReady() => ConsoleDevice.Instance is { HasInput: true } ? 1 : 0;

    [RuntimeExport("SystemNative_Dup")]
    private static nint Duplicate(nint descriptor)
    {
        int original = Original(descriptor);
        return original < 0 ? Errno.Fail(Errno.BadDescriptor) : FirstDuplicate + ((nint)Interlocked.Increment(ref s_duplicates) << 2) + original;
    }

    [RuntimeExport("SystemNative_Close")]
    private static int Close(nint descriptor) =>
        Original(descriptor) < 0 && !FileSystem.IsFile(descriptor) ? Errno.Fail(Errno.BadDescriptor) : 0;

    [RuntimeExport("SystemNative_IsATty")]
    private static int IsTerminal(nint descriptor)
    {
        if (Original(descriptor) < 0)
        {
            Errno.Current = Errno.BadDescriptor;
            return 0;
        }

        return 1;
    }

    // Console uses it to wait for a descriptor that was not ready; the console always is.
    [RuntimeExport("SystemNative_Poll")]
    private static int Poll(PollEvent* events, uint count, int timeout, uint* triggered)
    {
        *triggered = 0;
        for (uint i = 0; i < count; i++)
        {
            int original = Original(events[i].Descriptor);
            short wanted = events[i].Wanted;
            short found = original switch
            {
                < 0 => PollEvent.InvalidDescriptor,
                Input => (short)(InputReady() != 0 ? wanted & PollEvent.CanRead : 0),
                _ => (short)(wanted & PollEvent.CanWrite),
            };
            events[i] = new PollEvent(events[i].Descriptor, wanted, found);
            *triggered += found != 0 ? 1u : 0;
        }

        return 0;
    }

    [RuntimeExport("SystemNative_Log")]
    private static void Log(byte* buffer, int count) => ConsoleDevice.WriteOrEarly(new ReadOnlySpan<byte>(buffer, count));

    [RuntimeExport("SystemNative_LogError")]
    private static void LogError(byte* buffer, int count) => ConsoleDevice.WriteOrEarly(new ReadOnlySpan<byte>(buffer, count));

    [RuntimeExport("SystemNative_SysLog")]
    private static void SystemLog(int priority, byte* message, byte* argument)
    {
        ConsoleDevice.WriteOrEarly(CString.AsSpan(argument));
        ConsoleDevice.WriteOrEarly("\n"u8);
    }

    // Descriptor, wanted events, events that are there: as poll(2) has them.
    private readonly struct PollEvent(int descriptor, short wanted, short triggered)
    {
        public const short CanRead = 1;
        public const short CanWrite = 4;
        public const short InvalidDescriptor = 32;

        public readonly int Descriptor = descriptor;
        public readonly short Wanted = wanted;
        public readonly short Triggered = triggered;
    }
}
