using System;
using System.IO;
using System.Linq;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace CosmosKernel.Tests.SystemIo;

/// <summary>Files and streams. Each scenario gets an empty directory of its own; all hold on Linux and in the kernel alike.</summary>
internal static class FileScenarios
{
    public static void TextIsWrittenAppendedAndRead(string at)
    {
        string file = Path.Combine(at, "text");
        Expect.True(!File.Exists(file));
        File.WriteAllText(file, "first\nzweite Zeile: äöü\n");
        File.AppendAllText(file, "third");
        Expect.True(File.Exists(file));
        Expect.Equal("first\nzweite Zeile: äöü\nthird", File.ReadAllText(file));
        Expect.Same(["first", "zweite Zeile: äöü", "third"], File.ReadAllLines(file));
        Expect.Same(["first", "zweite Zeile: äöü", "third"], File.ReadLines(file));
        Expect.Equal(32L, new FileInfo(file).Length);
        File.WriteAllBytes(file, [1, 2, 3]);
        Expect.Equal(3, File.ReadAllBytes(file).Length);
        using (var writer = new StreamWriter(file, append: true))
        {
            writer.WriteLine(42);
        }

        using (var reader = new BinaryReader(File.OpenRead(file)))
        {
            Expect.Equal(0x34030201, reader.ReadInt32());
        }

        File.Delete(file);
        File.Delete(file);
        Expect.True(!File.Exists(file));
    }

    public static void ErrorsAreTheExceptionsOfLinux(string at)
    {
        string file = Path.Combine(at, "file");
        string missing = Path.Combine(at, "missing");
        File.WriteAllText(file, "x");
        Expect.Equal(missing, Expect.Throws<FileNotFoundException>(() => File.ReadAllText(missing)).FileName);
        Expect.Throws<DirectoryNotFoundException>(() => File.ReadAllText(Path.Combine(missing, "x")));
        Expect.Throws<DirectoryNotFoundException>(() => File.WriteAllText(Path.Combine(missing, "x"), ""));
        Expect.Throws<UnauthorizedAccessException>(() => File.ReadAllText(at));
        Expect.Throws<UnauthorizedAccessException>(() => File.WriteAllText(at, ""));
        Expect.Throws<UnauthorizedAccessException>(() => File.Delete(at));
        Expect.Throws<PathTooLongException>(() => File.WriteAllText(Path.Combine(at, new string('n', 256)), ""));
        Expect.Throws<ArgumentException>(() => File.ReadAllText(""));
        Expect.Throws<ArgumentException>(() => File.ReadAllText("a\0b"));
        Expect.Throws<DirectoryNotFoundException>(() => Directory.GetFiles(missing));
        Expect.Throws<DirectoryNotFoundException>(() => Directory.Delete(missing));
        Expect.Throws<IOException>(() => Directory.CreateDirectory(file));
        Expect.Throws<FileNotFoundException>(() => File.Move(missing, file));
        Expect.Throws<FileNotFoundException>(() => File.GetAttributes(missing));
        File.WriteAllText(Path.Combine(at, new string('n', 255)), "");
    }

    public static void ModesOpenAsTheySay(string at)
    {
        string file = Path.Combine(at, "file");
        Expect.Throws<FileNotFoundException>(() => File.Open(file, FileMode.Open).Dispose());
        Expect.Throws<FileNotFoundException>(() => File.Open(file, FileMode.Truncate).Dispose());
        File.Open(file, FileMode.CreateNew).Dispose();
        Expect.Throws<IOException>(() => File.Open(file, FileMode.CreateNew).Dispose());
        File.WriteAllText(file, "0123456789");
        using (FileStream open = File.Open(file, FileMode.OpenOrCreate))
        {
            Expect.Equal(10L, open.Length);
            Expect.True(open.CanRead && open.CanWrite && open.CanSeek);
        }

        using (FileStream append = File.Open(file, FileMode.Append))
        {
            Expect.Equal(10L, append.Position);
            Expect.True(!append.CanRead);
            Expect.Throws<NotSupportedException>(() => append.ReadByte());
            Expect.Throws<IOException>(() => append.Seek(0, SeekOrigin.Begin));
            append.WriteByte((byte)'A');
        }

        using (FileStream read = File.OpenRead(file))
        {
            Expect.Throws<NotSupportedException>(() => read.WriteByte(1));
            Expect.Equal(11L, read.Length);
        }

        File.Open(file, FileMode.Truncate).Dispose();
        Expect.Equal(0L, new FileInfo(file).Length);
        File.WriteAllText(file, "abc");
        File.Create(file).Dispose();
        Expect.Equal(0L, new FileInfo(file).Length);
        var closed = File.OpenRead(file);
        closed.Dispose();
        Expect.Throws<ObjectDisposedException>(() => closed.ReadByte());
    }

