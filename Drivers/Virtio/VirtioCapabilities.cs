using System.Diagnostics.CodeAnalysis;
using CosmosKernel.Modules.Devices;

namespace CosmosKernel.Drivers.Virtio;

/// <summary>A part of a base address register.</summary>
/// <param name="Bar">Which.</param>
/// <param name="Offset">First byte.</param>
/// <param name="Length">Bytes; 0 when there is none.</param>
internal readonly record struct VirtioPlace(int Bar, long Offset, long Length);

/// <summary>Where the registers of a modern device are, from its vendor-specific capabilities (Virtual I/O Device 1.2, section 4.1.4).</summary>
internal struct VirtioCapabilities
{
    private const byte VendorCapability = 0x09;
    private const int TypeOffset = 3;
    private const int BarOffset = 4;
    private const int PlaceOffset = 8;
    private const int LengthOffset = 12;
    private const int MultiplierOffset = 16;
    private const int LengthOfCapability = 2;
    private const int CommonType = 1;
    private const int NotifyType = 2;
    private const int InterruptType = 3;
    private const int ConfigType = 4;
    private const int LastBar = 5;

    private const long CommonBytes = 0x38;
    private const long LongestConfig = 4096;

    internal VirtioPlace Common;
    internal VirtioPlace Notify;
    internal VirtioPlace InterruptStatus;
    internal VirtioPlace Config;
    internal uint NotifyMultiplier;

    /// <summary>Reads them. Of several of one type, the first that can be used counts.</summary>
    /// <returns>Why the device cannot be used through them; null when it can.</returns>
    [SuppressMessage("Style", "IDE0010:Add missing cases", Justification = "Types that the driver does not need.")]
    internal static string? Read(PciDeviceInfo info, PciConfigurationSpace config, out VirtioCapabilities found)
    {
        found = default;
        string? problem = null;
        foreach (PciCapability capability in info.Capabilities)
        {
            if (capability.Id != VendorCapability || capability.IsExtended)
            {
                continue;
            }

            int at = capability.Offset;
            int type = config.Read8(at + TypeOffset);
            var place = new VirtioPlace(config.Read8(at + BarOffset), config.Read32(at + PlaceOffset), config.Read32(at + LengthOffset));
            if (type is < CommonType or > ConfigType || place.Bar > LastBar)
            {
                // Types to come, and registers that are reserved: to be passed over.
                continue;
            }

            PciBar bar = info.Bar(place.Bar);
            if (!bar.IsMemory || bar.Address == 0 || !bar.Holds((ulong)place.Offset, (ulong)place.Length))
            {
                problem ??= $"its capability at 0x{at:x} has 0x{place.Length:x} bytes at 0x{place.Offset:x}, which are not inside of {bar}";
                continue;
            }

            switch (type)
            {
                case CommonType when found.Common.Length == 0 && place.Length >= CommonBytes:
                    found.Common = place;
                    break;
                case NotifyType when found.Notify.Length == 0 && place.Length >= sizeof(ushort) && config.Read8(at + LengthOfCapability) >= MultiplierOffset + 4:
                    found.Notify = place;
                    found.NotifyMultiplier = config.Read32(at + MultiplierOffset);
                    break;
                case InterruptType when found.InterruptStatus.Length == 0 && place.Length >= 1:
                    found.InterruptStatus = place;
                    break;
                case ConfigType when found.Config.Length == 0 && place.Length >= 1:
                    found.Config = place with { Length = long.Min(place.Length, LongestConfig) };
                    break;
            }
        }

        bool isWhole = found.Common.Length != 0 && found.Notify.Length != 0 && found.InterruptStatus.Length != 0;
        return isWhole ? null : problem ?? "it has not the capabilities of a virtio device";
    }
}
