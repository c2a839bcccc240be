using System;
using System.Text;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Tmpfs;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Testing;

namespace CosmosKernel.Tests.Files;

/// <summary>A tmpfs of its own, which only the test sees, and short ways to use it by path.</summary>
[Immutable]
internal sealed class TestTree
{
    private readonly FileSystemContext _context;

    public TestTree(Credentials? credentials = null)
    {
        FileSystem = new TmpfsFileSystem(new TmpfsType(), new TmpfsOptions());
        Mount = new Mount(FileSystem, new DirectoryEntry(null, [], FileSystem.Root), MountFlags.None, "test");
        Root = new VfsPath(Mount, Mount.Root);
        _context = new FileSystemContext(Root);
        Credentials = credentials ?? Credentials.Root;
    }

    private TestTree(TestTree other, Credentials credentials)
    {
        FileSystem = other.FileSystem;
        Mount = other.Mount;
        Root = other.Root;
        _context = other._context;
        Credentials = credentials;
    }

    public TmpfsFileSystem FileSystem { get; }

    public Mount Mount { get; }

    public VfsPath Root { get; }

    public Credentials Credentials { get; }

    public PathWalk Walk => new(_context, Credentials);

    /// <summary>Inodes that the file system has, its top included.</summary>
    public long Inodes
    {
        get
        {
            FileSystem.GetStatistics(out FileSystemStatistics statistics);
            return (long)(statistics.Inodes - statistics.FreeInodes);
        }
    }

    /// <summary>The same tree for another user.</summary>
    public TestTree As(Credentials credentials) => new(this, credentials);

    [MightSleep]
    public Errno MakeDirectory(string path, uint mode = 0x1ED) => Vfs.MakeDirectory(Walk, Bytes(path), mode);

    [MightSleep]
    public Errno MakeLink(string target, string path) => Vfs.MakeSymbolicLink(Walk, Bytes(path), Bytes(target));

    [MightSleep]
    public Errno Unlink(string path) => Vfs.Unlink(Walk, Bytes(path));

    [MightSleep]
    public Errno RemoveDirectory(string path) => Vfs.RemoveDirectory(Walk, Bytes(path));

    [MightSleep]
    public Errno Rename(string from, string to, uint flags = 0) => Vfs.Rename(Walk, Bytes(from), Walk, Bytes(to), flags);

    [MightSleep]
    public Errno Resolve(string path, out VfsPath found, ResolveFlags flags = ResolveFlags.Follow) => Vfs.Resolve(Walk, Bytes(path), flags, out found);

    [MightSleep]
    public Errno Link(string from, string to)
    {
        Errno error = Resolve(from, out VfsPath found, ResolveFlags.None);
        return error == Errno.Ok ? Vfs.Link(found, Walk, Bytes(to)) : error;
    }

    [MightSleep]
    public Errno Open(string path, OpenFlags flags, out OpenFile? file, uint mode = 0x1A4) => Vfs.Open(Walk, Bytes(path), flags, mode, ResolveFlags.None, out file);

    /// <summary>Makes a file with some text.</summary>
    [MightSleep]
    public void MakeFile(string path, string text = "", uint mode = 0x1A4)
    {
        Check.Equal(Errno.Ok, Open(path, OpenFlags.Create | OpenFlags.Exclusive | OpenFlags.WriteOnly, out OpenFile? file, mode));
        var source = new DataSource(Bytes(text));
        Check.Equal(text.Length, file!.Write(ref source, OpenFile.AtPosition));
        file.Release();
    }

    /// <summary>What a file has.</summary>
    [MightSleep]
    public string Read(string path)
    {
        Check.Equal(Errno.Ok, Open(path, OpenFlags.ReadOnly, out OpenFile? file));
        byte[] buffer = new byte[4096];
        var sink = new DataSink(buffer);
        long done = file!.Read(ref sink, OpenFile.AtPosition);
        file.Release();
        return Encoding.ASCII.GetString(buffer, 0, (int)done);
    }

    public static byte[] Bytes(string text) => Encoding.ASCII.GetBytes(text);
}
