using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Testing;

namespace CosmosKernel.Tests.Files;

/// <summary>Paths, names and permissions.</summary>
public static class NameTests
{
    /// <summary>Dots, slashes and links lead where path_resolution(7) says.</summary>
    [MightSleep]
    [KernelTest("file.a_path_is_walked_through_dots_slashes_and_links")]
    public static void Paths()
    {
        var tree = new TestTree();
        Check.Equal(Errno.Ok, tree.MakeDirectory("/a"));
        Check.Equal(Errno.Ok, tree.MakeDirectory("/a/b/"));
        tree.MakeFile("/a/b/file", "text");
        Check.Equal(Errno.Ok, tree.MakeLink("../b/file", "/a/b/near"));
        Check.Equal(Errno.Ok, tree.MakeLink("/a//b", "/far"));
        Check.Equal(Errno.Ok, tree.MakeLink("loop", "/loop"));
        Check.Equal("text", tree.Read("a/./b/../b//file"));
        Check.Equal("text", tree.Read("/../a/b/near"));
        Check.Equal("text", tree.Read("/far/near"));
        Check.Equal(Errno.Ok, tree.Resolve("/far/", out VfsPath directory, ResolveFlags.None));
        Check.True(directory.Inode!.IsDirectory);
        Check.Equal(Errno.Ok, tree.Resolve("/far", out VfsPath link, ResolveFlags.None));
        Check.True(link.Inode!.IsSymbolicLink);
        Check.Equal(Errno.ELOOP, tree.Resolve("/loop", out _));
        Check.Equal(Errno.ELOOP, tree.Resolve("/loop/x", out _));
        Check.Equal(Errno.ENOTDIR, tree.Resolve("/a/b/file/", out _));
        Check.Equal(Errno.ENOTDIR, tree.Resolve("/a/b/file/x", out _));
        Check.Equal(Errno.ENOENT, tree.Resolve("", out _));
        Check.Equal(Errno.ENOENT, tree.Resolve("/a/c", out _));
        Check.Equal(Errno.ENOENT, tree.Resolve("/a/c/d", out _));
        Check.Equal(Errno.ENAMETOOLONG, tree.Resolve("/" + new string('x', 256), out _));
        Check.Equal(Errno.ENOENT, tree.Resolve("/" + new string('x', 255), out _));
    }

    /// <summary>The restrictions of openat2(2) hold.</summary>
    [MightSleep]
    [KernelTest("file.a_confined_walk_does_not_leave_its_directory")]
    public static void Confined()
    {
        var tree = new TestTree();
        tree.MakeFile("/outside");
        tree.MakeDirectory("/in");
        tree.MakeFile("/in/file");
        tree.MakeLink("/outside", "/in/out");
        tree.MakeLink("file", "/in/link");
        tree.MakeLink("/file", "/in/root");
        Check.Equal(Errno.Ok, tree.Resolve("/in", out VfsPath start));
        using var context = new ContextOf(tree.Root);
        var walk = new PathWalk(context.Value, Credentials.Root, start);
        Check.Equal(Errno.Ok, Resolve(walk, "link", ResolveFlags.Beneath));
        Check.Equal(Errno.EXDEV, Resolve(walk, "../outside", ResolveFlags.Beneath));
        Check.Equal(Errno.EXDEV, Resolve(walk, "out", ResolveFlags.Beneath));
        Check.Equal(Errno.EXDEV, Resolve(walk, "/in/file", ResolveFlags.Beneath));
        Check.Equal(Errno.Ok, Resolve(walk, "/file", ResolveFlags.InRoot));
        Check.Equal(Errno.Ok, Resolve(walk, "root", ResolveFlags.InRoot));
        Check.Equal(Errno.Ok, Resolve(walk, "../../file", ResolveFlags.InRoot));
        Check.Equal(Errno.ELOOP, Resolve(walk, "link", ResolveFlags.NoSymbolicLinks));
        Check.Equal(Errno.Ok, Resolve(walk, "../outside", ResolveFlags.NoSymbolicLinks));
    }

