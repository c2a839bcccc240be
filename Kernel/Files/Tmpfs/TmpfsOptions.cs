using System;
using System.Globalization;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.Frames;
using CosmosKernel.Memory.User;

namespace CosmosKernel.Files.Tmpfs;

/// <summary>Options of a tmpfs (tmpfs(5)): size, nr_blocks, nr_inodes, mode, uid, gid.</summary>
[TaskPrivate]
public sealed class TmpfsOptions
{
    /// <summary>Pages of contents at most; 0: no limit.</summary>
    public long PageLimit { get; set; } = (long)FrameAllocator.ManagedFrames / 2;

    /// <summary>Inodes at most; 0: no limit.</summary>
    public long InodeLimit { get; set; } = (long)FrameAllocator.ManagedFrames / 2;

    /// <summary>Permissions of the top directory.</summary>
    public uint Mode { get; set; } = 0x3FF;

    /// <summary>Owner of the top directory.</summary>
    public uint UserId { get; set; }

    /// <summary>Group of the top directory.</summary>
    public uint GroupId { get; set; }

    /// <summary>Reads options.</summary>
    /// <param name="options">Comma-separated.</param>
    /// <returns>EINVAL.</returns>
    public Errno Parse(string options)
    {
        foreach (string option in options.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = option.IndexOf('=', StringComparison.Ordinal);
            string name = equals < 0 ? option : option[..equals];
            string value = equals < 0 ? "" : option[(equals + 1)..];
            if (!Set(name, value))
            {
                return Errno.EINVAL;
            }
        }

        return Errno.Ok;
    }

    private bool Set(string name, string value)
    {
        long number;
        switch (name)
        {
            case "size":
                if (!TryReadSize(value, out number))
                {
                    return false;
                }

                PageLimit = (number + Page.Size - 1) / Page.Size;
                return true;
            case "nr_blocks":
                bool isCount = TryReadSize(value, out number);
                PageLimit = number;
                return isCount;
            case "nr_inodes":
                bool isInodes = TryReadSize(value, out number);
                InodeLimit = number;
                return isInodes;
            case "mode":
                uint mode = 0;
                foreach (char c in value)
                {
                    if (c is < '0' or > '7' || mode > FileMode.PermissionMask)
                    {
                        return false;
                    }

                    mode = (mode * 8) + (uint)(c - '0');
                }

                Mode = mode & FileMode.PermissionMask;
                return value.Length > 0;
            case "uid":
                bool isUser = uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out uint user);
                UserId = user;
                return isUser;
            case "gid":
                bool isGroup = uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out uint group);
                GroupId = group;
                return isGroup;
            default:
                return false;
        }
    }

    // A number with k, m, g, or % of all memory.
    private static bool TryReadSize(string value, out long number)
    {
        number = 0;
        if (value.Length == 0)
        {
            return false;
        }

        int shift = char.ToLowerInvariant(value[^1]) switch { 'k' => 10, 'm' => 20, 'g' => 30, _ => 0 };
        bool isShare = value[^1] == '%';
        string digits = shift != 0 || isShare ? value[..^1] : value;
        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number) || number > long.MaxValue >> 31)
        {
            return false;
        }

        number = isShare ? (long)FrameAllocator.ManagedFrames * Page.Size / 100 * number : number << shift;
        return true;
    }
}
