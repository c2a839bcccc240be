using System;

namespace Cosmos.HAL;

/// <content>Texts for lists of devices.</content>
public partial class PCIDevice
{
    /// <summary>What a device is, in words.</summary>
    public class DeviceClass
    {
        /// <summary>Vendor and device by their numbers, with the vendor's name if <see cref="VendorID"/> has it.</summary>
        public static string GetDeviceString(PCIDevice device)
        {
            ArgumentNullException.ThrowIfNull(device);
            string? vendor = Enum.GetName((VendorID)device.VendorID);
            return $"{(vendor is null ? "" : vendor + " ")}{device.VendorID:X4}:{device.DeviceID:X4}";
        }

        /// <summary>Class and subclass (PCI Code and ID Assignment Specification 1.11, section 1); of those that a PC seldom has, by number.</summary>
        public static string GetTypeString(PCIDevice device)
        {
            ArgumentNullException.ThrowIfNull(device);
            return (device.ClassCode, device.Subclass) switch
            {
                (0x01, 0x00) => "SCSI controller",
                (0x01, 0x01) => "IDE controller",
                (0x01, 0x02) => "Floppy controller",
                (0x01, 0x04) => "RAID controller",
                (0x01, 0x05) => "ATA controller",
                (0x01, 0x06) => "SATA controller",
                (0x01, 0x07) => "SAS controller",
                (0x01, 0x08) => "NVM controller",
                (0x02, 0x00) => "Ethernet controller",
                (0x03, 0x00) => "VGA controller",
                (0x03, _) => "Display controller",
                (0x04, 0x01) => "Audio device",
                (0x04, 0x03) => "High definition audio device",
                (0x06, 0x00) => "Host bridge",
                (0x06, 0x01) => "ISA bridge",
                (0x06, 0x04) => "PCI to PCI bridge",
                (0x06, _) => "Bridge",
                (0x07, 0x00) => "Serial controller",
                (0x08, _) => "System peripheral",
                (0x0C, 0x03) => "USB controller",
                (0x0C, 0x05) => "SMBus controller",
                _ => $"Class {device.ClassCode:X2} {device.Subclass:X2}",
            };
        }
    }
}
