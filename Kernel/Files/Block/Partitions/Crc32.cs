using System;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Block.Partitions;

/// <summary>The checksum of GPT: CRC-32 with the polynomial 0x04C11DB7, bits reflected (UEFI specification, section 5.3.2; ISO 3309).</summary>
internal static class Crc32
{
    private const uint Polynomial = 0xEDB8_8320;

    [Immutable]
    private static readonly uint[] s_table = MakeTable();

    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        uint sum = uint.MaxValue;
        foreach (byte value in bytes)
        {
            sum = s_table[(byte)(sum ^ value)] ^ (sum >> 8);
        }

        return ~sum;
    }

    private static uint[] MakeTable()
    {
        uint[] table = new uint[256];
        for (uint i = 0; i < table.Length; i++)
        {
            uint value = i;
            for (int bit = 0; bit < 8; bit++)
            {
                value = (value & 1) != 0 ? Polynomial ^ (value >> 1) : value >> 1;
            }

            table[i] = value;
        }

        return table;
    }
}
