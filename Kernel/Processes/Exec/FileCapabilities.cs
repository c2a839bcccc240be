using System;
using System.Buffers.Binary;
using CosmosKernel.Files.Users;

namespace CosmosKernel.Processes;

/// <summary>Capabilities that a program's file gives (capabilities(7), "File capabilities"): the extended attribute <c>security.capability</c>.</summary>
/// <param name="Permitted">Those that whoever executes it gets, as far as the bounding set allows.</param>
/// <param name="Inheritable">Those that it keeps of the caller's inheritable ones.</param>
/// <param name="IsEffective">What is permitted is effective at once, and without all of it the program is not executed.</param>
public readonly record struct FileCapabilities(CapabilitySet Permitted, CapabilitySet Inheritable, bool IsEffective)
{
    // struct vfs_cap_data: revision and flags, then pairs of permitted and inheritable words, the low ones first; revision 3 has the user id of its namespace's root behind them.
    private const uint RevisionMask = 0xFF00_0000;
    private const uint Revision1 = 0x0100_0000;
    private const uint Revision2 = 0x0200_0000;
    private const uint Revision3 = 0x0300_0000;
    private const uint EffectiveFlag = 1;
    private const int Bytes1 = 12;
    private const int Bytes2 = 20;
    private const int Bytes3 = 24;

    /// <summary>Reads the attribute.</summary>
    /// <returns>False: it is malformed, or another user namespace's.</returns>
    public static bool TryRead(ReadOnlySpan<byte> value, out FileCapabilities capabilities)
    {
        capabilities = default;
        if (value.Length < Bytes1)
        {
            return false;
        }

        uint head = BinaryPrimitives.ReadUInt32LittleEndian(value);
        bool isValid = (head & RevisionMask) switch
        {
            Revision1 => value.Length == Bytes1,
            Revision2 => value.Length == Bytes2,
            Revision3 => value.Length == Bytes3 && BinaryPrimitives.ReadUInt32LittleEndian(value[Bytes2..]) == 0,
            _ => false,
        };
        if (!isValid)
        {
            return false;
        }

        ulong permitted = BinaryPrimitives.ReadUInt32LittleEndian(value[4..]);
        ulong inheritable = BinaryPrimitives.ReadUInt32LittleEndian(value[8..]);
        if (value.Length > Bytes1)
        {
            permitted |= (ulong)BinaryPrimitives.ReadUInt32LittleEndian(value[12..]) << 32;
            inheritable |= (ulong)BinaryPrimitives.ReadUInt32LittleEndian(value[16..]) << 32;
        }

        capabilities = new FileCapabilities(
            new CapabilitySet(permitted).And(CapabilitySet.All),
            new CapabilitySet(inheritable).And(CapabilitySet.All),
            (head & EffectiveFlag) != 0);
        return true;
    }
}
