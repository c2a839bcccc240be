using System.Runtime.InteropServices;
using CosmosKernel.Runtime.Services;

namespace CosmosKernel.Runtime.Native;

/// <summary>CoreLib's <c>Interop.Sys.FileStatus</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeFileStatus
{
    private const int HasBirthTime = 1;
    private const long NanosecondsPerSecond = 1_000_000_000;

    public int Flags;
    public int Mode;
    public uint UserId;
    public uint GroupId;
    public long Size;
    public long AccessSeconds;
    public long AccessNanoseconds;
    public long ModifySeconds;
    public long ModifyNanoseconds;
    public long ChangeSeconds;
    public long ChangeNanoseconds;
    public long BirthSeconds;
    public long BirthNanoseconds;
    public long Device;
    public long RealDevice;
    public long Number;
    public uint UserFlags;

    /// <summary>The same in CoreLib's form.</summary>
    public static NativeFileStatus Of(in RuntimeFileStatus from)
    {
        var to = new NativeFileStatus
        {
            Flags = from.BirthTime != 0 ? HasBirthTime : 0,
            Mode = (int)from.Mode,
            UserId = from.UserId,
            GroupId = from.GroupId,
            Size = from.Size,
            Device = (long)from.Device,
            RealDevice = (long)from.RealDevice,
            Number = (long)from.Number,
        };
        Split(from.AccessTime, out to.AccessSeconds, out to.AccessNanoseconds);
        Split(from.ModifyTime, out to.ModifySeconds, out to.ModifyNanoseconds);
        Split(from.ChangeTime, out to.ChangeSeconds, out to.ChangeNanoseconds);
        Split(from.BirthTime, out to.BirthSeconds, out to.BirthNanoseconds);
        return to;
    }

    // Times before 1970 have negative seconds and positive nanoseconds.
    private static void Split(long time, out long seconds, out long nanoseconds)
    {
        seconds = time / NanosecondsPerSecond;
        nanoseconds = time % NanosecondsPerSecond;
        if (nanoseconds < 0)
        {
            seconds--;
            nanoseconds += NanosecondsPerSecond;
        }
    }
}
