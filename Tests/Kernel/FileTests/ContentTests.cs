using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Locks;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Pipes;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Testing;

namespace CosmosKernel.Tests.Files;

/// <summary>Contents of files and pipes, descriptors and locks.</summary>
public static class ContentTests
{
    /// <summary>Holes cost nothing, read as zeros, and are found by lseek(2).</summary>
    [MightSleep]
    [KernelTest("file.a_sparse_file_has_only_the_pages_that_were_written")]
    public static void Sparse()
    {
        var tree = new TestTree();
        Check.Equal(Errno.Ok, tree.Open("/f", OpenFlags.Create | OpenFlags.ReadWrite, out OpenFile? file));
        Check.Equal(1L, Write(file!, "x"u8, 1 << 30));
        Check.Equal(1L, tree.FileSystem.Pages);
        Check.Equal((1L << 30) + 1, file!.Inode.Size);
        byte[] buffer = new byte[8];
        buffer.AsSpan().Fill(9);
        Check.Equal(8L, Read(file, buffer, 4096));
        Check.True(!buffer.AsSpan().ContainsAnyExcept((byte)0));
        Check.Equal(1L << 30, file.Seek(0, 3));
        Check.Equal(0L, file.Seek(0, 4));
        Check.Equal((1L << 30) + 1, file.Seek(1 << 30, 4));
        Check.Equal(-(long)Errno.ENXIO, file.Seek((1 << 30) + 1, 3));

        // What is cut off does not come back.
        Check.Equal(Errno.Ok, file.Truncate(1 << 30));
        Check.Equal(Errno.Ok, file.Truncate((1 << 30) + 1));
        Check.Equal(1L, Read(file, buffer.AsSpan(0, 1), 1 << 30));
        Check.Equal((byte)0, buffer[0]);
        Check.Equal(3L, Write(file, "abc"u8, 4095));
        Check.Equal(2L, tree.FileSystem.Pages);
        Check.Equal(Errno.Ok, file.Truncate(4096));
        Check.Equal(1L, tree.FileSystem.Pages);
        Check.Equal(Errno.Ok, file.Truncate(8192));
        Check.Equal(3L, Read(file, buffer.AsSpan(0, 3), 4095));
        Check.Equal((byte)'a', buffer[0]);
        Check.Equal((byte)0, buffer[1]);
        Check.Equal(Errno.Ok, file.Allocate(3, 0, 4096));
        Check.Equal(0L, tree.FileSystem.Pages);
        Check.Equal(Errno.Ok, tree.Unlink("/f"));
        file.Release();
        Check.Equal(1L, tree.Inodes);
    }

    /// <summary>A limit is kept, and what did not fit leaves nothing.</summary>
    [MightSleep]
    [KernelTest("file.a_full_tmpfs_says_so_and_takes_no_more")]
    public static void Full()
    {
        var tree = new TestTree();
        Check.Equal(Errno.Ok, tree.FileSystem.Remount("size=8k"));
        Check.Equal(Errno.Ok, tree.Open("/f", OpenFlags.Create | OpenFlags.ReadWrite, out OpenFile? file));
        Check.Equal(8192L, Write(file!, new byte[3 * 4096], 0));
        Check.Equal(-(long)Errno.ENOSPC, Write(file!, "x"u8, 8192));
        Check.Equal(Errno.ENOSPC, file!.Allocate(0, 0, 3 * 4096));
        Check.Equal(8192L, file.Inode.Size);
        Check.Equal(2L, tree.FileSystem.Pages);
        Check.Equal(Errno.EINVAL, tree.FileSystem.Remount("size=4k"));
        Check.Equal(Errno.EINVAL, tree.FileSystem.Remount("colour=red"));
        file.Release();
    }

