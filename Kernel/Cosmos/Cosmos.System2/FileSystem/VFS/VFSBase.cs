using System.Collections.Generic;
using System.IO;
using Cosmos.System.FileSystem.Listing;
using CosmosKernel.Machine.Locking;

namespace Cosmos.System.FileSystem.VFS;

/// <summary>What <see cref="VFSManager"/> goes through. Paths begin with a drive, such as <c>0:\folder\file.txt</c>. Task context.</summary>
public abstract class VFSBase
{
    /// <summary>What separates names.</summary>
    public static char DirectorySeparatorChar => '\\';

    /// <summary>What also separates names.</summary>
    public static char AltDirectorySeparatorChar => '/';

    /// <summary>What is behind a drive.</summary>
    public static char VolumeSeparatorChar => ':';

    /// <summary>Called when it is registered.</summary>
    [MightSleep]
    public abstract void Initialize(bool aShowInfo);

    /// <summary>Makes an empty file, and the directories above it, or finds the file that is there.</summary>
    [MightSleep]
    public abstract DirectoryEntry CreateFile(string aPath);

    /// <summary>Makes a directory, and those above it, or finds the one that is there.</summary>
    [MightSleep]
    public abstract DirectoryEntry CreateDirectory(string aPath);

    /// <summary>Removes a file.</summary>
    [MightSleep]
    public abstract bool DeleteFile(DirectoryEntry aPath);

    /// <summary>Removes an empty directory.</summary>
    [MightSleep]
    public abstract bool DeleteDirectory(DirectoryEntry aPath);

    /// <summary>A directory; null when there is none of that path.</summary>
    [MightSleep]
    public abstract DirectoryEntry? GetDirectory(string aPath);

    /// <summary>A file; null when there is none of that path.</summary>
    [MightSleep]
    public abstract DirectoryEntry? GetFile(string aPath);

    /// <summary>What is in a directory.</summary>
    [MightSleep]
    public abstract List<DirectoryEntry> GetDirectoryListing(string aPath);

    /// <summary>What is in a directory.</summary>
    [MightSleep]
    public abstract List<DirectoryEntry> GetDirectoryListing(DirectoryEntry aEntry);

    /// <summary>The top of a drive.</summary>
    [MightSleep]
    public abstract DirectoryEntry GetVolume(string aVolume);

    /// <summary>The tops of all drives.</summary>
    [MightSleep]
    public abstract List<DirectoryEntry> GetVolumes();

    /// <summary>Attributes of a file or directory.</summary>
    [MightSleep]
    public abstract FileAttributes GetFileAttributes(string aPath);

    /// <summary>Sets attributes of a file or directory.</summary>
    [MightSleep]
    public abstract void SetFileAttributes(string aPath, FileAttributes fileAttributes);

    /// <summary>Whether there is a drive of that name.</summary>
    public abstract bool IsValidDriveId(string driveId);

    /// <summary>Bytes of a drive.</summary>
    [MightSleep]
    public abstract long GetTotalSize(string aDriveId);

    /// <summary>Bytes that can be written to a drive.</summary>
    [MightSleep]
    public abstract long GetAvailableFreeSpace(string aDriveId);

    /// <summary>Bytes of a drive that are free.</summary>
    [MightSleep]
    public abstract long GetTotalFreeSpace(string aDriveId);

    /// <summary>Type of what is on a drive.</summary>
    [MightSleep]
    public abstract string GetFileSystemType(string aDriveId);

    /// <summary>Name of a drive.</summary>
    [MightSleep]
    public abstract string GetFileSystemLabel(string aDriveId);

    /// <summary>Gives a drive a name.</summary>
    [MightSleep]
    public abstract void SetFileSystemLabel(string aDriveId, string aLabel);

    /// <summary>The number of the next drive.</summary>
    public abstract string GetNextFilesystemLetter();

    /// <summary>All disks.</summary>
    [MightSleep]
    public abstract List<Disk> GetDisks();
}
