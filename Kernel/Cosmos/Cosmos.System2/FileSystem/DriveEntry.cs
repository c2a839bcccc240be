using System;
using System.IO;
using Cosmos.System.FileSystem.Listing;
using CosmosKernel.Machine.Locking;

namespace Cosmos.System.FileSystem;

/// <summary>A file or directory of a drive.</summary>
[Owned]
internal sealed class DriveEntry : DirectoryEntry
{
    private readonly DriveFileSystem _drive;

    private DriveEntry(DriveFileSystem drive, DirectoryEntry? parent, string path, long size, DirectoryEntryTypeEnum type)
        : base(drive, parent, path, DrivePath.NameOf(path), size, type) => _drive = drive;

    /// <summary>Looks at a path.</summary>
    /// <param name="drive">Its drive.</param>
    /// <param name="parent">The directory, if the caller has it.</param>
    /// <param name="path">The path in its one form.</param>
    /// <returns>Null when there is nothing.</returns>
    [MightSleep]
    public static DriveEntry? Find(DriveFileSystem drive, DirectoryEntry? parent, string path)
    {
        string native = DrivePath.NativeOf(path);
        if (Directory.Exists(native))
        {
            return new DriveEntry(drive, parent, path, 0, DirectoryEntryTypeEnum.Directory);
        }

        var file = new FileInfo(native);
        if (!file.Exists)
        {
            return null;
        }

        bool isFile = (file.Attributes & FileAttributes.Device) == 0;
        return new DriveEntry(drive, parent, path, isFile ? file.Length : 0, isFile ? DirectoryEntryTypeEnum.File : DirectoryEntryTypeEnum.Unknown);
    }

    /// <inheritdoc/>
    [MightSleep]
    public override void SetName(string aName)
    {
        ArgumentException.ThrowIfNullOrEmpty(aName);
        string parent = DrivePath.ParentOf(mFullPath) ?? throw new IOException($"{mFullPath} is the top of a drive, and has no other name");
        if (aName.AsSpan().IndexOfAny('\\', '/') >= 0)
        {
            throw new ArgumentException($"'{aName}' is no name", nameof(aName));
        }

        string target = DrivePath.Join(parent, aName);
        if (mEntryType == DirectoryEntryTypeEnum.Directory)
        {
            Directory.Move(DrivePath.NativeOf(mFullPath), DrivePath.NativeOf(target));
        }
        else
        {
            File.Move(DrivePath.NativeOf(mFullPath), DrivePath.NativeOf(target));
        }

        mFullPath = target;
        mName = aName;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override void SetSize(long aSize)
    {
        using FileStream stream = Open();
        stream.SetLength(aSize);
        mSize = aSize;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override Stream GetFileStream() => Open();

    /// <inheritdoc/>
    [MightSleep]
    public override long GetUsedSpace()
    {
        if (mEntryType != DirectoryEntryTypeEnum.Directory)
        {
            return mSize;
        }

        long sum = 0;
        foreach (DirectoryEntry entry in _drive.GetDirectoryListing(this))
        {
            sum += entry.GetUsedSpace();
        }

        return sum;
    }

    [MightSleep]
    private FileStream Open() => mEntryType == DirectoryEntryTypeEnum.Directory
        ? throw new IOException($"{mFullPath} is a directory")
        : new FileStream(DrivePath.NativeOf(mFullPath), FileMode.Open, FileAccess.ReadWrite);
}
