using System;

namespace CosmosKernel.Modules.Devices;

/// <summary>
/// Which devices a driver serves. Each field that is not <see cref="Any"/> must be equal. Several of them are alternatives.
/// </summary>
/// <param name="vendor">Vendor identity, or <see cref="Any"/>.</param>
/// <param name="device">Device identity, or <see cref="Any"/>.</param>
public readonly struct PciMatch(int vendor, int device = PciMatch.Any)
{
    /// <summary>Matches whatever the field holds.</summary>
    public const int Any = -1;

    /// <summary>Vendor identity.</summary>
    public int Vendor { get; } = vendor;

    /// <summary>Device identity, given by the vendor.</summary>
    public int Device { get; } = device;

    /// <summary>Vendor of the subsystem.</summary>
    public int SubsystemVendor { get; init; } = Any;

    /// <summary>Identity of the subsystem.</summary>
    public int Subsystem { get; init; } = Any;

    /// <summary>Base class, subclass and programming interface, 24 bits, in the bits that <see cref="ClassMask"/> has.</summary>
    public int Class { get; init; }

    /// <summary>Which bits of the class count: 0 none, 0xFF0000 the base class, 0xFFFF00 the subclass too.</summary>
    public int ClassMask { get; init; }

    /// <summary>All devices of a class.</summary>
    /// <param name="code">Base class, subclass and programming interface, 24 bits.</param>
    /// <param name="mask">Which of its bits count.</param>
    public static PciMatch OfClass(int code, int mask = 0xFF_FFFF) => new(Any) { Class = code, ClassMask = mask };

    /// <summary>Whether a device is one of them. Any context.</summary>
    public bool Matches(PciDeviceInfo device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return (Vendor == Any || Vendor == device.Vendor)
            && (Device == Any || Device == device.DeviceId)
            && (SubsystemVendor == Any || SubsystemVendor == device.SubsystemVendor)
            && (Subsystem == Any || Subsystem == device.SubsystemId)
            && ((Class ^ device.Class) & ClassMask) == 0;
    }
}

/// <summary>What devices a module serves: the base of the attributes that say so on its class, which tools read without loading the module.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true, Inherited = false)]
public abstract class DeviceMatchAttribute : Attribute
{
}

/// <summary>
/// Says on a module's class which PCI devices it serves, so that tools can find a module for a device without loading it. What is probed is what the module's
/// <see cref="PciDriver"/> matches; a module that says both the same is loaded for what it can serve.
/// </summary>
/// <param name="vendor">Vendor identity, or <see cref="PciMatch.Any"/>.</param>
/// <param name="device">Device identity, or <see cref="PciMatch.Any"/>.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true, Inherited = false)]
public sealed class MatchesPciAttribute(int vendor, int device = PciMatch.Any) : DeviceMatchAttribute
{
    /// <summary>Vendor identity.</summary>
    public int Vendor { get; } = vendor;

    /// <summary>Device identity.</summary>
    public int Device { get; } = device;

    /// <summary>Base class, subclass and programming interface, 24 bits.</summary>
    public int Class { get; init; }

    /// <summary>Which bits of the class count.</summary>
    public int ClassMask { get; init; }
}