    /// <summary>Exclusive creation, directories and their errors.</summary>
    [MightSleep]
    [KernelTest("file.open_creates_what_is_asked_for_and_nothing_else")]
    public static void Creation()
    {
        var tree = new TestTree();
        tree.MakeFile("/file", "text");
        tree.MakeLink("new", "/dangling");
        Check.Equal(Errno.EEXIST, tree.Open("/file", OpenFlags.Create | OpenFlags.Exclusive, out _));
        Check.Equal(Errno.EEXIST, tree.Open("/dangling", OpenFlags.Create | OpenFlags.Exclusive, out _));
        Check.Equal(Errno.EISDIR, tree.Open("/x/", OpenFlags.Create, out _));
        Check.Equal(Errno.EISDIR, tree.Open("/", OpenFlags.WriteOnly, out _));
        Check.Equal(Errno.ENOTDIR, tree.Open("/file", OpenFlags.Directory, out _));
        Check.Equal(Errno.ELOOP, tree.Open("/dangling", OpenFlags.NoFollow, out _));
        Check.Equal(Errno.ENOENT, tree.Open("/dangling", OpenFlags.ReadOnly, out _));
        Check.Equal(Errno.Ok, tree.Open("/dangling", OpenFlags.Create | OpenFlags.WriteOnly, out OpenFile? file));
        file!.Release();
        Check.Equal(Errno.Ok, tree.Resolve("/new", out _));
        Check.Equal(Errno.Ok, tree.Open("/file", OpenFlags.WriteOnly | OpenFlags.Truncate, out file));
        file!.Release();
        Check.Equal("", tree.Read("/file"));
        Check.Equal(0L, tree.FileSystem.Pages);
    }

    /// <summary>The table of who may do what.</summary>
    [MightSleep]
    [KernelTest("file.permissions_follow_owner_group_others_and_capabilities")]
    public static void Permissions()
    {
        var root = new TestTree();
        TestTree owner = root.As(UserOf(1, 10));
        TestTree member = root.As(UserOf(2, 10));
        TestTree other = root.As(UserOf(3, 30));
        TestTree second = root.As(new Credentials(UserOf(4, 40)) { Groups = [20, 10] });
        root.MakeDirectory("/d", 0x3FF);
        Check.Equal(Errno.Ok, root.Resolve("/d", out VfsPath directory));

        // The umask took write permission from the others.
        Check.Equal(0x3EDu, directory.Inode!.Mode & FileMode.PermissionMask);
        Check.Equal(Errno.EACCES, owner.Open("/d/file", OpenFlags.Create | OpenFlags.WriteOnly, out _));
        Check.Equal(Errno.Ok, Vfs.ChangeMode(directory, Credentials.Root, 0x3FF));
        owner.MakeFile("/d/file", "text", 0x1A0);
        Check.Equal("text", owner.Read("/d/file"));
        Check.Equal("text", member.Read("/d/file"));
        Check.Equal("text", second.Read("/d/file"));
        Check.Equal("text", root.Read("/d/file"));
        Check.Equal(Errno.EACCES, other.Open("/d/file", OpenFlags.ReadOnly, out _));
        Check.Equal(Errno.EACCES, member.Open("/d/file", OpenFlags.WriteOnly, out _));

        // The sticky bit: only owners of file or directory remove.
        Check.Equal(Errno.EPERM, other.Unlink("/d/file"));
        Check.Equal(Errno.EPERM, other.Rename("/d/file", "/d/mine"));
        root.MakeDirectory("/own");
        Check.Equal(Errno.EACCES, other.MakeDirectory("/own/e"));
        Check.Equal(Errno.Ok, root.Resolve("/d/file", out VfsPath file));
        Check.Equal(Errno.EPERM, Vfs.ChangeMode(file, other.Credentials, 0x1FF));
        Check.Equal(Errno.EPERM, Vfs.ChangeOwner(file, owner.Credentials, 3, uint.MaxValue));
        Check.Equal(Errno.Ok, Vfs.ChangeOwner(file, owner.Credentials, uint.MaxValue, 10));
        Check.Equal(Errno.Ok, owner.Unlink("/d/file"));

        // A directory that cannot be searched hides what is in it, but for root.
        root.MakeDirectory("/closed", 0x1C0);
        root.MakeFile("/closed/file", "x");
        Check.Equal(Errno.EACCES, other.Resolve("/closed/file", out _));
        Check.Equal("x", root.Read("/closed/file"));

        // The set-group-id bit of a directory is passed on.
        root.MakeDirectory("/g", 0x1FF);
        Check.Equal(Errno.Ok, root.Resolve("/g", out VfsPath group));
        Check.Equal(Errno.Ok, Vfs.ChangeOwner(group, Credentials.Root, uint.MaxValue, 77));
        Check.Equal(Errno.Ok, Vfs.ChangeMode(group, Credentials.Root, 0x5FF));
        Check.Equal(Errno.Ok, other.MakeDirectory("/g/sub"));
        Check.Equal(Errno.Ok, root.Resolve("/g/sub", out VfsPath sub));
        Check.Equal(77u, sub.Inode!.GroupId);
        Check.True((sub.Inode.Mode & FileMode.SetGroupId) != 0);
    }

