using System;
using System.Collections.Generic;
using System.IO;
using Cosmos.System.FileSystem.Listing;
using CosmosKernel.Files.Managed;
using CosmosKernel.Machine.Locking;

namespace Cosmos.System.FileSystem;

/// <summary>A drive: a directory of the kernel's tree of names.</summary>
[Owned]
internal sealed class DriveFileSystem : FileSystem
{
    private readonly DriveInfo _info;

    /// <summary>Makes it.</summary>
    /// <param name="drive">Its number; there is such a drive.</param>
    [MightSleep]
    public DriveFileSystem(int drive)
        : base(null, DrivePath.RootOf(drive), InfoOf(drive).TotalSize)
    {
        _info = InfoOf(drive);
        Label = "";
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long AvailableFreeSpace => _info.AvailableFreeSpace;

    /// <inheritdoc/>
    [MightSleep]
    public override long TotalFreeSpace => _info.TotalFreeSpace;

    /// <inheritdoc/>
    [MightSleep]
    public override string Type
    {
        get
        {
            // .NET knows file systems by their magic number alone, and finds another name of tmpfs's first.
            string name = _info.DriveFormat;
            return name == "udev" ? "tmpfs" : name;
        }
    }

    /// <summary>A name that is kept as long as the kernel runs.</summary>
    public override string Label { get; set; }

    /// <inheritdoc/>
    [MightSleep]
    public override void DisplayFileSystemInfo() => global::System.Console.WriteLine($"{RootPath} {Type}, {Size} bytes, {AvailableFreeSpace} free{(Label.Length > 0 ? $", {Label}" : "")}");

    /// <inheritdoc/>
    [MightSleep]
    public override List<DirectoryEntry> GetDirectoryListing(DirectoryEntry baseDirectory)
    {
        var entries = new List<DirectoryEntry>();
        foreach (string path in Directory.EnumerateFileSystemEntries(DrivePath.NativeOf(baseDirectory.mFullPath)))
        {
            // Who removes one meanwhile is no error of who lists.
            DriveEntry? entry = DriveEntry.Find(this, baseDirectory, DrivePath.Join(baseDirectory.mFullPath, Path.GetFileName(path)));
            if (entry is not null)
            {
                entries.Add(entry);
            }
        }

        entries.Sort((a, b) => string.CompareOrdinal(a.mName, b.mName));
        return entries;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override DirectoryEntry GetRootDirectory() => Find(RootPath) ?? throw new DriveNotFoundException($"the directory of drive {RootPath} is not there");

    /// <inheritdoc/>
    [MightSleep]
    public override DirectoryEntry CreateDirectory(DirectoryEntry aParentDirectory, string aNewDirectory)
    {
        string path = DrivePath.Join(aParentDirectory.mFullPath, aNewDirectory);
        Directory.CreateDirectory(DrivePath.NativeOf(path));
        return Found(path);
    }

    /// <inheritdoc/>
    [MightSleep]
    public override DirectoryEntry CreateFile(DirectoryEntry aParentDirectory, string aNewFile)
    {
        string path = DrivePath.Join(aParentDirectory.mFullPath, aNewFile);
        new FileStream(DrivePath.NativeOf(path), FileMode.OpenOrCreate).Dispose();
        return Found(path);
    }

    /// <inheritdoc/>
    [MightSleep]
    public override void DeleteDirectory(DirectoryEntry aPath) => Directory.Delete(DrivePath.NativeOf(aPath.mFullPath));

    /// <inheritdoc/>
    [MightSleep]
    public override void DeleteFile(DirectoryEntry aPath)
    {
        if (!File.Exists(DrivePath.NativeOf(aPath.mFullPath)))
        {
            throw new FileNotFoundException($"{aPath.mFullPath}: no such file", aPath.mFullPath);
        }

        File.Delete(DrivePath.NativeOf(aPath.mFullPath));
    }

    /// <summary>Always an exception: what a drive is made of is not decided here.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override void Format(string aDriveFormat, bool aQuick) => throw new NotSupportedException($"{RootPath} cannot be formatted: it is a directory of the kernel's tree of names (docs/cosmos.md)");

    /// <summary>What is at a path in its one form; null when nothing is.</summary>
    [MightSleep]
    public DriveEntry? Find(string path) => DriveEntry.Find(this, null, path);

    [MightSleep]
    private static DriveInfo InfoOf(int drive) => new(DrivePaths.Get(drive) ?? throw new DriveNotFoundException($"there is no drive {drive}"));

    [MightSleep]
    private DriveEntry Found(string path) => Find(path) ?? throw new FileNotFoundException($"{path} was removed as soon as it was made", path);
}