    /// <summary>The lowest number first; reserved ones are taken; a copy has the same files.</summary>
    [MightSleep]
    [KernelTest("file.descriptors_are_the_lowest_that_are_free")]
    public static void Descriptors()
    {
        var tree = new TestTree();
        tree.MakeFile("/f");
        var table = new FileTable();
        for (int i = 0; i < 200; i++)
        {
            Check.Equal(Errno.Ok, tree.Open("/f", OpenFlags.ReadOnly, out OpenFile? file));
            Check.Equal((long)i, table.Add(file!, closeOnExec: i % 2 == 1));
        }

        Check.Equal(Errno.Ok, table.Close(70));
        Check.Equal(Errno.Ok, table.Close(7));
        Check.Equal(Errno.EBADF, table.Close(7));
        Check.Equal(Errno.Ok, table.Reserve(out int reserved));
        Check.Equal(7, reserved);
        Check.Equal(Errno.EBADF, table.TryGet(7, out _));
        Check.Equal(Errno.Ok, table.Reserve(out int second));
        Check.Equal(70, second);
        Check.Equal(Errno.Ok, table.Reserve(out int third, from: 1000));
        Check.Equal(1000, third);
        Check.Equal(Errno.Ok, table.TryGet(8, out OpenFile? eight));
        Check.Equal(-(long)Errno.EBUSY, table.Replace(7, eight!, closeOnExec: false));
        FileTable copy = table.Clone();
        Check.Equal(Errno.Ok, copy.Reserve(out int inCopy));
        Check.Equal(7, inCopy);
        table.CloseForExec();
        Check.Equal(Errno.EBADF, table.Close(9));
        Check.Equal(Errno.Ok, copy.Close(9));
        copy.CloseRange(0, uint.MaxValue);
        table.CloseRange(0, uint.MaxValue);
        Check.Equal(-1, table.Next(0));
        Check.Equal(Errno.Ok, tree.Unlink("/f"));
        Check.Equal(1L, tree.Inodes);
    }

    /// <summary>Room, packets, both ends' closing.</summary>
    [MightSleep]
    [KernelTest("file.a_pipe_keeps_order_atomicity_and_packets")]
    public static void PipeRules()
    {
        Pipes.Create(Credentials.Root, OpenFlags.NonBlocking, out OpenFile reader, out OpenFile writer);
        byte[] buffer = new byte[70_000];
        Check.Equal(-(long)Errno.EAGAIN, Read(reader, buffer, OpenFile.AtPosition));
        Check.Equal(65_536L, Write(writer, buffer, OpenFile.AtPosition));
        Check.Equal(-(long)Errno.EAGAIN, Write(writer, "x"u8, OpenFile.AtPosition));
        Check.Equal(PollEvents.None, writer.Poll(null));
        Check.Equal(PollEvents.Readable, reader.Poll(null));
        Check.Equal(4000L, Read(reader, buffer.AsSpan(0, 4000), OpenFile.AtPosition));

        // 96 bytes are left of the first page: a write of up to a page is not split.
        Check.Equal(-(long)Errno.EAGAIN, Write(writer, buffer.AsSpan(0, 4096), OpenFile.AtPosition));
        Check.Equal(96L, Read(reader, buffer.AsSpan(0, 96), OpenFile.AtPosition));
        Check.Equal(4096L, Write(writer, buffer.AsSpan(0, 4096), OpenFile.AtPosition));
        Check.Equal(-(long)Errno.EBUSY, Pipes.SetSize(writer, 4096));
        Check.Equal(131_072L, Pipes.SetSize(writer, 65_537));
        Check.Equal(65_536L, Read(reader, buffer, OpenFile.AtPosition));
        writer.Release();
        Check.Equal(0L, Read(reader, buffer, OpenFile.AtPosition));
        Check.Equal(PollEvents.HangUp, reader.Poll(null));
        reader.Release();

        Pipes.Create(Credentials.Root, OpenFlags.NonBlocking | OpenFlags.Direct, out reader, out writer);
        Check.Equal(5L, Write(writer, "first"u8, OpenFile.AtPosition));
        Check.Equal(6L, Write(writer, "second"u8, OpenFile.AtPosition));
        Check.Equal(2L, Read(reader, buffer.AsSpan(0, 2), OpenFile.AtPosition));
        Check.Equal(6L, Read(reader, buffer, OpenFile.AtPosition));
        Check.Equal((byte)'s', buffer[0]);
        reader.Release();
        Check.Equal(-(long)Errno.EPIPE, Write(writer, "x"u8, OpenFile.AtPosition));
        Check.Equal(PollEvents.Error | PollEvents.Writable, writer.Poll(null));
        writer.Release();
    }

