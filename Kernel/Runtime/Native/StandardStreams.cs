using System;
using System.Runtime;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Runtime.Services;

namespace CosmosKernel.Runtime.Native;

/// <summary>
/// File descriptors 0, 1 and 2, and their duplicates, which have numbers of their own: all name the console. The numbers between are those of files (<see cref="FileDescriptors"/>).
/// </summary>
internal static unsafe class StandardStreams
{
    public const int Input = 0;
    public const int Output = 1;
    public const int Error = 2;

    // A duplicate's number tells what it duplicates: the low two bits. CoreLib keeps each for as long as the program runs.
    private const int FirstDuplicate = 1 << 29;

    [Atomic]
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

    /// <summary>Reads from the console, as the terminal's settings say; -1 with EBADF if the descriptor is none for input.</summary>
    [MightSleep]
    public static int Read(nint descriptor, Span<byte> to)
    {
        if (Original(descriptor) != Input)
        {
            return Errno.Fail(Errno.BadDescriptor);
        }

        return ConsoleDevice.Instance is { } device && Terminal.WaitForInput(device) ? device.Read(to) : 0;
    }

    /// <summary>One more number for a descriptor of the console.</summary>
    public static nint Duplicate(nint descriptor) => FirstDuplicate + ((nint)Interlocked.Increment(ref s_duplicates) << 2) + Original(descriptor);

    [RuntimeExport("SystemNative_ReadStdin")]
    private static int ReadInput(byte* buffer, int count) => count < 0 ? Errno.Fail(Errno.Invalid) : Read(Input, new Span<byte>(buffer, count));

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

    // The console is ready or is asked again; files wait themselves, one alone without being asked again.
    [RuntimeExport("SystemNative_Poll")]
    [MightSleep]
    private static int Poll(PollEvent* events, uint count, int timeout, uint* triggered)
    {
        *triggered = 0;
        bool isFile = count == 1 && Original(events[0].Descriptor) < 0;
        long end = timeout < 0 ? long.MaxValue : Environment.TickCount64 + timeout;
        while (true)
        {
            for (uint i = 0; i < count; i++)
            {
                short found = Look(events[i].Descriptor, events[i].Wanted, isFile ? timeout : 0);
                events[i] = new PollEvent(events[i].Descriptor, events[i].Wanted, found);
                *triggered += found != 0 ? 1u : 0;
            }

            if (*triggered != 0 || isFile || Environment.TickCount64 >= end)
            {
                return 0;
            }

            Thread.Sleep(1);
        }
    }

    [MightSleep]
    private static short Look(int descriptor, short wanted, int timeout)
    {
        switch (Original(descriptor))
        {
            case Input:
                return (short)(InputReady() != 0 ? wanted & PollEvent.CanRead : 0);
            case Output or Error:
                return (short)(wanted & PollEvent.CanWrite);
            default:
                long found = FileDescriptors.Find(descriptor, out int number) is { } files ? files.Poll(number, wanted, timeout) : -1;
                return found < 0 ? PollEvent.InvalidDescriptor : (short)found;
        }
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
