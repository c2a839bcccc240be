using System;
using System.Collections.Generic;
using System.IO;
using System.Globalization;
using Cosmos.HAL.BlockDevice;
using Cosmos.System.FileSystem.Listing;
using Cosmos.System.FileSystem.VFS;
using CosmosKernel.Files.Managed;
using CosmosKernel.Machine.Locking;

namespace Cosmos.System.FileSystem;

/// <summary>
/// The drives: <c>0:\</c> is the root of the kernel's tree of names, others are directories that the kernel has set (<c>CosmosKernel.Files.Managed.DrivePaths</c>). Everything goes through
/// <c>System.IO</c>, so both always see the same. Names are case-sensitive. Task context.
/// </summary>
public class CosmosVFS : VFSBase
{
    private readonly object _lock = new();

    [GuardedBy(nameof(_lock))]
    private readonly Dictionary<int, DriveFileSystem> _drives = [];

    /// <summary>The drives, as disks of one partition; behind them the disks that drivers have.</summary>
    public List<Disk> Disks
    {
        [MightSleep]
        get => GetDisks();
    }

    /// <inheritdoc/>
    [MightSleep]
    public override void Initialize(bool aShowInfo)
    {
        foreach (DriveFileSystem drive in Drives())
        {
            if (aShowInfo)
            {
                drive.DisplayFileSystemInfo();
            }
        }
    }

    /// <inheritdoc/>
    [MightSleep]
    public override DirectoryEntry CreateFile(string aPath)
    {
        string path = DrivePath.Normalize(aPath);
        DirectoryEntry parent = CreateDirectory(DrivePath.ParentOf(path) ?? throw new IOException($"{aPath} is a directory"));
        return DriveFor(path).CreateFile(parent, DrivePath.NameOf(path));
    }

    /// <inheritdoc/>
    [MightSleep]
    public override DirectoryEntry CreateDirectory(string aPath)
    {
        string path = DrivePath.Normalize(aPath);
        Directory.CreateDirectory(DrivePath.NativeOf(path));
        return DriveFor(path).Find(path) ?? throw new DirectoryNotFoundException($"{aPath}: no such directory");
    }

    /// <inheritdoc/>
    [MightSleep]
    public override bool DeleteFile(DirectoryEntry aPath)
    {
        ArgumentNullException.ThrowIfNull(aPath);
        DriveFor(aPath.mFullPath).DeleteFile(aPath);
        return true;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override bool DeleteDirectory(DirectoryEntry aPath)
    {
        ArgumentNullException.ThrowIfNull(aPath);
        DriveFor(aPath.mFullPath).DeleteDirectory(aPath);
        return true;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override DirectoryEntry? GetDirectory(string aPath) => Find(aPath) is { mEntryType: DirectoryEntryTypeEnum.Directory } entry ? entry : null;

    /// <inheritdoc/>
    [MightSleep]
    public override DirectoryEntry? GetFile(string aPath) => Find(aPath) is { mEntryType: DirectoryEntryTypeEnum.File } entry ? entry : null;

    /// <inheritdoc/>
    [MightSleep]
    public override List<DirectoryEntry> GetDirectoryListing(string aPath) =>
        GetDirectoryListing(GetDirectory(aPath) ?? throw new DirectoryNotFoundException($"{aPath}: no such directory"));

    /// <inheritdoc/>
    [MightSleep]
    public override List<DirectoryEntry> GetDirectoryListing(DirectoryEntry aEntry)
    {
        ArgumentNullException.ThrowIfNull(aEntry);
        return DriveFor(aEntry.mFullPath).GetDirectoryListing(aEntry);
    }

    /// <inheritdoc/>
    [MightSleep]
    public override DirectoryEntry GetVolume(string aVolume) => DriveFor(aVolume).GetRootDirectory();

    /// <inheritdoc/>
    [MightSleep]
    public override List<DirectoryEntry> GetVolumes() => Drives().ConvertAll(drive => drive.GetRootDirectory());

    /// <inheritdoc/>
    [MightSleep]
    public override FileAttributes GetFileAttributes(string aPath) => File.GetAttributes(DrivePath.NativeOf(DrivePath.Normalize(aPath)));

    /// <inheritdoc/>
    [MightSleep]
    public override void SetFileAttributes(string aPath, FileAttributes fileAttributes) => File.SetAttributes(DrivePath.NativeOf(DrivePath.Normalize(aPath)), fileAttributes);

    /// <inheritdoc/>
    public override bool IsValidDriveId(string driveId) => !string.IsNullOrEmpty(driveId) && DrivePath.DriveOf(driveId) >= 0;

    /// <inheritdoc/>
    [MightSleep]
    public override long GetTotalSize(string aDriveId) => DriveFor(aDriveId).Size;

    /// <inheritdoc/>
    [MightSleep]
    public override long GetAvailableFreeSpace(string aDriveId) => DriveFor(aDriveId).AvailableFreeSpace;

    /// <inheritdoc/>
    [MightSleep]
    public override long GetTotalFreeSpace(string aDriveId) => DriveFor(aDriveId).TotalFreeSpace;

    /// <inheritdoc/>
    [MightSleep]
    public override string GetFileSystemType(string aDriveId) => DriveFor(aDriveId).Type;

    /// <inheritdoc/>
    [MightSleep]
    public override string GetFileSystemLabel(string aDriveId) => DriveFor(aDriveId).Label;

    /// <inheritdoc/>
    [MightSleep]
    public override void SetFileSystemLabel(string aDriveId, string aLabel) => DriveFor(aDriveId).Label = aLabel ?? "";

    /// <inheritdoc/>
    public override string GetNextFilesystemLetter()
    {
        int drive = 0;
        while (drive < DrivePaths.Maximum && DrivePaths.Get(drive) is not null)
        {
            drive++;
        }

        return drive.ToString(CultureInfo.InvariantCulture);
    }

    /// <inheritdoc/>
    [MightSleep]
    public override List<Disk> GetDisks() => [.. Drives().ConvertAll(drive => new Disk(new DriveDevice(drive), drive)), .. BlockDevice.Devices.ConvertAll(device => new Disk(device))];

    [MightSleep]
    private DriveEntry? Find(string path)
    {
        string normal = DrivePath.Normalize(path);
        return DriveFor(normal).Find(normal);
    }

    [MightSleep]
    private List<DriveFileSystem> Drives()
    {
        var drives = new List<DriveFileSystem>();
        for (int i = 0; i < DrivePaths.Maximum; i++)
        {
            if (DrivePaths.Get(i) is not null)
            {
                drives.Add(DriveAt(i));
            }
        }

        return drives;
    }

    [MightSleep]
    private DriveFileSystem DriveFor(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        int drive = DrivePath.DriveOf(path);
        return drive >= 0 ? DriveAt(drive) : throw new DriveNotFoundException($"'{path}' names no drive that there is, such as 0:\\");
    }

    [MightSleep]
    private DriveFileSystem DriveAt(int drive)
    {
        lock (_lock)
        {
            if (!_drives.TryGetValue(drive, out DriveFileSystem? found))
            {
                found = new DriveFileSystem(drive);
                _drives.Add(drive, found);
            }

            return found;
        }
    }
}
