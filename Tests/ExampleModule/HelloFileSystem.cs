using System;
using System.Text;
using CosmosKernel.Abi;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.SystemFiles;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Examples;

/// <summary>
/// A type of file systems: <c>mount -t hellofs -o name=you none /mnt</c>, and <c>cat /mnt/hello</c> greets. Nothing is on a disk: files that are made when they are read need no more than
/// <see cref="SystemFileSystem"/> and <see cref="FixedDirectory"/>. Others derive from <see cref="FileSystem"/> and <see cref="Inode"/> themselves.
/// </summary>
internal sealed class HelloFileSystemType() : FileSystemType("hellofs")
{
    private const string NameOption = "name=";

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Mount(string source, string options, out FileSystem? fileSystem)
    {
        fileSystem = null;
        string name = "world";
        foreach (string option in options.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!option.StartsWith(NameOption, StringComparison.Ordinal))
            {
                return Errno.EINVAL;
            }

            name = option[NameOption.Length..];
        }

        // A file system for each mount; who wants only one returns the same again.
        fileSystem = new HelloFileSystem(this, name);
        return Errno.Ok;
    }
}

/// <summary>One file system: a greeting, how often it was read, and a folder with a link.</summary>
internal sealed class HelloFileSystem : SystemFileSystem
{
    private readonly FixedDirectory _root;
    private readonly string _name;

    [Atomic]
    private int _readings;

    [MightSleep]
    public HelloFileSystem(FileSystemType type, string name)
        : base(type)
    {
        _name = name;
        _root = new FixedDirectory(this);
        _root.Add("hello", to =>
        {
            System.Threading.Interlocked.Increment(ref _readings);
            to.Add("Hello, "u8).Add(Encoding.UTF8.GetBytes(_name)).Add("!\n"u8);
        });
        _root.Add("readings", to => to.Add((long)System.Threading.Volatile.Read(ref _readings)).Line());
        _root.AddDirectory("more").AddLink("greeting", "../hello");
    }

    /// <inheritdoc/>
    public override Inode Root => _root;

    /// <inheritdoc/>
    public override string Options => $"name={_name}";

    // Any number that no other type has: what statfs(2) shows as the type.
    /// <inheritdoc/>
    protected override long Magic => 0x4845_4C4F;
}
