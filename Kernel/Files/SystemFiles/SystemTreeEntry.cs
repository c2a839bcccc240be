using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;

namespace CosmosKernel.Files.SystemFiles;

/// <summary>One file or link of a <see cref="SystemTree"/>.</summary>
internal sealed class SystemTreeEntry : IDisposable
{
    private readonly SystemTree _tree;
    private readonly CallGate _gate = new();
    private readonly string? _target;
    private readonly Func<SystemFileSystem, Inode>? _make;
    private readonly TextGenerator? _generate;
    private readonly TextReceiver? _receive;
    private readonly uint _permissions;
    private readonly Func<Exception, Errno>? _fault;

    [Immutable]
    private readonly string[] _parts;

    public SystemTreeEntry(SystemTree tree, string path, string target)
    {
        _tree = tree;
        Path = path;
        _parts = Split(path);
        _target = target;
    }

    public SystemTreeEntry(SystemTree tree, string path, Func<SystemFileSystem, Inode> make)
    {
        _tree = tree;
        Path = path;
        _parts = Split(path);
        _make = make;
    }

    public SystemTreeEntry(SystemTree tree, string path, TextGenerator generate, TextReceiver? receive, uint permissions, Func<Exception, Errno>? fault)
    {
        _tree = tree;
        Path = path;
        _parts = Split(path);
        _generate = generate;
        _receive = receive;
        _permissions = permissions;
        _fault = fault;
    }

    /// <summary>Below the mount point.</summary>
    public string Path { get; }

    /// <summary>The folders that it is in.</summary>
    public string[] Folders => _parts[..^1];

    /// <summary>Its own name.</summary>
    public string Name => _parts[^1];

    public Inode MakeInode(SystemFileSystem fileSystem) =>
        _make is { } make ? make(fileSystem) : _target is { } target ? new SystemLink(fileSystem, fileSystem.NextNumber(), target) : new Text(fileSystem, this);

    /// <inheritdoc/>
    [MightSleep]
    public void Dispose()
    {
        _tree.Remove(this);
        _gate.Close();
    }

    private static string[] Split(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string[] parts = path.Split('/');
        return Array.Exists(parts, part => part is "" or "." or "..") ? throw new ArgumentException($"'{path}' is no path below a mount point.", nameof(path)) : parts;
    }

    private sealed class Text(SystemFileSystem fileSystem, SystemTreeEntry entry) : TextFile(fileSystem, fileSystem.NextNumber(), entry._permissions)
    {
        /// <inheritdoc/>
        [MightSleep]
        protected internal override Errno Generate(TextBuilder to, ref long cursor, out bool isLast)
        {
            isLast = true;
            if (!entry._gate.TryEnter())
            {
                return Errno.ENODEV;
            }

            try
            {
                entry._generate!(to);
                return Errno.Ok;
            }
            catch (Exception exception) when (entry._fault is not null && exception is not OutOfMemoryException)
            {
                to.Clear();
                return entry._fault(exception);
            }
            finally
            {
                entry._gate.Exit();
            }
        }

        /// <inheritdoc/>
        [MightSleep]
        protected internal override Errno Receive(ReadOnlySpan<byte> text)
        {
            if (entry._receive is not { } receive)
            {
                return Errno.EINVAL;
            }

            if (!entry._gate.TryEnter())
            {
                return Errno.ENODEV;
            }

            try
            {
                return receive(text);
            }
            catch (Exception exception) when (entry._fault is not null && exception is not OutOfMemoryException)
            {
                return entry._fault(exception);
            }
            finally
            {
                entry._gate.Exit();
            }
        }
    }
}
