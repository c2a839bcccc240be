using System;
using System.Text;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Modules.Log;
using CosmosKernel.Modules.Testing;

namespace CosmosKernel.Tests.Terminals;

/// <summary>Device files by their numbers.</summary>
public static class DeviceFileTests
{
    private const uint Memory = 1;

    /// <summary>/dev/null takes everything and gives nothing.</summary>
    [KernelTest("file.dev_null_takes_everything")]
    public static void Null()
    {
        OpenFile file = Devices.Open(Memory, 3);
        Devices.Write(file, "anything");
        Check.Equal("", Devices.Read(file));
        file.Release();
    }

    /// <summary>/dev/zero gives zeros, in any amount.</summary>
    [KernelTest("file.dev_zero_gives_zeros")]
    public static void Zero()
    {
        OpenFile file = Devices.Open(Memory, 5);
        byte[] bytes = new byte[100_001];
        bytes.AsSpan().Fill(7);
        Check.Equal(bytes.LongLength, Devices.Read(file, bytes, out _));
        Check.True(bytes.AsSpan().IndexOfAnyExcept((byte)0) < 0, "not all bytes are zero");
        Devices.Write(file, "taken");
        file.Release();
    }

    /// <summary>/dev/full gives zeros and has no room.</summary>
    [KernelTest("file.dev_full_has_no_room")]
    public static void Full()
    {
        OpenFile file = Devices.Open(Memory, 7);
        Check.Equal("\0\0", Devices.Read(file, 2));
        var source = new DataSource("x"u8);
        Check.Equal(-(long)Errno.ENOSPC, file.Write(ref source, OpenFile.AtPosition));
        file.Release();
    }

    /// <summary>/dev/urandom does not repeat itself.</summary>
    [KernelTest("file.dev_urandom_gives_other_bytes_each_time")]
    public static void Random()
    {
        OpenFile file = Devices.Open(Memory, 9);
        Check.True(Devices.Read(file, 32) != Devices.Read(file, 32), "32 random bytes came twice");
        file.Release();
    }

    /// <summary>What is written to /dev/kmsg is a line of the kernel log, and is read as a record.</summary>
    [KernelTest("file.dev_kmsg_writes_and_reads_the_log")]
    public static void Log()
    {
        OpenFile file = Devices.Open(Memory, 11, OpenFlags.ReadWrite | OpenFlags.NonBlocking);
        Check.Equal(0L, file.Seek(0, 2), "seek to the end");
        Check.Equal(-(long)Errno.EAGAIN, Devices.Read(file, new byte[512], out _));
        Devices.Write(file, "<7>a line of the test\n");
        string record = Devices.Read(file, 512);
        Check.True(record.StartsWith("7,", StringComparison.Ordinal) && record.EndsWith(",-;a line of the test\n", StringComparison.Ordinal), record);
        Check.True(Array.Exists(KernelLog.Lines, line => line.Text == "a line of the test" && line.Level == LogLevel.Debug), "the log has no such line");
        file.Release();
    }

    /// <summary>A number that nobody has is ENXIO.</summary>
    [KernelTest("file.device_numbers_that_nobody_has_are_enxio")]
    public static void Unknown()
    {
        Check.Equal(Errno.ENXIO, Devices.TryOpen(200, 1, OpenFlags.ReadWrite, out _));
        Check.Equal(Errno.ENXIO, Devices.TryOpen(Memory, 2, OpenFlags.ReadWrite, out _));
        Check.Equal(Errno.EIO, Devices.TryOpen(136, 4000, OpenFlags.ReadWrite, out _));
    }
}
