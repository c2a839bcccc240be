using System;
using System.IO;
using CosmosKernel.Machine.Locking;

namespace Cosmos.System.FileSystem.Listing;

/// <summary>A file or directory as it was when somebody looked. Task context.</summary>
[Owned]
public abstract class DirectoryEntry
{
    /// <summary>Bytes of a file; 0 for a directory.</summary>
    public long mSize;

    /// <summary>Path, such as <c>0:\folder\file.txt</c>.</summary>
    public string mFullPath;

    /// <summary>Name.</summary>
    public string mName;

    /// <summary>The directory that it is in; null for the top of a drive.</summary>
    public readonly DirectoryEntry? mParent;

    /// <summary>What it is.</summary>
    public readonly DirectoryEntryTypeEnum mEntryType;

    /// <summary>The file system that it is in.</summary>
    protected readonly FileSystem mFileSystem;

    /// <summary>Makes an entry.</summary>
    protected DirectoryEntry(FileSystem aFileSystem, DirectoryEntry? aParent, string aFullPath, string aName, long aSize, DirectoryEntryTypeEnum aEntryType)
    {
        ArgumentNullException.ThrowIfNull(aFileSystem);
        ArgumentException.ThrowIfNullOrEmpty(aFullPath);
        ArgumentException.ThrowIfNullOrEmpty(aName);
        ArgumentOutOfRangeException.ThrowIfNegative(aSize);
        mFileSystem = aFileSystem;
        mParent = aParent;
        mFullPath = aFullPath;
        mName = aName;
        mSize = aSize;
        mEntryType = aEntryType;
    }

    /// <summary>Gives it another name in the same directory.</summary>
    [MightSleep]
    public abstract void SetName(string aName);

    /// <summary>Makes a file longer, with zeros, or shorter.</summary>
    [MightSleep]
    public abstract void SetSize(long aSize);

    /// <summary>Opens a file to read and write.</summary>
    [MightSleep]
    public abstract Stream GetFileStream();

    /// <summary>Bytes of a file, or of all files in a directory and those in it.</summary>
    [MightSleep]
    public abstract long GetUsedSpace();

    /// <inheritdoc/>
    public override string ToString() => mName;
}
