using System;
using System.Collections.Generic;
using CosmosKernel.Abi;

namespace CosmosKernel.Files.Descriptors
{
    /// <summary>An open file that is only counted.</summary>
    public sealed class OpenFile
    {
        public int References { get; private set; } = 1;

        public void AddReference() => References++;

        public bool TryAddReference()
        {
            bool isOpen = References > 0;
            References += isOpen ? 1 : 0;
            return isOpen;
        }

        /// <summary>What was written back, as offset and length.</summary>
        public List<(long Offset, long Length)> Synced { get; } = [];

        public Errno SyncMapped(long offset, long length)
        {
            Synced.Add((offset, length));
            return Errno.Ok;
        }

        public void Release()
        {
            if (References <= 0)
            {
                throw new InvalidOperationException("A file was released more often than it was referenced.");
            }

            References--;
        }
    }
}

namespace CosmosKernel.Files.Naming
{
    /// <summary>A place in the tree of names.</summary>
    public readonly record struct VfsPath;
}
