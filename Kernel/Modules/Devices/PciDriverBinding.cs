using System;
using System.Collections.Generic;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Log;

namespace CosmosKernel.Modules.Devices;

/// <summary>A driver and the devices that it has. Used under the lock of <see cref="PciBus"/>.</summary>
[Owned]
internal sealed class PciDriverBinding(PciDriver driver)
{
    private readonly List<PciDevice> _devices = [];

    /// <summary>The driver.</summary>
    public PciDriver Driver { get; } = driver;

    /// <summary>Offers the driver each device that it matches and nobody has.</summary>
    [MightSleep]
    public void ProbeAll(IReadOnlyList<PciDeviceInfo> devices)
    {
        foreach (PciDeviceInfo info in devices)
        {
            if (info.Problem is null && info.Driver is null && IsMatch(info))
            {
                Probe(info);
            }
        }
    }

    /// <summary>Takes all devices away from the driver, the last one first.</summary>
    [MightSleep]
    public void RemoveAll()
    {
        for (int i = _devices.Count - 1; i >= 0; i--)
        {
            PciDevice device = _devices[i];
            try
            {
                Driver.Remove(device);
            }
            catch (Exception failure)
            {
                KernelLog.Error($"{device.Info}: exception while driver {Driver.Name} gave it back: {failure}");
            }

            Release(device);
        }

        _devices.Clear();
    }

    private bool IsMatch(PciDeviceInfo info)
    {
        foreach (PciMatch match in Driver.Matches)
        {
            if (match.Matches(info))
            {
                return true;
            }
        }

        return false;
    }

    [MightSleep]
    private void Probe(PciDeviceInfo info)
    {
        if (!PciDevice.TryClaim(info, Driver.Name, out PciDevice? device))
        {
            return;
        }

        bool isTaken = false;
        try
        {
            isTaken = Driver.Probe(device);
        }
        catch (Exception failure) when (failure is InvalidOperationException or NotSupportedException or ArgumentException or TimeoutException or OutOfMemoryException)
        {
            KernelLog.Error($"{info}: driver {Driver.Name} does not take it: {failure.Message}");
        }
        catch (Exception failure)
        {
            KernelLog.Error($"{info}: driver {Driver.Name} failed: {failure}");
        }

        if (isTaken)
        {
            _devices.Add(device);
        }
        else
        {
            Release(device);
        }
    }

    [MightSleep]
    private static void Release(PciDevice device)
    {
        try
        {
            device.Dispose();
        }
        catch (Exception failure)
        {
            KernelLog.Error($"{device.Info}: exception while its resources were released: {failure}");
        }
    }
}
