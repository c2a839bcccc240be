using System.Collections.Generic;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.DeviceFiles;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Files.Block.Loop;

/// <summary>All loop devices, which are made when /dev/loop-control is asked for one (Linux, Documentation/admin-guide/devices.txt: 10:237).</summary>
internal static class LoopDevices
{
    private const uint MiscellaneousMajor = 10;
    private const uint ControlMinor = 237;
    private const uint ControlMode = 0x1B0;

    // Outside of the locks of disks.
    private static readonly Mutex s_lock = new("loop devices");

    [GuardedBy(nameof(s_lock))]
    private static readonly List<LoopDriver> s_devices = [];

    /// <summary>Makes /dev/loop-control. Once, at boot, in task context.</summary>
    [MightSleep]
    public static void Start()
    {
        CharacterDevices.Register(MiscellaneousMajor, ControlMinor, 1, new Control());
        DeviceNodes.Add("loop-control", FileMode.CharacterDevice | ControlMode, 0, new DeviceNumber(MiscellaneousMajor, ControlMinor));
    }

    /// <summary>The number of one without a file, which is made if need be (LOOP_CTL_GET_FREE). Task context.</summary>
    [MightSleep]
    public static long GetFree()
    {
        using (s_lock.Enter())
        {
            foreach (LoopDriver device in s_devices)
            {
                if (!device.IsBound)
                {
                    return device.Number;
                }
            }

            return Make();
        }
    }

    /// <summary>Makes one (LOOP_CTL_ADD). Task context.</summary>
    /// <param name="number">Its number: the lowest that is free, or -1 for that.</param>
    /// <returns>The number; -EEXIST; -EINVAL: a lower one is free.</returns>
    [MightSleep]
    public static long Add(int number)
    {
        using (s_lock.Enter())
        {
            int lowest = 0;
            while (Find(lowest) is not null)
            {
                lowest++;
            }

            if (number >= 0 && number != lowest)
            {
                return -(long)(Find(number) is not null ? Errno.EEXIST : Errno.EINVAL);
            }

            return Make();
        }
    }

    /// <summary>Takes one away (LOOP_CTL_REMOVE). Task context.</summary>
    /// <returns>0; -ENODEV: there is none; -EBUSY: it has a file, or somebody has it open.</returns>
    [MightSleep]
    public static long Remove(int number)
    {
        using (s_lock.Enter())
        {
            if (Find(number) is not { } device)
            {
                return -(long)(number < 0 ? Errno.EINVAL : Errno.ENODEV);
            }

            if (device.IsBound || BlockDevices.Find(new DeviceNumber(LoopDriver.Major, (uint)number)) is { UsersOfDisk: > 0 })
            {
                return -(long)Errno.EBUSY;
            }

            s_devices.Remove(device);
            device.Disk!.Dispose();
            return 0;
        }
    }

    [RequiresLock(nameof(s_lock))]
    [MightSleep]
    private static long Make()
    {
        var device = new LoopDriver();
        device.Register();
        s_devices.Add(device);
        s_devices.Sort((left, right) => left.Number - right.Number);
        return device.Number;
    }

    [RequiresLock(nameof(s_lock))]
    private static LoopDriver? Find(int number) => s_devices.Find(device => device.Number == number);

    private sealed class Control : CharacterDevice
    {
        [MightSleep]
        public override Errno Open(in VfsPath path, Inode inode, OpenFlags flags, out OpenFile? file)
        {
            file = new LoopControlFile(path, inode, flags);
            return Errno.Ok;
        }
    }
}