    /// <summary>rename(2) in all its ways.</summary>
    [MightSleep]
    [KernelTest("file.rename_replaces_exchanges_and_refuses_circles")]
    public static void Renames()
    {
        var tree = new TestTree();
        tree.MakeDirectory("/a");
        tree.MakeDirectory("/a/b");
        tree.MakeDirectory("/full");
        tree.MakeFile("/full/x", "x");
        tree.MakeFile("/one", "1");
        tree.MakeFile("/two", "2");
        Check.Equal(Errno.EINVAL, tree.Rename("/a", "/a/b/c"));
        Check.Equal(Errno.EINVAL, tree.Rename("/a", "/a/b"));
        Check.Equal(Errno.ENOTEMPTY, tree.Rename("/a/b", "/a"));
        Check.Equal(Errno.ENOTEMPTY, tree.Rename("/a/b", "/full"));
        Check.Equal(Errno.EISDIR, tree.Rename("/one", "/a"));
        Check.Equal(Errno.ENOTDIR, tree.Rename("/a", "/one"));
        Check.Equal(Errno.EEXIST, tree.Rename("/one", "/two", Vfs.RenameNoReplace));
        Check.Equal(Errno.ENOENT, tree.Rename("/one", "/none", Vfs.RenameExchange));
        Check.Equal(Errno.EBUSY, tree.Rename("/a/.", "/c"));
        Check.Equal(Errno.ENOTDIR, tree.Rename("/one", "/three/"));
        Check.Equal(Errno.Ok, tree.Rename("/one", "/a/two", Vfs.RenameNoReplace));
        Check.Equal(Errno.Ok, tree.Rename("/two", "/a/two", Vfs.RenameExchange));
        Check.Equal("1", tree.Read("/two"));
        Check.Equal("2", tree.Read("/a/two"));
        Check.Equal(Errno.Ok, tree.Rename("/two", "/a/two"));
        Check.Equal("1", tree.Read("/a/two"));
        Check.Equal(Errno.ENOENT, tree.Resolve("/two", out _));
        Check.Equal(Errno.Ok, tree.Rename("/full", "/a/b"));
        Check.Equal("x", tree.Read("/a/b/x"));
        Check.Equal(Errno.ENOENT, tree.Resolve("/full", out _));
        Check.Equal(1L, tree.FileSystem.Pages - 1);
        Check.Equal(Errno.Ok, tree.Resolve("/a", out VfsPath a));
        Check.Equal(3u, a.Inode!.Links);
        Check.Equal(Errno.Ok, tree.Resolve("/", out VfsPath top));
        Check.Equal(3u, top.Inode!.Links);
    }

    /// <summary>What was removed is still there for who has it open, and its place says so.</summary>
    [MightSleep]
    [KernelTest("file.an_open_file_outlives_its_name")]
    public static void Outlives()
    {
        var tree = new TestTree();
        tree.MakeDirectory("/d");
        tree.MakeFile("/d/file", "text");
        Check.Equal(Errno.Ok, tree.Open("/d/file", OpenFlags.ReadOnly, out OpenFile? file));
        Check.Equal(Errno.Ok, tree.Open("/d", OpenFlags.ReadOnly, out OpenFile? directory));
        Check.Equal(Errno.Ok, tree.Link("/d/file", "/second"));
        Check.Equal(2u, file!.Inode.Links);
        Check.Equal(Errno.Ok, tree.Unlink("/d/file"));
        Check.Equal(Errno.Ok, tree.Unlink("/second"));
        Check.Equal(0u, file.Inode.Links);
        Check.Equal(Errno.Ok, tree.RemoveDirectory("/d"));
        byte[] buffer = new byte[100];
        var sink = new DataSink(buffer);
        Check.Equal(4L, file.Read(ref sink, 0));
        Check.Equal(Errno.Ok, Vfs.GetPath(file.Path, tree.Root, buffer, out int length));
        Check.Equal("/d/file (deleted)", System.Text.Encoding.ASCII.GetString(buffer, 0, length));
        Check.Equal(1L, tree.FileSystem.Pages);
        file.Release();
        directory!.Release();
        Check.Equal(0L, tree.FileSystem.Pages);
        Check.Equal(1L, tree.Inodes);
    }

    private static Credentials UserOf(uint user, uint group) => new()
    {
        UserId = user,
        EffectiveUserId = user,
        SavedUserId = user,
        FileUserId = user,
        GroupId = group,
        EffectiveGroupId = group,
        SavedGroupId = group,
        FileGroupId = group,
        Effective = CapabilitySet.Empty,
        Permitted = CapabilitySet.Empty,
    };

    [MightSleep]
    private static Errno Resolve(in PathWalk walk, string path, ResolveFlags flags) => Vfs.Resolve(walk, TestTree.Bytes(path), flags | ResolveFlags.Follow, out _);
}
