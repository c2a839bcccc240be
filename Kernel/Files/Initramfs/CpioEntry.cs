using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Initramfs;

/// <summary>One file of a cpio archive.</summary>
/// <param name="Name">Its path, without NUL; 1 to 4095 bytes.</param>
/// <param name="Mode">Type and permissions, as stat(2).</param>
/// <param name="UserId">Owner.</param>
/// <param name="GroupId">Group.</param>
/// <param name="Links">Names that it has in the archive.</param>
/// <param name="ModifiedSeconds">Seconds since 1970.</param>
/// <param name="Size">Bytes of contents that follow.</param>
/// <param name="Identity">The same for all names of one file.</param>
/// <param name="DeviceMajor">Of a device node.</param>
/// <param name="DeviceMinor">Of a device node.</param>
[Immutable]
public sealed record CpioEntry(
    byte[] Name, uint Mode, uint UserId, uint GroupId, uint Links, uint ModifiedSeconds, uint Size, (uint Major, uint Minor, uint Inode) Identity, uint DeviceMajor, uint DeviceMinor);
