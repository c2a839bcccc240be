using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using Cosmos.System.FileSystem.Listing;
using CosmosKernel.Machine.Locking;

namespace Cosmos.System.FileSystem.VFS;

/// <summary>
/// Files by Cosmos's names, through the file system that the kernel registered. Paths begin with a drive, such as <c>0:\folder\file.txt</c>. Without one registered, everything throws
/// <see cref="InvalidOperationException"/>. Task context.
/// </summary>
public static class VFSManager
{
    private const string InvalidInNames = "\"<>|:*?\\/";

    [Atomic]
    private static VFSBase? s_vfs;

    private static VFSBase Registered => Volatile.Read(ref s_vfs) ?? throw new InvalidOperationException("no file system is registered: call VFSManager.RegisterVFS(new CosmosVFS()) first");

    /// <summary>Registers a file system.</summary>
    /// <param name="aVFS">A <see cref="CosmosVFS"/>, or a kernel's own.</param>
    /// <param name="aShowInfo">Whether it writes its drives to the console.</param>
    /// <param name="aAllowReinitialise">Whether it may take the place of another.</param>
    /// <exception cref="InvalidOperationException">There is another.</exception>
    [MightSleep]
    public static void RegisterVFS(VFSBase aVFS, bool aShowInfo = true, bool aAllowReinitialise = false)
    {
        ArgumentNullException.ThrowIfNull(aVFS);
        if (aAllowReinitialise)
        {
            Volatile.Write(ref s_vfs, aVFS);
        }
        else if (Interlocked.CompareExchange(ref s_vfs, aVFS, null) is not null)
        {
            throw new InvalidOperationException("a file system has been registered already");
        }

        aVFS.Initialize(aShowInfo);
    }

    /// <summary>Makes an empty file, and the directories above it, or finds the file that is there.</summary>
    [MightSleep]
    public static DirectoryEntry CreateFile(string aPath) => Registered.CreateFile(Checked(aPath));

    /// <summary>Removes a file.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    [MightSleep]
    public static void DeleteFile(string aPath) => Registered.DeleteFile(GetFile(aPath) ?? throw new FileNotFoundException($"{aPath}: no such file", aPath));

    /// <summary>A file; null when there is none of that path.</summary>
    [MightSleep]
    public static DirectoryEntry? GetFile(string aPath) => Registered.GetFile(Checked(aPath));

    /// <summary>Makes a directory, and those above it, or finds the one that is there.</summary>
    [MightSleep]
    public static DirectoryEntry CreateDirectory(string aPath) => Registered.CreateDirectory(Checked(aPath));

    /// <summary>Removes a directory.</summary>
    /// <param name="aPath">Its path.</param>
    /// <param name="recursive">Whether all that is in it goes, too.</param>
    /// <exception cref="DirectoryNotFoundException">There is none.</exception>
    /// <exception cref="IOException">It is not empty.</exception>
    [MightSleep]
    public static void DeleteDirectory(string aPath, bool recursive)
    {
        DirectoryEntry directory = GetDirectory(aPath) ?? throw new DirectoryNotFoundException($"{aPath}: no such directory");
        List<DirectoryEntry> entries = Registered.GetDirectoryListing(directory);
        if (entries.Count > 0 && !recursive)
        {
            throw new IOException($"{aPath} is not empty");
        }

        foreach (DirectoryEntry entry in entries)
        {
            if (entry.mEntryType == DirectoryEntryTypeEnum.Directory)
            {
                DeleteDirectory(entry.mFullPath, recursive: true);
            }
            else
            {
                Registered.DeleteFile(entry);
            }
        }

        Registered.DeleteDirectory(directory);
    }

    /// <summary>A directory; null when there is none of that path.</summary>
    [MightSleep]
    public static DirectoryEntry? GetDirectory(string aPath) => Registered.GetDirectory(Checked(aPath));

    /// <summary>What is in a directory, by name.</summary>
    /// <exception cref="DirectoryNotFoundException">There is none.</exception>
    [MightSleep]
    public static List<DirectoryEntry> GetDirectoryListing(string aPath) => Registered.GetDirectoryListing(Checked(aPath));

    /// <summary>The top of a drive.</summary>
    [MightSleep]
    public static DirectoryEntry GetVolume(string aVolume) => Registered.GetVolume(Checked(aVolume));

    /// <summary>The tops of all drives.</summary>
    [MightSleep]
    public static List<DirectoryEntry> GetVolumes() => Registered.GetVolumes();

    /// <summary>The names of all drives, such as <c>0:\</c>.</summary>
    [MightSleep]
    public static List<string> GetLogicalDrives() => GetVolumes().ConvertAll(volume => volume.mFullPath);

    /// <summary>Whether there is a file of that path.</summary>
    [MightSleep]
    public static bool FileExists(string aPath) => !string.IsNullOrEmpty(aPath) && GetFile(aPath) is not null;

    /// <summary>Whether a file is still there.</summary>
    [MightSleep]
    public static bool FileExists(DirectoryEntry aEntry) => aEntry is not null && FileExists(aEntry.mFullPath);

    /// <summary>Whether there is a directory of that path.</summary>
    [MightSleep]
    public static bool DirectoryExists(string aPath) => !string.IsNullOrEmpty(aPath) && GetDirectory(aPath) is not null;

