using System;
using System.Collections.Generic;
using Cosmos.HAL.BlockDevice;
using Cosmos.System.FileSystem.Listing;
using CosmosKernel.Machine.Locking;

namespace Cosmos.System.FileSystem;

/// <summary>What is on a drive. Task context.</summary>
[Owned]
public abstract class FileSystem
{
    /// <summary>Makes one.</summary>
    /// <param name="aDevice">What it is on; null when it is in memory.</param>
    /// <param name="aRootPath">The drive, such as <c>0:\</c>.</param>
    /// <param name="aSize">Bytes.</param>
    protected FileSystem(Partition? aDevice, string aRootPath, long aSize)
    {
        ArgumentException.ThrowIfNullOrEmpty(aRootPath);
        Device = aDevice;
        RootPath = aRootPath;
        Size = aSize;
    }

    /// <summary>The drive, such as <c>0:\</c>.</summary>
    public string RootPath { get; }

    /// <summary>Bytes.</summary>
    public long Size { get; }

    /// <summary>Bytes that can still be written.</summary>
    [MightSleep]
    public abstract long AvailableFreeSpace { get; }

    /// <summary>Bytes that are free.</summary>
    [MightSleep]
    public abstract long TotalFreeSpace { get; }

    /// <summary>Its type, such as <c>tmpfs</c>.</summary>
    public abstract string Type { get; }

    /// <summary>Its name.</summary>
    public abstract string Label { get; set; }

    /// <summary>What it is on; null when it is in memory.</summary>
    protected Partition? Device { get; }

    /// <summary>Writes type, size and label to the console.</summary>
    [MightSleep]
    public abstract void DisplayFileSystemInfo();

    /// <summary>What is in a directory.</summary>
    [MightSleep]
    public abstract List<DirectoryEntry> GetDirectoryListing(DirectoryEntry baseDirectory);

    /// <summary>The top.</summary>
    [MightSleep]
    public abstract DirectoryEntry GetRootDirectory();

    /// <summary>Makes a directory, or finds the one that is there.</summary>
    [MightSleep]
    public abstract DirectoryEntry CreateDirectory(DirectoryEntry aParentDirectory, string aNewDirectory);

    /// <summary>Makes an empty file, or finds the one that is there.</summary>
    [MightSleep]
    public abstract DirectoryEntry CreateFile(DirectoryEntry aParentDirectory, string aNewFile);

    /// <summary>Removes a directory, which is empty.</summary>
    [MightSleep]
    public abstract void DeleteDirectory(DirectoryEntry aPath);

    /// <summary>Removes a file.</summary>
    [MightSleep]
    public abstract void DeleteFile(DirectoryEntry aPath);

    /// <summary>Makes it anew, empty.</summary>
    [MightSleep]
    public abstract void Format(string aDriveFormat, bool aQuick);
}
