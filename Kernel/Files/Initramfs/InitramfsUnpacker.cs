using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Log;
using FileMode = CosmosKernel.Abi.FileMode;

namespace CosmosKernel.Files.Initramfs;

/// <summary>
/// Unpacks an initramfs into the tree of names, as Linux does: archives in the format cpio "newc" one after the other, each plain or in gzip, with zeros between them. An entry that
/// cannot be made is named in the log and left out; what comes before a malformed place stays. For one task, before user space starts.
/// </summary>
[TaskPrivate]
public sealed class InitramfsUnpacker
{
    private const int CopyBytes = 64 * 1024;
    private const long NanosecondsPerSecond = 1_000_000_000;

    private readonly PathWalk _walk;
    private readonly Credentials _credentials;
    private readonly byte[] _buffer = new byte[CopyBytes];
    private readonly Dictionary<(uint Major, uint Minor, uint Inode), byte[]> _linked = [];

    // Directories get their times last: what is made in them changes these.
    private readonly List<(byte[] Name, long Time)> _directories = [];

    /// <summary>Makes one.</summary>
    /// <param name="context">Its root is where the archive is unpacked; its umask should be 0.</param>
    /// <param name="credentials">Who owns nothing of it: owners are the archive's.</param>
    public InitramfsUnpacker(FileSystemContext context, Credentials credentials)
    {
        _walk = new PathWalk(context, credentials, context.Root);
        _credentials = credentials;
    }

    /// <summary>Entries that were made.</summary>
    public int Entries { get; private set; }

    /// <summary>Entries that could not be made.</summary>
    public int Failures { get; private set; }

    /// <summary>Bytes of contents that were unpacked.</summary>
    public long Bytes { get; private set; }

    /// <summary>Unpacks all archives of a stream. Task context.</summary>
    /// <param name="stream">From where it stands to its end.</param>
    /// <exception cref="ArchiveException">The archive is malformed, or compressed with something else than gzip.</exception>
    [MightSleep]
    public void Unpack(Stream stream)
    {
        var input = new ArchiveInput(stream);
        while (SkipZeros(input))
        {
            if (!GzipMember.IsNext(input))
            {
                UnpackPlain(input);
                continue;
            }

            using var unpacked = new GzipMember(input);
            var inner = new ArchiveInput(unpacked);
            while (SkipZeros(inner))
            {
                UnpackPlain(inner);
            }
        }

        for (int i = _directories.Count - 1; i >= 0; i--)
        {
            SetTimes(_directories[i].Name, _directories[i].Time);
        }

        _directories.Clear();
    }

    private static bool SkipZeros(ArchiveInput input)
    {
        int next = input.Peek();
        while (next == 0)
        {
            input.ReadByte();
            next = input.Peek();
        }

        return next >= 0;
    }

    private static string Text(ReadOnlySpan<byte> name) => Encoding.UTF8.GetString(name);

    [MightSleep]
    private void UnpackPlain(ArchiveInput input)
    {
        RefuseOtherFormats(input);
        var archive = new CpioReader(input);
        while (archive.Next() is { } entry)
        {
            Errno error = Make(entry, archive);
            if (error == Errno.Ok)
            {
                Entries++;
            }
            else
            {
                Failures++;
                KernelLog.Warning($"initramfs: {Text(entry.Name)} cannot be made: {error}");
            }
        }

        _linked.Clear();
    }

    private static void RefuseOtherFormats(ArchiveInput input)
    {
        string? format = input.Peek() switch
        {
            'B' => "bzip2",
            0xFD => "xz",
            0x5D => "lzma",
            0x89 => "lzo",
            0x02 or 0x04 => "lz4",
            0x28 => "zstd",
            0xC7 or 0x71 => "cpio's old binary format",
            _ => null,
        };
        if (format is not null)
        {
            throw new ArchiveException($"the archive seems to be in {format}; cpio \"newc\" is understood, plain or with gzip", input.Position);
        }
    }

    [MightSleep]
    private Errno Make(CpioEntry entry, CpioReader archive)
    {
        // The root itself, and what stands for it.
        if (entry.Name.AsSpan().SequenceEqual("."u8) || entry.Name.AsSpan().SequenceEqual("/"u8))
        {
            _directories.Add((entry.Name, entry.ModifiedSeconds * NanosecondsPerSecond));
            return SetRights(entry);
        }

        uint type = entry.Mode & FileMode.TypeMask;
        if (type != FileMode.Directory && entry.Links > 1)
        {
            if (_linked.TryGetValue(entry.Identity, out byte[]? first))
            {
                return MakeLink(entry, first, archive);
            }

            _linked.Add(entry.Identity, entry.Name);
        }

        Errno error = MakeByType(entry, type, archive);
        if (error != Errno.Ok || type == FileMode.SymbolicLink)
        {
            return error;
        }

        error = SetRights(entry);
        if (error == Errno.Ok)
        {
            if (type == FileMode.Directory)
            {
                _directories.Add((entry.Name, entry.ModifiedSeconds * NanosecondsPerSecond));
            }
            else
            {
                SetTimes(entry.Name, entry.ModifiedSeconds * NanosecondsPerSecond);
            }
        }

        return error;
    }