    /// <summary>tee shares, splice moves, and nothing is lost when the target is full.</summary>
    [MightSleep]
    [KernelTest("file.splice_and_tee_move_and_share_bytes")]
    public static void SpliceRules()
    {
        var tree = new TestTree();
        Check.Equal(Errno.Ok, tree.Open("/f", OpenFlags.Create | OpenFlags.ReadWrite, out OpenFile? file));
        Pipes.Create(Credentials.Root, OpenFlags.NonBlocking, out OpenFile reader, out OpenFile writer);
        Pipes.Create(Credentials.Root, OpenFlags.NonBlocking, out OpenFile reader2, out OpenFile writer2);
        Check.Equal(5L, Write(writer, "hello"u8, OpenFile.AtPosition));
        Check.Equal(5L, Splices.Tee(reader, writer2, 100, waits: false));

        // The page is shared now: neither pipe may write behind its bytes in it.
        Check.Equal(3L, Write(writer, "one"u8, OpenFile.AtPosition));
        Check.Equal(3L, Write(writer2, "two"u8, OpenFile.AtPosition));
        long offset = 0;
        Check.Equal(8L, Splices.FromPipe(reader, file!, ref offset, 100, waits: false));
        Check.Equal("helloone", tree.Read("/f"));
        offset = 0;
        Check.Equal(8L, Splices.ToPipe(file!, ref offset, writer, 100, waits: false));
        Check.Equal(8L, offset);
        byte[] buffer = new byte[16];
        Check.Equal(8L, Read(reader2, buffer, OpenFile.AtPosition));
        Check.Equal("hellotwo", System.Text.Encoding.ASCII.GetString(buffer, 0, 8));
        Check.Equal(-(long)Errno.EINVAL, Splices.Tee(reader, writer, 1, waits: false));
        Check.Equal(8L, Read(reader, buffer, OpenFile.AtPosition));
        foreach (OpenFile one in new[] { reader, writer, reader2, writer2, file! })
        {
            one.Release();
        }
    }

    /// <summary>Ranges split and join, exclude others, and go with their owner.</summary>
    [MightSleep]
    [KernelTest("file.locks_of_ranges_and_files_exclude_other_owners")]
    public static void LockRules()
    {
        var tree = new TestTree();
        tree.MakeFile("/f");
        Check.Equal(Errno.Ok, tree.Open("/f", OpenFlags.ReadWrite, out OpenFile? one));
        Check.Equal(Errno.Ok, tree.Open("/f", OpenFlags.ReadWrite, out OpenFile? two));
        var first = new FileTable();
        var second = new FileTable();
        Check.Equal(Errno.Ok, RecordLocks.Set(one!, first, Record(FileControlCommand.WriteLock, 0, 100), waits: false));
        Check.Equal(Errno.Ok, RecordLocks.Set(one!, first, Record(FileControlCommand.Unlock, 40, 20), waits: false));
        Check.Equal(Errno.Ok, RecordLocks.Set(two!, second, Record(FileControlCommand.WriteLock, 40, 20), waits: false));
        Check.Equal(Errno.EAGAIN, RecordLocks.Set(two!, second, Record(FileControlCommand.ReadLock, 39, 1), waits: false));
        Check.Equal(Errno.EAGAIN, RecordLocks.Set(two!, second, Record(FileControlCommand.ReadLock, 60, 0), waits: false));
        FileLockRecord probe = Record(FileControlCommand.ReadLock, 50, 0);
        Check.Equal(Errno.Ok, RecordLocks.Test(two!, second, ref probe));
        Check.Equal(60L, probe.Start);
        Check.Equal(40L, probe.Length);
        Check.Equal(FileControlCommand.WriteLock, probe.Type);
        Check.Equal(Errno.Ok, RecordLocks.Set(one!, first, Record(FileControlCommand.Unlock, 0, 0), waits: false));
        Check.Equal(Errno.Ok, RecordLocks.Set(two!, second, Record(FileControlCommand.ReadLock, 0, 0), waits: false));
        Check.Equal(Errno.Ok, RecordLocks.Set(one!, first, Record(FileControlCommand.ReadLock, 7, 1), waits: false));
        Check.Equal(Errno.EINVAL, RecordLocks.Set(one!, first, Record(9, 0, 0), waits: false));
        Check.Equal(Errno.EINVAL, RecordLocks.Set(one!, first, Record(FileControlCommand.ReadLock, -1, 0), waits: false));

        Check.Equal(Errno.Ok, FileLocks.Flock(one!, FileLockAccess.Read, waits: false));
        Check.Equal(Errno.Ok, FileLocks.Flock(two!, FileLockAccess.Read, waits: false));
        Check.Equal(Errno.EAGAIN, FileLocks.Flock(two!, FileLockAccess.Write, waits: false));
        one!.Release();
        Check.Equal(Errno.Ok, FileLocks.Flock(two!, FileLockAccess.Write, waits: false));
        two!.Release();
    }

    private static FileLockRecord Record(short type, long start, long length) => new() { Type = type, Start = start, Length = length };

    [MightSleep]
    private static long Write(OpenFile file, ReadOnlySpan<byte> bytes, long offset)
    {
        var source = new DataSource(bytes);
        return file.Write(ref source, offset);
    }

    [MightSleep]
    private static long Read(OpenFile file, Span<byte> bytes, long offset)
    {
        var sink = new DataSink(bytes);
        return file.Read(ref sink, offset);
    }
}