    public static void SharingIsRefusedToOthers(string at)
    {
        string file = Path.Combine(at, "file");
        File.WriteAllText(file, "x");
        using (File.Open(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            Expect.Throws<IOException>(() => File.Open(file, FileMode.Open, FileAccess.Read, FileShare.Read).Dispose());
            Expect.Throws<IOException>(() => File.ReadAllText(file));
            Expect.Throws<IOException>(() => File.WriteAllText(file, "y"));
        }

        using (File.Open(file, FileMode.Open, FileAccess.Read, FileShare.Read))
        {
            Expect.Equal("x", File.ReadAllText(file));
            Expect.Throws<IOException>(() => File.Open(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose());
        }

        using (File.Open(file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            File.Open(file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite).Dispose();
        }

        Expect.Equal("x", File.ReadAllText(file));
        using FileStream locked = File.Open(file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        locked.Lock(0, 10);
        locked.Unlock(0, 10);
    }

    public static void StreamsSeekTruncateAndLeaveHoles(string at)
    {
        string file = Path.Combine(at, "file");
        using var stream = new FileStream(file, FileMode.Create, FileAccess.ReadWrite, FileShare.None, bufferSize: 64);
        stream.Write("0123456789"u8);
        Expect.Equal(2L, stream.Seek(-8, SeekOrigin.End));
        Expect.Equal((int)'2', stream.ReadByte());
        Expect.Equal(4L, stream.Seek(1, SeekOrigin.Current));
        stream.WriteByte((byte)'X');
        Expect.Throws<IOException>(() => stream.Seek(-1, SeekOrigin.Begin));
        stream.SetLength(6);
        Expect.Equal(6L, stream.Length);
        stream.Position = 0;
        byte[] content = new byte[10];
        Expect.Equal(6, stream.Read(content));
        Expect.Equal("0123X5", Encoding.ASCII.GetString(content, 0, 6));
        Expect.Equal(0, stream.Read(content));

        // Behind 4 GiB, without the memory in between.
        const long Far = 5L * 1024 * 1024 * 1024;
        stream.Position = Far;
        stream.WriteByte(7);
        stream.Flush(flushToDisk: true);
        Expect.Equal(Far + 1, new FileInfo(file).Length);
        stream.Position = Far - 1;
        Expect.Equal(0, stream.ReadByte());
        Expect.Equal(7, stream.ReadByte());
        Expect.Equal(-1, stream.ReadByte());
        stream.SetLength(0);
    }

    public static void HandlesReadAndWriteAtOffsets(string at)
    {
        string file = Path.Combine(at, "file");
        using SafeFileHandle handle = File.OpenHandle(file, FileMode.Create, FileAccess.ReadWrite, FileShare.None, FileOptions.None, preallocationSize: 8192);
        Expect.Equal(0L, RandomAccess.GetLength(handle));
        RandomAccess.Write(handle, "world"u8, 6);
        RandomAccess.Write(handle, "hello "u8, 0);
        Expect.Equal(11L, RandomAccess.GetLength(handle));
        byte[] first = new byte[3];
        byte[] second = new byte[100];
        Expect.Equal(9L, RandomAccess.Read(handle, [first.AsMemory(), second.AsMemory()], 2));
        Expect.Equal("llo", Encoding.ASCII.GetString(first));
        Expect.Equal(" world", Encoding.ASCII.GetString(second, 0, 6));
        RandomAccess.Write(handle, [(ReadOnlyMemory<byte>)"AB"u8.ToArray(), (ReadOnlyMemory<byte>)"CD"u8.ToArray()], 9);
        Expect.Equal(13L, RandomAccess.GetLength(handle));
        RandomAccess.SetLength(handle, 4);
        RandomAccess.FlushToDisk(handle);
        Expect.Equal(0, RandomAccess.Read(handle, second, 4));
        Expect.Equal(4, RandomAccess.Read(handle, second, 0));
    }

    public static void BigFilesKeepEveryByte(string at)
    {
        const int Bytes = 6 * 1024 * 1024;
        string file = Path.Combine(at, "big");
        byte[] chunk = new byte[100_003];
        using (var stream = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
        {
            for (int done = 0; done < Bytes; done += chunk.Length)
            {
                for (int i = 0; i < chunk.Length; i += 97)
                {
                    chunk[i] = (byte)((done + i) * 31);
                }

                stream.Write(chunk, 0, Math.Min(chunk.Length, Bytes - done));
            }
        }

        Expect.Equal((long)Bytes, new FileInfo(file).Length);
        byte[] read = File.ReadAllBytes(file);
        for (int done = 0; done < Bytes; done += chunk.Length)
        {
            for (int i = 0; i < chunk.Length && done + i < Bytes; i += 97)
            {
                if (read[done + i] != (byte)((done + i) * 31))
                {
                    throw new InvalidOperationException($"byte {done + i} is {read[done + i]}");
                }
            }
        }
    }

    public static void CopiesAndMovesKeepWhatTheyShould(string at)
    {
        string file = Path.Combine(at, "file");
        string copy = Path.Combine(at, "copy");
        var time = new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc);
        File.WriteAllText(file, "content");
        File.SetLastWriteTimeUtc(file, time);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        File.Copy(file, copy);
        Expect.Equal("content", File.ReadAllText(copy));
        Expect.Equal(time, File.GetLastWriteTimeUtc(copy));
        Expect.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, File.GetUnixFileMode(copy));
        Expect.Throws<IOException>(() => File.Copy(file, copy));
        File.WriteAllText(file, "newer");
        File.Copy(file, copy, overwrite: true);
        Expect.Equal("newer", File.ReadAllText(copy));
        Expect.Throws<IOException>(() => File.Move(file, copy));
        File.Move(file, copy, overwrite: true);
        Expect.True(!File.Exists(file) && File.Exists(copy));
        File.WriteAllText(file, "replacement");
        string backup = Path.Combine(at, "backup");
        File.Replace(file, copy, backup);
        Expect.Equal("replacement", File.ReadAllText(copy));
        Expect.Equal("newer", File.ReadAllText(backup));
        Expect.Throws<FileNotFoundException>(() => File.Copy(Path.Combine(at, "none"), copy));
    }

    public static void AttributesAndTimesAreKept(string at)
    {
        string file = Path.Combine(at, "file");
        File.WriteAllText(file, "x");
        var time = new DateTime(1999, 12, 31, 23, 59, 58, 987, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(file, time);
        File.SetLastAccessTimeUtc(file, time.AddYears(1));
        Expect.Equal(time, File.GetLastWriteTimeUtc(file));
        Expect.Equal(time.AddYears(1), File.GetLastAccessTimeUtc(file));
        Expect.Equal(FileAttributes.Normal, File.GetAttributes(file));
        Expect.Equal(FileAttributes.Directory, File.GetAttributes(at) & FileAttributes.Directory);
        File.SetAttributes(file, FileAttributes.ReadOnly);
        Expect.Equal(FileAttributes.ReadOnly, File.GetAttributes(file));
        Expect.True(new FileInfo(file).IsReadOnly);
        File.SetAttributes(file, FileAttributes.Normal);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.OtherExecute);
        Expect.Equal(UnixFileMode.UserRead | UnixFileMode.OtherExecute, File.GetUnixFileMode(file));
        string hidden = Path.Combine(at, ".hidden");
        File.WriteAllText(hidden, "");
        Expect.Equal(FileAttributes.Hidden, File.GetAttributes(hidden) & FileAttributes.Hidden);
        var early = new DateTime(1960, 1, 1, 0, 0, 0, 500, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(file, early);
        Expect.Equal(early, File.GetLastWriteTimeUtc(file));
        Expect.Equal(new DateTime(1601, 1, 1, 0, 0, 0, DateTimeKind.Utc), File.GetLastWriteTimeUtc(Path.Combine(at, "none")));
    }

    public static void LinksAreFollowedAndRead(string at)
    {
        string file = Path.Combine(at, "file");
        string link = Path.Combine(at, "link");
        string second = Path.Combine(at, "second");
        File.WriteAllText(file, "x");
        Expect.Equal("file", File.CreateSymbolicLink(link, "file").LinkTarget);
        File.CreateSymbolicLink(second, link);
        Expect.Equal("x", File.ReadAllText(second));
        Expect.Equal(link, File.ResolveLinkTarget(second, returnFinalTarget: false)!.FullName);
        Expect.Equal(file, File.ResolveLinkTarget(second, returnFinalTarget: true)!.FullName);
        Expect.True((File.GetAttributes(link) & FileAttributes.ReparsePoint) != 0);
        Expect.Throws<IOException>(() => File.CreateSymbolicLink(link, "other"));
        File.Delete(link);
        Expect.True(File.Exists(file) && !File.Exists(link));
        Expect.Throws<FileNotFoundException>(() => File.ReadAllText(second));
        File.CreateSymbolicLink(Path.Combine(at, "loop"), "loop");
        Expect.Throws<IOException>(() => File.ReadAllText(Path.Combine(at, "loop")));
        Expect.True(new FileInfo(file).LinkTarget is null);
        Directory.CreateSymbolicLink(Path.Combine(at, "here"), ".");
        Expect.Equal("x", File.ReadAllText(Path.Combine(at, "here", "file")));
    }

    public static void TemporaryFilesAreNewAndGoWhenAsked(string at)
    {
        string temporary = Path.GetTempFileName();
        Expect.True(File.Exists(temporary));
        Expect.Equal(0L, new FileInfo(temporary).Length);
        Expect.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(temporary));
        File.Delete(temporary);
        DirectoryInfo directory = Directory.CreateTempSubdirectory("io-");
        Expect.True(directory.Exists && directory.Name.StartsWith("io-", StringComparison.Ordinal));
        directory.Delete();
        string file = Path.Combine(at, "short");
        using (new FileStream(file, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose))
        {
            Expect.True(File.Exists(file));
        }

        Expect.True(!File.Exists(file));
    }

    public static void AnOpenFileOutlivesItsName(string at)
    {
        string file = Path.Combine(at, "file");
        File.WriteAllText(file, "old");
        using FileStream open = File.OpenRead(file);
        File.Delete(file);
        File.WriteAllText(file, "new");
        Expect.Equal((int)'o', open.ReadByte());
        Expect.Equal("new", File.ReadAllText(file));
        Expect.Equal(1, Directory.GetFiles(at).Count());
    }
}
