using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;

namespace CosmosKernel.Tests.SystemIo;

/// <summary>Directories, paths and drives. Each scenario gets an empty directory of its own; all hold on Linux and in the kernel alike.</summary>
internal static class DirectoryScenarios
{
    public static void TreesAreMadeListedMovedAndDeleted(string at)
    {
        string deep = Path.Combine(at, "a", "b", "c");
        Expect.Equal(deep, Directory.CreateDirectory(deep).FullName);
        Directory.CreateDirectory(deep);
        File.WriteAllText(Path.Combine(deep, "one.txt"), "1");
        File.WriteAllText(Path.Combine(deep, "two.log"), "2");
        File.WriteAllText(Path.Combine(at, "a", "three.txt"), "3");
        Expect.Same(["a"], Directory.GetFileSystemEntries(at).Select(Path.GetFileName));
        Expect.Same(["one.txt", "three.txt"], Directory.GetFiles(at, "*.txt", SearchOption.AllDirectories).Select(Path.GetFileName).Order());
        Expect.Same(["a", "b", "c"], Directory.GetDirectories(at, "*", SearchOption.AllDirectories).Select(Path.GetFileName).Order());
        Expect.Same(["one.txt"], new DirectoryInfo(deep).EnumerateFiles("o?e.*").Select(file => file.Name));
        Expect.Throws<IOException>(() => Directory.Delete(Path.Combine(at, "a")));
        Directory.Move(Path.Combine(at, "a"), Path.Combine(at, "moved"));
        Expect.True(!Directory.Exists(deep) && File.Exists(Path.Combine(at, "moved", "three.txt")));
        Expect.Throws<IOException>(() => Directory.Move(Path.Combine(at, "moved"), Path.Combine(at, "moved", "below")));
        Expect.True(!Directory.Exists(Path.Combine(at, "moved", "three.txt")) && !File.Exists(Path.Combine(at, "moved")));
        Directory.Delete(Path.Combine(at, "moved"), recursive: true);
        Expect.Equal(0, Directory.GetFileSystemEntries(at).Length);
        Expect.Equal(Path.GetFileName(at), new DirectoryInfo(Path.Combine(at, "x")).Parent!.Name);
    }

    public static void NamesMayHaveAnyCharacterButSlash(string at)
    {
        string[] names = ["with space", "tab\there", "back\\slash", "0:", "日本語", "*", "-", "line\nbreak"];
        foreach (string name in names)
        {
            File.WriteAllText(Path.Combine(at, name), name);
        }

        Expect.Same(names.Order(StringComparer.Ordinal), Directory.GetFiles(at).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        foreach (string name in names)
        {
            Expect.Equal(name, File.ReadAllText(Path.Combine(at, name)));
        }
    }

    public static void AnEnumerationGoesOnWhileTheDirectoryChanges(string at)
    {
        const int Count = 300;
        for (int i = 0; i < Count; i++)
        {
            File.WriteAllText(Path.Combine(at, $"file-{i:000}"), "");
        }

        // Everything that stays is seen, once; what goes or comes meanwhile may or may not be.
        var seen = new HashSet<string>();
        int position = 0;
        foreach (string path in Directory.EnumerateFiles(at))
        {
            string name = Path.GetFileName(path);
            Expect.True(seen.Add(name));
            if (name.StartsWith("file-", StringComparison.Ordinal) && name.EndsWith('7'))
            {
                File.Delete(path);
            }

            if (position++ % 10 == 0 && position < 1000)
            {
                File.WriteAllText(Path.Combine(at, $"new-{position}"), "");
            }
        }

        Expect.Equal(Count, seen.Count(name => name.StartsWith("file-", StringComparison.Ordinal)));
        Expect.Equal(Count - (Count / 10), Directory.GetFiles(at, "file-*").Length);

        // The directory itself goes while it is listed.
        string inner = Path.Combine(at, "inner");
        Directory.CreateDirectory(inner);
        File.WriteAllText(Path.Combine(inner, "x"), "");
        using IEnumerator<string> entries = Directory.EnumerateFileSystemEntries(inner).GetEnumerator();
        Expect.True(entries.MoveNext());
        Directory.Delete(inner, recursive: true);
        Expect.True(!entries.MoveNext());
    }

    public static void RelativePathsBeginInTheCurrentDirectory(string at)
    {
        string before = Directory.GetCurrentDirectory();
        try
        {
            Directory.SetCurrentDirectory(at);
            Expect.Equal(at, Environment.CurrentDirectory);
            File.WriteAllText("relative", "x");
            Expect.Equal("x", File.ReadAllText(Path.Combine(at, "relative")));
            Expect.Equal(Path.Combine(at, "y"), Path.GetFullPath("./z/../y"));
            Expect.Throws<DirectoryNotFoundException>(() => Directory.SetCurrentDirectory("missing"));
            Expect.Throws<DirectoryNotFoundException>(() => Directory.SetCurrentDirectory("relative"));
        }
        finally
        {
            Directory.SetCurrentDirectory(before);
        }
    }

    public static void DrivesAreMounts(string at)
    {
        DriveInfo root = DriveInfo.GetDrives().Single(drive => drive.Name == "/");
        Expect.True(root.IsReady && root.TotalSize > 0 && root.AvailableFreeSpace > 0 && root.AvailableFreeSpace <= root.TotalSize);
        Expect.True(root.DriveFormat.Length > 0);
        Expect.True(new DriveInfo(at).TotalFreeSpace > 0);
    }

    public static void AWatcherSeesChanges(string at)
    {
        using var created = new ManualResetEventSlim();
        using var deleted = new ManualResetEventSlim();
        using var watcher = new FileSystemWatcher(at);
        watcher.Created += (_, change) => { if (change.Name == "watched") { created.Set(); } };
        watcher.Deleted += (_, change) => { if (change.Name == "watched") { deleted.Set(); } };
        watcher.EnableRaisingEvents = true;
        string file = Path.Combine(at, "watched");
        File.WriteAllText(file, "x");
        Expect.True(created.Wait(TimeSpan.FromSeconds(30)));
        File.Delete(file);
        Expect.True(deleted.Wait(TimeSpan.FromSeconds(30)));
    }
}
