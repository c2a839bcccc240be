using System;
using System.IO;
using System.IO.MemoryMappedFiles;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Tasks;

namespace CosmosKernel.Programs;

/// <summary>Files and folders, with asynchronous reads and writes, locks, mappings and links.</summary>
internal static class FileScenario
{
    public static async Task RunAsync()
    {
        string folder = Directory.CreateTempSubdirectory("dotnetload").FullName;
        try
        {
            await WriteAndReadAsync(folder);
            MapFile(Path.Combine(folder, "mapped"));
            UseNames(folder);
            RefuseSecondWriter(Path.Combine(folder, "locked"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        Expect.True(!Directory.Exists(folder), "the folder is gone");
    }

    private static async Task WriteAndReadAsync(string folder)
    {
        await Parallel.ForEachAsync(Enumerable.Range(0, 32), async (i, cancellation) =>
        {
            string path = Path.Combine(folder, $"file{i}");
            byte[] data = new byte[(i + 1) * 5_000];
            new Random(i).NextBytes(data);
            await using (var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 4096, useAsync: true))
            {
                await file.WriteAsync(data, cancellation);
            }

            byte[] found = await File.ReadAllBytesAsync(path, cancellation);
            Expect.True(found.AsSpan().SequenceEqual(data), $"the contents of {path}");
            await File.AppendAllTextAsync(path, "the end", cancellation);
            using var again = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
            again.Seek(-3, SeekOrigin.End);
            using var reader = new StreamReader(again);
            Expect.Equal("end", await reader.ReadToEndAsync(cancellation), "the last three bytes");
            again.SetLength(10);
            Expect.Equal(10, new FileInfo(path).Length, "the length of a shortened file");
        });
        Expect.Equal(32, Directory.EnumerateFiles(folder).Count(), "files in the folder");
        Expect.Equal(320, Directory.GetFiles(folder).Sum(path => new FileInfo(path).Length), "bytes in the folder");
    }

    private static void MapFile(string path)
    {
        using (var map = MemoryMappedFile.CreateFromFile(path, FileMode.Create, null, 1 << 20))
        using (MemoryMappedViewAccessor view = map.CreateViewAccessor())
        {
            for (int i = 0; i < 1 << 20; i += 4_096)
            {
                view.Write(i, i);
            }
        }

        using FileStream file = File.OpenRead(path);
        byte[] number = new byte[4];
        file.Seek(77 * 4_096, SeekOrigin.Begin);
        file.ReadExactly(number);
        Expect.Equal(77 * 4_096, BitConverter.ToInt32(number), "a number that was written through a mapping");
    }

    private static void UseNames(string folder)
    {
        string below = Path.Combine(folder, "a", "b", "ÄÖÜ");
        Directory.CreateDirectory(below);
        string file = Path.Combine(below, "first");
        File.WriteAllText(file, "one\ntwo\n", Encoding.UTF8);
        File.Move(file, Path.Combine(folder, "second"));
        File.CreateSymbolicLink(file, Path.Combine(folder, "second"));
        Expect.Equal(2, File.ReadAllLines(file).Length, "lines behind a symbolic link");
        File.SetUnixFileMode(file, UnixFileMode.UserRead);
        Expect.Equal(UnixFileMode.UserRead, File.GetUnixFileMode(Path.Combine(folder, "second")), "the mode of a file");
        var time = new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(Path.Combine(folder, "second"), time);
        Expect.Equal(time, File.GetLastWriteTimeUtc(Path.Combine(folder, "second")), "the time of a file");
        File.Copy(file, Path.Combine(folder, "third"));
        Expect.Equal(Convert.ToHexString(SHA1.HashData(File.ReadAllBytes(file))), Convert.ToHexString(SHA1.HashData(File.ReadAllBytes(Path.Combine(folder, "third")))), "the hash of a copy");
    }

    private static void RefuseSecondWriter(string path)
    {
        using var first = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None);
        bool refused = false;
        try
        {
            using var second = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.None);
        }
        catch (IOException)
        {
            refused = true;
        }

        Expect.True(refused, "a file that is not shared is opened once");
    }
}
