using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Modules;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Drivers.VirtioRng;

/// <summary>/dev/hwrng: bytes as the host gives them. ENODEV while there is no device.</summary>
internal sealed class HardwareRandom(EntropyDriver driver) : CharacterDeviceDriver
{
    /// <inheritdoc/>
    [MightSleep]
    public override Errno Open(uint minor, OpenFlags flags, out DeviceFile? file)
    {
        file = new HardwareRandomFile(driver);
        return Errno.Ok;
    }
}

/// <summary>One opening of it.</summary>
internal sealed class HardwareRandomFile(EntropyDriver driver) : DeviceFile
{
    private const int Chunk = 128;

    /// <inheritdoc/>
    [MightSleep]
    public override long Read(ref DataSink to, long offset)
    {
        Span<byte> bytes = stackalloc byte[Chunk];
        long total = 0;
        while (to.Remaining > 0)
        {
            if (driver.First is not { } device)
            {
                return total > 0 ? total : -(long)Errno.ENODEV;
            }

            // What is there is enough once something was read.
            bool waits = total == 0 && !IsNonBlocking;
            int count = device.Read(bytes[..(int)Math.Min(Chunk, to.Remaining)], WaitMode.Interruptible, waits ? Scheduler.Never : 0);
            if (count == 0)
            {
                return total > 0 ? total : -(long)(waits ? (device.IsUsable ? Errno.ERESTARTSYS : Errno.ENODEV) : Errno.EAGAIN);
            }

            total += to.Write(bytes[..count]);
            if (to.Faulted)
            {
                return total > 0 ? total : -(long)Errno.EFAULT;
            }
        }

        return total;
    }
}
