using System;
using System.IO;

namespace CosmosKernel.Tests.Cosmos;

/// <summary>Damaged files: whatever was changed, a reader reads them or refuses them with an exception that says why.</summary>
internal static class FileMutations
{
    /// <summary>Every length, every byte of the header with every interesting value, and many random changes.</summary>
    /// <param name="file">A file that can be read.</param>
    /// <param name="header">Bytes of its header; 40 more are changed one by one.</param>
    /// <param name="read">The reader.</param>
    /// <param name="times">How many random changes.</param>
    public static void Attempt(byte[] file, int header, Action<byte[]> read, int times = 20_000)
    {
        read(file);
        for (int length = 0; length < file.Length; length++)
        {
            AttemptOne(file[..length], read);
        }

        for (int i = 0; i < Math.Min(header + 40, file.Length); i++)
        {
            foreach (byte value in (byte[])[0, 1, 0x7F, 0x80, 0xFE, 0xFF])
            {
                byte[] changed = (byte[])file.Clone();
                changed[i] = value;
                AttemptOne(changed, read);
            }
        }

        var random = new Random(1);
        for (int i = 0; i < times; i++)
        {
            byte[] changed = (byte[])file.Clone();
            for (int n = random.Next(1, 6); n > 0; n--)
            {
                changed[random.Next(changed.Length)] = (byte)random.Next(256);
            }

            AttemptOne(changed, read);
        }
    }

    private static void AttemptOne(byte[] changed, Action<byte[]> read)
    {
        try
        {
            read(changed);
        }
        catch (Exception error) when (error is InvalidDataException or NotSupportedException)
        {
        }
    }
}
