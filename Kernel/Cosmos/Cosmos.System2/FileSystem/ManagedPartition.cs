using System;
using Cosmos.HAL.BlockDevice;
using CosmosKernel.Machine.Locking;

namespace Cosmos.System.FileSystem;

/// <summary>A partition of a disk.</summary>
[Owned]
public class ManagedPartition
{
    /// <summary>Its blocks.</summary>
    public readonly Partition Host;

    /// <summary>The drive, such as <c>0:\</c>; empty when it is not mounted.</summary>
    public string RootPath = "";

    /// <summary>What is on it; null when it is not mounted.</summary>
    public FileSystem? MountedFS;

    /// <summary>The only file system that is tried; null for all.</summary>
    public string? LimitFS;

    /// <summary>Makes one.</summary>
    public ManagedPartition(Partition host, string? limitFS = null)
    {
        ArgumentNullException.ThrowIfNull(host);
        Host = host;
        LimitFS = limitFS;
    }

    /// <summary>Whether it is mounted.</summary>
    public bool HasFileSystem => MountedFS is not null;

    /// <summary>Forgets what is on it.</summary>
    public void Clear()
    {
        MountedFS = null;
        RootPath = "";
    }
}