    /// <summary>Whether a directory is still there.</summary>
    [MightSleep]
    public static bool DirectoryExists(DirectoryEntry aEntry) => aEntry is not null && DirectoryExists(aEntry.mFullPath);

    /// <summary>The path of an entry.</summary>
    public static string GetFullPath(DirectoryEntry aEntry)
    {
        ArgumentNullException.ThrowIfNull(aEntry);
        return aEntry.mFullPath;
    }

    /// <summary>Opens a file to read and write.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    [MightSleep]
    public static Stream GetFileStream(string aPathname) => (GetFile(aPathname) ?? throw new FileNotFoundException($"{aPathname}: no such file", aPathname)).GetFileStream();

    /// <summary>Attributes of a file or directory.</summary>
    [MightSleep]
    public static FileAttributes GetFileAttributes(string aPath) => Registered.GetFileAttributes(Checked(aPath));

    /// <summary>Sets attributes of a file or directory.</summary>
    [MightSleep]
    public static void SetFileAttributes(string aPath, FileAttributes fileAttributes) => Registered.SetFileAttributes(Checked(aPath), fileAttributes);

    /// <summary>Whether there is a drive of that name: <c>0</c>, <c>0:</c> or a path.</summary>
    public static bool IsValidDriveId(string aPath) => Registered.IsValidDriveId(aPath);

    /// <summary>Bytes of a drive.</summary>
    [MightSleep]
    public static long GetTotalSize(string aDriveId) => Registered.GetTotalSize(aDriveId);

    /// <summary>Bytes that can be written to a drive.</summary>
    [MightSleep]
    public static long GetAvailableFreeSpace(string aDriveId) => Registered.GetAvailableFreeSpace(aDriveId);

    /// <summary>Bytes of a drive that are free.</summary>
    [MightSleep]
    public static long GetTotalFreeSpace(string aDriveId) => Registered.GetTotalFreeSpace(aDriveId);

    /// <summary>Type of what is on a drive, such as <c>tmpfs</c>.</summary>
    [MightSleep]
    public static string GetFileSystemType(string aDriveId) => Registered.GetFileSystemType(aDriveId);

    /// <summary>Name of a drive.</summary>
    [MightSleep]
    public static string GetFileSystemLabel(string aDriveId) => Registered.GetFileSystemLabel(aDriveId);

    /// <summary>Gives a drive a name.</summary>
    [MightSleep]
    public static void SetFileSystemLabel(string aDriveId, string aLabel) => Registered.SetFileSystemLabel(aDriveId, aLabel);

    /// <summary>What also separates names.</summary>
    public static char GetAltDirectorySeparatorChar() => VFSBase.AltDirectorySeparatorChar;

    /// <summary>What separates names.</summary>
    public static char GetDirectorySeparatorChar() => VFSBase.DirectorySeparatorChar;

    /// <summary>What names of Cosmos never have: control codes and some marks.</summary>
    public static char[] GetInvalidFileNameChars() => [.. GetRealInvalidPathChars(), .. InvalidInNames];

    /// <summary>What paths of Cosmos never have, wildcards included.</summary>
    public static char[] GetInvalidPathCharsWithAdditionalChecks() => [.. GetRealInvalidPathChars(), '"', '<', '>', '|', '*', '?'];

    /// <summary>What separates paths in a list of them.</summary>
    public static char GetPathSeparator() => ';';

    /// <summary>What paths never have: control codes.</summary>
    public static char[] GetRealInvalidPathChars()
    {
        char[] characters = new char[0x20];
        for (int i = 0; i < characters.Length; i++)
        {
            characters[i] = (char)i;
        }

        return characters;
    }

    /// <summary>What is cut off the end of a path: white space.</summary>
    public static char[] GetTrimEndChars() => ['\t', '\n', '\v', '\f', '\r', ' ', '\u0085', '\u00A0'];

    /// <summary>What is behind a drive.</summary>
    public static char GetVolumeSeparatorChar() => VFSBase.VolumeSeparatorChar;

    /// <summary>Bytes that a path has at most.</summary>
    public static int GetMaxPath() => 4095;

    /// <summary>The names of a path.</summary>
    public static string[] SplitPath(string aPath)
    {
        ArgumentNullException.ThrowIfNull(aPath);
        return aPath.Split([VFSBase.DirectorySeparatorChar, VFSBase.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>The directory that a path is in; null for the top of a drive.</summary>
    [MightSleep]
    public static DirectoryEntry? GetParent(string aPath) => DrivePath.ParentOf(DrivePath.Normalize(Checked(aPath))) is { } parent ? GetDirectory(parent) : null;

    /// <summary>The number of the next drive.</summary>
    public static string GetNextFilesystemLetter() => Registered.GetNextFilesystemLetter();

    /// <summary>All disks.</summary>
    [MightSleep]
    public static List<Disk> GetDisks() => Registered.GetDisks();

    /// <summary>Refuses to go on without a file system.</summary>
    /// <exception cref="InvalidOperationException">None is registered.</exception>
    public static void ThrowIfNotRegistered() => _ = Registered;

    private static string Checked(string path) => !string.IsNullOrEmpty(path) ? path : throw new ArgumentNullException(nameof(path), "a path is needed");
}
