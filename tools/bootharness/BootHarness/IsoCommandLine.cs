using System;
using System.IO;
using System.Text;

namespace CosmosKernel.BootHarness;

/// <summary>
/// Writes kernel options into a copy of an ISO. The image builder leaves a file of 1024 bytes for that
/// (docs/testing.md, "The command line of an ISO"); it is overwritten in place, so no ISO tool is needed.
/// </summary>
public static class IsoCommandLine
{
    /// <summary>What the reserved file begins with.</summary>
    public const string Marker = "# COSMOSKERNEL-APPEND ";

    /// <summary>Size of the reserved file in bytes.</summary>
    public const int ReservedSize = 1024;

    /// <summary>The longest command line, in bytes.</summary>
    public const int MaximumLength = 960;

    /// <summary>Files of an ISO 9660 image begin at multiples of this.</summary>
    private const int SectorSize = 2048;

    /// <summary>The image to boot: itself if there is nothing to append, else a copy with the options in it.</summary>
    /// <param name="iso">The image.</param>
    /// <param name="append">Kernel options.</param>
    /// <param name="folder">Where the copy goes.</param>
    /// <exception cref="UsageException">The options cannot be written, or the image has no place for them.</exception>
    public static string Prepare(string iso, string append, string folder)
    {
        ArgumentNullException.ThrowIfNull(append);
        if (append.Length == 0)
        {
            return Path.GetFullPath(iso);
        }

        byte[] block = Encode(append);
        string copy = Path.Combine(folder, "boot.iso");
        using FileStream stream = new(copy, FileMode.Create, FileAccess.ReadWrite);
        using (FileStream original = new(iso, FileMode.Open, FileAccess.Read, FileShare.Read))
        {
            original.CopyTo(stream, 1 << 20);
        }

        stream.Position = 0;
        long offset = FindMarker(stream);
        if (offset < 0)
        {
            throw new UsageException($"--append: '{iso}' has no boot/grub/append.cfg with the marker '{Marker.Trim()}', so its command line cannot be changed");
        }

        stream.Position = offset;
        stream.Write(block);
        return copy;
    }

    /// <summary>The reserved file's bytes that set GRUB's variable <c>append</c>.</summary>
    /// <exception cref="UsageException">The text is too long or has characters that mean something to GRUB.</exception>
    public static byte[] Encode(string append)
    {
        ArgumentNullException.ThrowIfNull(append);
        foreach (char c in append)
        {
            if (c is < ' ' or > '~' or '"' or '\\' or '$' or '`')
            {
                throw new UsageException($"--append: the character {(c is > ' ' and <= '~' ? $"'{c}'" : $"U+{(int)c:X4}")} cannot be written into the ISO's GRUB configuration");
            }
        }

        if (append.Length > MaximumLength)
        {
            throw new UsageException($"--append: {append.Length} bytes, but the ISO has room for {MaximumLength}");
        }

        byte[] block = new byte[ReservedSize];
        block.AsSpan().Fill((byte)' ');
        int length = Encoding.ASCII.GetBytes($"set append=\"{append}\"\n#", block);
        block.AsSpan(length..^1).Fill((byte)'.');
        block[^1] = (byte)'\n';
        return block;
    }

    /// <summary>The reserved file as the image builder writes it.</summary>
    public static byte[] Reserve()
    {
        byte[] block = new byte[ReservedSize];
        int length = Encoding.ASCII.GetBytes(Marker, block);
        block.AsSpan(length..^1).Fill((byte)'.');
        block[^1] = (byte)'\n';
        return block;
    }

    private static long FindMarker(FileStream stream)
    {
        byte[] marker = Encoding.ASCII.GetBytes(Marker);
        byte[] buffer = new byte[512 * SectorSize];
        long found = -1;
        long position = 0;
        int count;
        while ((count = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false)) > 0)
        {
            for (int sector = 0; sector + ReservedSize <= count; sector += SectorSize)
            {
                if (!buffer.AsSpan(sector, marker.Length).SequenceEqual(marker) || buffer[sector + ReservedSize - 1] != '\n')
                {
                    continue;
                }

                if (found >= 0)
                {
                    throw new UsageException("--append: the ISO has more than one file with the marker of boot/grub/append.cfg");
                }

                found = position + sector;
            }

            position += count;
        }

        return found;
    }
}
