namespace CosmosKernel.Processes;

/// <summary>What read(2), write(2) and their relatives have moved (/proc/PID/io in proc(5)).</summary>
/// <param name="ReadBytes">Bytes that were read.</param>
/// <param name="WrittenBytes">Bytes that were written.</param>
/// <param name="Reads">Calls that read.</param>
/// <param name="Writes">Calls that wrote.</param>
public readonly record struct TransferUse(ulong ReadBytes, ulong WrittenBytes, ulong Reads, ulong Writes)
{
    /// <summary>Both together.</summary>
    public static TransferUse operator +(in TransferUse left, in TransferUse right) =>
        new(left.ReadBytes + right.ReadBytes, left.WrittenBytes + right.WrittenBytes, left.Reads + right.Reads, left.Writes + right.Writes);
}
