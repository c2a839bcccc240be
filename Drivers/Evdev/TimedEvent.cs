using System;
using System.Buffers.Binary;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Input;

namespace CosmosKernel.Drivers.Evdev;

/// <summary>An event with its time.</summary>
/// <param name="Time">Nanoseconds on the reader's clock.</param>
/// <param name="Event">What happened.</param>
internal readonly record struct TimedEvent(long Time, InputEvent Event)
{
    /// <summary>Bytes of <c>struct input_event</c>: two 64-bit numbers of time, two 16-bit numbers, and one of 32 bits (include/uapi/linux/input.h).</summary>
    public const int Bytes = 24;

    private const long NanosecondsPerSecond = 1_000_000_000;
    private const long NanosecondsPerMicrosecond = 1_000;

    /// <summary>Writes <c>struct input_event</c>.</summary>
    /// <param name="to">Room for <see cref="Bytes"/>.</param>
    [NoAllocation]
    public void WriteTo(Span<byte> to)
    {
        BinaryPrimitives.WriteInt64LittleEndian(to, Time / NanosecondsPerSecond);
        BinaryPrimitives.WriteInt64LittleEndian(to[8..], Time % NanosecondsPerSecond / NanosecondsPerMicrosecond);
        BinaryPrimitives.WriteUInt16LittleEndian(to[16..], Event.Type);
        BinaryPrimitives.WriteUInt16LittleEndian(to[18..], Event.Code);
        BinaryPrimitives.WriteInt32LittleEndian(to[20..], Event.Value);
    }

    /// <summary>Reads the event of a <c>struct input_event</c>; its time means nothing when it is written.</summary>
    /// <param name="from"><see cref="Bytes"/>.</param>
    [NoAllocation]
    public static InputEvent ReadFrom(ReadOnlySpan<byte> from) =>
        new(BinaryPrimitives.ReadUInt16LittleEndian(from[16..]), BinaryPrimitives.ReadUInt16LittleEndian(from[18..]), BinaryPrimitives.ReadInt32LittleEndian(from[20..]));
}
