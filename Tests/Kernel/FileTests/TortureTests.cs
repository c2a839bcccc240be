using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Pipes;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;

namespace CosmosKernel.Tests.Files;

/// <summary>Names, descriptors and pipes used by tasks on all CPUs at once, with everything counted at the end.</summary>
public static class TortureTests
{
    [Immutable]
    private static readonly string[] s_names = ["/a", "/b", "/c", "/a/x", "/a/y", "/b/x", "/b/y", "/c/x", "/a/x/deep", "/b/x/deep"];

    /// <summary>Whatever is made, moved and removed at once, the tree stays a tree, and nothing remains of what was removed.</summary>
    [MightSleep]
    [KernelTest("file.names_stay_a_tree_while_all_cpus_change_them")]
    public static void Names()
    {
        var tree = new TestTree();
        Torture.Run("names", Torture.TestNanoseconds, TortureKinds.Urgencies, contender => ChangeNames(tree, contender));
        RemoveBelow(tree, "/", 0);
        Check.Equal(1L, tree.Inodes);
        Check.Equal(0L, tree.FileSystem.Pages);
        Check.Equal(2u, tree.Root.Inode!.Links);
    }

    /// <summary>Every byte that goes in comes out once, and records of less than a page stay whole.</summary>
    [MightSleep]
    [KernelTest("file.a_pipe_loses_and_splits_nothing_between_many_tasks")]
    public static void PipeBytes()
    {
        const int Record = 48;
        const int Records = 4000;
        const int Writers = 3;
        Pipes.Create(Credentials.Root, OpenFlags.ReadOnly, out OpenFile reader, out OpenFile writer);
        long sent = 0;
        long received = 0;
        int broken = 0;
        var tasks = new TaskStruct[Writers + 2];
        for (int i = 0; i < Writers; i++)
        {
            int seed = i;
            tasks[i] = KernelTask.Start(new TaskOptions { Name = "pipe writer" }, () =>
            {
                byte[] record = new byte[Record];
                for (int n = 0; n < Records; n++)
                {
                    record.AsSpan().Fill((byte)((n * 7) + seed));
                    var source = new DataSource(record);
                    if (writer.Write(ref source, OpenFile.AtPosition) != Record)
                    {
                        Interlocked.Increment(ref broken);
                    }

                    Interlocked.Add(ref sent, record[0]);
                }
            });
        }

        for (int i = Writers; i < tasks.Length; i++)
        {
            tasks[i] = KernelTask.Start(new TaskOptions { Name = "pipe reader" }, () =>
            {
                byte[] record = new byte[Record];
                while (true)
                {
                    var sink = new DataSink(record);
                    long done = reader.Read(ref sink, OpenFile.AtPosition);
                    if (done == 0)
                    {
                        return;
                    }

                    if (done != Record || record.AsSpan().ContainsAnyExcept(record[0]))
                    {
                        Interlocked.Increment(ref broken);
                    }

                    Interlocked.Add(ref received, record[0]);
                }
            });
        }

        for (int i = 0; i < Writers; i++)
        {
            tasks[i].Join();
        }

        writer.Release();
        tasks[Writers].Join();
        tasks[Writers + 1].Join();
        reader.Release();
        Check.Equal(0, Volatile.Read(ref broken));
        Check.Equal(Volatile.Read(ref sent), Volatile.Read(ref received));
    }

    /// <summary>A descriptor that is used while another task closes and replaces it gives its file or EBADF, and every file is closed in the end.</summary>
    [MightSleep]
    [KernelTest("file.descriptors_are_closed_while_others_use_them")]
    public static void DescriptorRaces()
    {
        var tree = new TestTree();
        tree.MakeFile("/f", "text");
        var table = new FileTable();
        table.AddReference();
        Torture.Run("descriptors", Torture.TestNanoseconds, TortureKinds.Urgencies, contender =>
        {
            int descriptor = contender.Next(4);
            switch (contender.Next(3))
            {
                case 0:
                    if (tree.Open("/f", OpenFlags.ReadOnly, out OpenFile? file) == Errno.Ok)
                    {
                        _ = table.Replace(descriptor, file!, closeOnExec: false);
                    }

                    return true;
                case 1:
                    _ = table.Close(descriptor);
                    return true;
                default:
                    using (FileReference reference = table.Get(descriptor))
                    {
                        Span<byte> buffer = stackalloc byte[4];
                        var sink = new DataSink(buffer);
                        if (reference.File is { } used)
                        {
                            contender.Require(used.Read(ref sink, 0) == 4, "a file that is in use was closed");
                        }
                    }

                    return true;
            }
        });
        table.CloseRange(0, uint.MaxValue);
        Check.Equal(Errno.Ok, tree.Unlink("/f"));
        Check.Equal(1L, tree.Inodes);
        Check.Equal(0L, tree.FileSystem.Pages);
    }

    [MightSleep]
    private static bool ChangeNames(TestTree tree, Contender contender)
    {
        string one = s_names[contender.Next(s_names.Length)];
        string other = s_names[contender.Next(s_names.Length)];
        Errno error;
        switch (contender.Next(8))
        {
            case 0:
            case 1:
                error = tree.MakeDirectory(one);
                break;
            case 2:
                error = tree.Open(one, OpenFlags.Create | OpenFlags.WriteOnly, out OpenFile? file);
                if (file is not null)
                {
                    var source = new DataSource("data"u8);
                    _ = file.Write(ref source, OpenFile.AtPosition);
                    file.Release();
                }

                break;
            case 3:
                error = tree.Unlink(one);
                break;
            case 4:
                error = tree.RemoveDirectory(one);
                break;
            case 5:
                error = tree.Rename(one, other);
                break;
            case 6:
                error = tree.Rename(one, other, Vfs.RenameExchange);
                break;
            default:
                error = tree.Link(one, other);
                break;
        }

        contender.Require(error is Errno.Ok or Errno.ENOENT or Errno.EEXIST or Errno.ENOTDIR or Errno.EISDIR or Errno.ENOTEMPTY or Errno.EINVAL or Errno.EPERM, "an operation on names gave an error that it cannot give");
        return true;
    }

    [MightSleep]
    private static void RemoveBelow(TestTree tree, string path, int depth)
    {
        // Moves put trees below trees; in a circle there would be no end.
        Check.InRange(0, 500, depth);
        foreach (string name in new[] { "a", "b", "c", "x", "y", "deep" })
        {
            string child = path == "/" ? "/" + name : path + "/" + name;
            if (tree.Resolve(child, out VfsPath found, ResolveFlags.None) != Errno.Ok)
            {
                continue;
            }

            if (found.Inode!.IsDirectory)
            {
                RemoveBelow(tree, child, depth + 1);
                Check.Equal(Errno.Ok, tree.RemoveDirectory(child));
            }
            else
            {
                Check.Equal(Errno.Ok, tree.Unlink(child));
            }
        }
    }
}
