using System;

namespace Cosmos.Common;

/// <summary>Single bits of numbers.</summary>
public class BinaryHelper
{
    /// <summary>Bits by name.</summary>
    [Flags]
    public enum BitPos : uint
    {
        /// <summary>Bit 0.</summary>
        BIT0 = 1u << 0,

        /// <summary>Bit 1.</summary>
        BIT1 = 1u << 1,

        /// <summary>Bit 2.</summary>
        BIT2 = 1u << 2,

        /// <summary>Bit 3.</summary>
        BIT3 = 1u << 3,

        /// <summary>Bit 4.</summary>
        BIT4 = 1u << 4,

        /// <summary>Bit 5.</summary>
        BIT5 = 1u << 5,

        /// <summary>Bit 6.</summary>
        BIT6 = 1u << 6,

        /// <summary>Bit 7.</summary>
        BIT7 = 1u << 7,

        /// <summary>Bit 8.</summary>
        BIT8 = 1u << 8,

        /// <summary>Bit 9.</summary>
        BIT9 = 1u << 9,

        /// <summary>Bit 10.</summary>
        BIT10 = 1u << 10,

        /// <summary>Bit 11.</summary>
        BIT11 = 1u << 11,

        /// <summary>Bit 12.</summary>
        BIT12 = 1u << 12,

        /// <summary>Bit 13.</summary>
        BIT13 = 1u << 13,

        /// <summary>Bit 14.</summary>
        BIT14 = 1u << 14,

        /// <summary>Bit 15.</summary>
        BIT15 = 1u << 15,

        /// <summary>Bit 16.</summary>
        BIT16 = 1u << 16,

        /// <summary>Bit 17.</summary>
        BIT17 = 1u << 17,

        /// <summary>Bit 18.</summary>
        BIT18 = 1u << 18,

        /// <summary>Bit 19.</summary>
        BIT19 = 1u << 19,

        /// <summary>Bit 20.</summary>
        BIT20 = 1u << 20,

        /// <summary>Bit 21.</summary>
        BIT21 = 1u << 21,

        /// <summary>Bit 22.</summary>
        BIT22 = 1u << 22,

        /// <summary>Bit 23.</summary>
        BIT23 = 1u << 23,

        /// <summary>Bit 24.</summary>
        BIT24 = 1u << 24,

        /// <summary>Bit 25.</summary>
        BIT25 = 1u << 25,

        /// <summary>Bit 26.</summary>
        BIT26 = 1u << 26,

        /// <summary>Bit 27.</summary>
        BIT27 = 1u << 27,

        /// <summary>Bit 28.</summary>
        BIT28 = 1u << 28,

        /// <summary>Bit 29.</summary>
        BIT29 = 1u << 29,

        /// <summary>Bit 30.</summary>
        BIT30 = 1u << 30,

        /// <summary>Bit 31.</summary>
        BIT31 = 1u << 31,
    }

    /// <summary>Whether a bit, from 0, is set.</summary>
    public static bool CheckBit(ushort data, ushort bit) => (data & (1 << bit)) != 0;

    /// <summary>Whether a bit, from 0, is set.</summary>
    public static bool CheckBit(uint data, ushort bit) => (data & (1u << bit)) != 0;

    /// <summary>Whether a bit, from 0, is set.</summary>
    public static bool CheckBit(byte data, byte bit) => (data & (1 << bit)) != 0;

    /// <summary>The number with a bit, from 0, the other way.</summary>
    public static byte FlipBit(byte data, ushort bitposition) => (byte)(data ^ (1 << bitposition));

    /// <summary>The number with a bit, from 0, the other way.</summary>
    public static uint FlipBit(uint data, ushort bitposition) => data ^ (1u << bitposition);

    /// <summary>Eight bits of a number, from a bit on.</summary>
    /// <exception cref="ArgumentException">They are not all in it.</exception>
    public static byte GetByteFrom32bit(uint data, byte offset) =>
        offset <= 24 ? (byte)(data >> offset) : throw new ArgumentException($"8 bits from {offset} on are not in 32", nameof(offset));
}