    [MightSleep]
    private Errno MakeByType(CpioEntry entry, uint type, CpioReader archive)
    {
        if (type == FileMode.Directory)
        {
            Errno made = Vfs.MakeDirectory(_walk, entry.Name, entry.Mode & FileMode.PermissionMask);
            return made != Errno.EEXIST ? made : RemoveUnlessDirectory(entry);
        }

        // A later archive replaces what an earlier one brought.
        Errno error = Vfs.Unlink(_walk, entry.Name);
        if (error is not (Errno.Ok or Errno.ENOENT))
        {
            return error;
        }

        switch (type)
        {
            case FileMode.Regular:
                return MakeFile(entry, archive, OpenFlags.Create | OpenFlags.Exclusive);
            case FileMode.SymbolicLink:
                return MakeSymbolicLink(entry, archive);
            case FileMode.CharacterDevice:
            case FileMode.BlockDevice:
            case FileMode.Fifo:
            case FileMode.Socket:
                return Vfs.MakeNode(_walk, entry.Name, entry.Mode, new DeviceNumber(entry.DeviceMajor, entry.DeviceMinor), out _);
            default:
                return Errno.EINVAL;
        }
    }

    [MightSleep]
    private Errno RemoveUnlessDirectory(CpioEntry entry)
    {
        Errno error = Vfs.Resolve(_walk, entry.Name, ResolveFlags.None, out VfsPath found);
        if (error != Errno.Ok || (found.Inode!.Mode & FileMode.TypeMask) == FileMode.Directory)
        {
            return error;
        }

        error = Vfs.Unlink(_walk, entry.Name);
        return error == Errno.Ok ? Vfs.MakeDirectory(_walk, entry.Name, entry.Mode & FileMode.PermissionMask) : error;
    }

    // The contents of a file with several names stand with one of them, with the last one as a rule.
    [MightSleep]
    private Errno MakeLink(CpioEntry entry, byte[] first, CpioReader archive)
    {
        Errno error = Vfs.Resolve(_walk, first, ResolveFlags.None, out VfsPath target);
        if (error != Errno.Ok)
        {
            return error;
        }

        error = Vfs.Unlink(_walk, entry.Name);
        if (error is not (Errno.Ok or Errno.ENOENT))
        {
            return error;
        }

        error = Vfs.Link(target, _walk, entry.Name);
        if (error == Errno.Ok && entry.Size > 0 && (entry.Mode & FileMode.TypeMask) == FileMode.Regular)
        {
            error = MakeFile(entry, archive, OpenFlags.Truncate);
            SetTimes(entry.Name, entry.ModifiedSeconds * NanosecondsPerSecond);
        }

        return error;
    }

    [MightSleep]
    private Errno MakeFile(CpioEntry entry, CpioReader archive, OpenFlags flags)
    {
        Errno error = Vfs.Open(_walk, entry.Name, OpenFlags.WriteOnly | flags, entry.Mode & FileMode.AccessMask, ResolveFlags.None, out OpenFile? file);
        if (error != Errno.Ok)
        {
            return error;
        }

        try
        {
            long offset = 0;
            for (int count = archive.Read(_buffer); count > 0 && error == Errno.Ok; count = archive.Read(_buffer))
            {
                for (int done = 0; done < count && error == Errno.Ok;)
                {
                    var source = new DataSource(_buffer.AsSpan(done, count - done));
                    long written = file!.Write(ref source, offset);
                    if (written <= 0)
                    {
                        error = written < 0 ? (Errno)(-written) : Errno.ENOSPC;
                    }
                    else
                    {
                        done += (int)written;
                        offset += written;
                    }
                }
            }

            Bytes += offset;
        }
        finally
        {
            file!.Release();
        }

        return error;
    }

    [MightSleep]
    private Errno MakeSymbolicLink(CpioEntry entry, CpioReader archive)
    {
        if (entry.Size is 0 or >= PathLimits.PathMaximum)
        {
            return Errno.ENAMETOOLONG;
        }

        Span<byte> target = _buffer.AsSpan(0, (int)entry.Size);
        archive.Read(target);
        Errno error = Vfs.MakeSymbolicLink(_walk, entry.Name, target);
        if (error != Errno.Ok)
        {
            return error;
        }

        error = Vfs.Resolve(_walk, entry.Name, ResolveFlags.None, out VfsPath found);
        return error == Errno.Ok ? Vfs.ChangeOwner(found, _credentials, entry.UserId, entry.GroupId) : error;
    }

    // The owner first: its change takes set-user-ID away.
    [MightSleep]
    private Errno SetRights(CpioEntry entry)
    {
        Errno error = Vfs.Resolve(_walk, entry.Name, ResolveFlags.None, out VfsPath found);
        if (error == Errno.Ok)
        {
            error = Vfs.ChangeOwner(found, _credentials, entry.UserId, entry.GroupId);
        }

        return error == Errno.Ok ? Vfs.ChangeMode(found, _credentials, entry.Mode & FileMode.PermissionMask) : error;
    }

    [MightSleep]
    private void SetTimes(byte[] name, long time)
    {
        if (Vfs.Resolve(_walk, name, ResolveFlags.None, out VfsPath found) == Errno.Ok)
        {
            Errno error = Vfs.SetTimes(found, _credentials, time, time, areNow: false);
            if (error != Errno.Ok)
            {
                KernelLog.Warning($"initramfs: the time of {Text(name)} cannot be set: {error}");
            }
        }
    }
}
