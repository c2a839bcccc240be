using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.SystemFiles;

/// <summary>A directory whose entries the kernel makes. Its names are asked for each time, so they may come and go.</summary>
public abstract class SystemDirectory : Inode
{
    /// <summary>Makes one.</summary>
    /// <param name="fileSystem">What it belongs to.</param>
    /// <param name="number">Its inode number.</param>
    /// <param name="permissions">Permission bits.</param>
    /// <param name="userId">Owner.</param>
    /// <param name="groupId">Group.</param>
    protected SystemDirectory(FileSystem fileSystem, ulong number, uint permissions, uint userId = 0, uint groupId = 0)
        : base(fileSystem, number, new NewInode(FileMode.Directory | permissions, userId, groupId))
    {
        SetLinks(2);
    }

    /// <inheritdoc/>
    public override bool CachesNames => false;

    /// <summary>The inode number of the directory above, for <c>..</c>.</summary>
    protected internal virtual ulong ParentNumber => Number;

    /// <summary>Walks the entries. Task context.</summary>
    /// <param name="position">From here on; set behind the entry that is found. 0 is the start.</param>
    /// <param name="entry">The entry.</param>
    /// <returns>False when there is no more.</returns>
    [MightSleep]
    protected internal abstract bool TryNext(ref long position, out SystemEntry entry);

    /// <summary>Whether the caller may list or look up; checked at each of both. Default: yes.</summary>
    [MightSleep]
    protected internal virtual Errno CheckUse() => Errno.Ok;

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Open(in VfsPath path, OpenFlags flags, out OpenFile? file)
    {
        file = null;
        Errno error = CheckUse();
        if (error == Errno.Ok)
        {
            file = new Listing(path, this, flags);
        }

        return error;
    }

    private sealed class Listing : SeekableFile
    {
        private const int Self = 0;
        private const int Parent = 1;
        private const int First = 2;

        private readonly SystemDirectory _directory;

        public Listing(in VfsPath path, SystemDirectory directory, OpenFlags flags)
            : base(path, directory, flags)
        {
            _directory = directory;
        }

        /// <inheritdoc/>
        [MightSleep]
        protected override Errno ReadDirectoryAt(ref DirectorySink to, ref long position)
        {
            byte directoryType = FileMode.DirectoryType(FileMode.Directory);
            if (position == Self && to.Add("."u8, _directory.Number, directoryType, Parent))
            {
                position = Parent;
            }

            if (position == Parent && to.Add(".."u8, _directory.ParentNumber, directoryType, First))
            {
                position = First;
            }

            if (position < First)
            {
                return Errno.Ok;
            }

            long next = position - First;
            while (_directory.TryNext(ref next, out SystemEntry entry) && to.Add(entry.Name, entry.Number, FileMode.DirectoryType(entry.Mode), next + First))
            {
                position = next + First;
            }

            return Errno.Ok;
        }
    }
}
