using System;
using System.Globalization;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Notifications;
using CosmosKernel.Runtime.Services;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Modules.Network;

/// <summary>All network devices. Listing and finding: any context; an answer may be outdated at once.</summary>
public static class NetworkDevices
{
    /// <summary>The longest name, bytes (IFNAMSIZ - 1).</summary>
    public const int LongestName = 15;

    /// <summary>Orders all changes of all devices.</summary>
    internal static readonly Mutex Lock = new("network devices");

    private const int MostQueues = 64;

    [GuardedBy(nameof(Lock), LockFreeReads = true)]
    private static NetworkDevice[]? s_all;

    [GuardedBy(nameof(Lock))]
    private static int s_lastIndex;

    [Protocol("Set once at boot.")]
    private static NetworkListener? s_listener;

    /// <summary>All of them, in the order of their indexes.</summary>
    public static ReadOnlySpan<NetworkDevice> All => Volatile.Read(ref s_all);

    /// <summary>All of them with their names, at one moment. Task context.</summary>
    [MightSleep]
    public static (NetworkDevice Device, string Name)[] Names
    {
        get
        {
            using (Lock.Enter())
            {
                return Array.ConvertAll(s_all ?? [], device => (device, device.Name));
            }
        }
    }

    /// <summary>The device of a name; null when there is none.</summary>
    public static NetworkDevice? Find(ReadOnlySpan<char> name)
    {
        foreach (NetworkDevice device in All)
        {
            if (name.SequenceEqual(device.Name))
            {
                return device;
            }
        }

        return null;
    }

    /// <summary>The device of an index; null when there is none.</summary>
    public static NetworkDevice? Find(int index)
    {
        foreach (NetworkDevice device in All)
        {
            if (device.Index == index)
            {
                return device;
            }
        }

        return null;
    }

    /// <summary>Who makes files for devices: called for those that are there, and at each change. Once, at boot, in task context.</summary>
    [MightSleep]
    public static void Listen(NetworkListener listener)
    {
        ArgumentNullException.ThrowIfNull(listener);
        s_listener = listener;
        listener.Changed();
    }

    /// <summary>A random address of those that are administered locally. Task context.</summary>
    public static byte[] RandomAddress()
    {
        byte[] address = new byte[EtherType.AddressBytes];
        RandomSource.Fill(address);

        // Of one device, administered locally (IEEE 802, section 8.2).
        address[0] = (byte)((address[0] & 0xFC) | 2);
        return address;
    }

    /// <summary>Makes a device known. Task context.</summary>
    /// <exception cref="ArgumentException">An option is out of its range; the message names it.</exception>
    /// <exception cref="InvalidOperationException">The name is taken.</exception>
    [MightSleep]
    internal static NetworkDevice Add(ModuleContext owner, NetworkDeviceOptions options, NetworkDriver driver)
    {
        Verify(options);
        NetworkDevice device;
        using (Lock.Enter())
        {
            Errno error = ChooseName(options.Name, null, out string name);
            if (error != Errno.Ok)
            {
                throw error == Errno.EEXIST
                    ? new InvalidOperationException($"There is already a network device {options.Name}.")
                    : new ArgumentException($"'{options.Name}' is no name of a network device.", nameof(options));
            }

            device = new NetworkDevice(owner, options, driver, name, s_lastIndex + 1);
            s_lastIndex++;
            Volatile.Write(ref s_all, [.. All, device]);
            Tell(device, NetworkEvent.Added);
        }

        try
        {
            UpdateFiles();
        }
        catch
        {
            // Nobody would own it.
            Remove(device);
            throw;
        }

        return device;
    }

    [MightSleep]
    internal static void Remove(NetworkDevice device)
    {
        using (Lock.Enter())
        {
            if (!device.Retire())
            {
                return;
            }

            Tell(device, NetworkEvent.Removing);
            Volatile.Write(ref s_all, Array.FindAll(s_all ?? [], other => !ReferenceEquals(other, device)));
        }

        device.AwaitEnd();
        UpdateFiles();
    }

    /// <summary>Brings files into line with the devices. Without the lock: who writes to a file that goes is waited for, and he may want it.</summary>
    [MightSleep]
    internal static void UpdateFiles() => s_listener?.Changed();

    [MightSleep]
    [RequiresLock(nameof(Lock))]
    internal static void Tell(NetworkDevice device, NetworkEvent what) => KernelNotifiers.NetworkChanges.Call(new NetworkChange(device, what));

    /// <summary>Makes a name of a pattern.</summary>
    /// <returns>EINVAL, EEXIST.</returns>
    [RequiresLock(nameof(Lock))]
    internal static Errno ChooseName(string pattern, NetworkDevice? self, out string name)
    {
        name = pattern;
        int at = pattern.IndexOf('%', StringComparison.Ordinal);
        if (at < 0)
        {
            return !IsName(pattern) ? Errno.EINVAL : Find(pattern) is { } other && other != self ? Errno.EEXIST : Errno.Ok;
        }

        if (at + 1 == pattern.Length || pattern[at + 1] != 'd' || pattern.IndexOf('%', at + 1) >= 0)
        {
            return Errno.EINVAL;
        }

        for (int number = 0; ; number++)
        {
            name = pattern[..at] + number.ToString(CultureInfo.InvariantCulture) + pattern[(at + 2)..];
            if (!IsName(name))
            {
                return Errno.EINVAL;
            }

            if (Find(name) is not { } other || other == self)
            {
                return Errno.Ok;
            }
        }
    }

    // As dev_valid_name of Linux.
    internal static bool IsName(string name)
    {
        bool isName = name.Length is > 0 and <= LongestName && name is not ("." or "..");
        foreach (char c in name)
        {
            isName &= c is > ' ' and < '\x7F' and not ('/' or ':');
        }

        return isName;
    }

    private static void Verify(NetworkDeviceOptions options)
    {
        Require(options.Address.Length is 0 or EtherType.AddressBytes, nameof(options.Address));
        Require(options.MinimumMtu is >= 0 and <= 65_536, nameof(options.MinimumMtu));
        Require(options.MaximumMtu >= options.MinimumMtu && options.MaximumMtu <= 65_536, nameof(options.MaximumMtu));
        Require(options.Mtu >= options.MinimumMtu && options.Mtu <= options.MaximumMtu, nameof(options.Mtu));
        Require(options.TransmitQueues is >= 1 and <= MostQueues, nameof(options.TransmitQueues));
        Require(options.ReceiveQueues is >= 1 and <= MostQueues, nameof(options.ReceiveQueues));
        Require(options.TransmitQueueLength >= 0, nameof(options.TransmitQueueLength));

        static void Require(bool isRight, string name)
        {
            if (!isRight)
            {
                throw new ArgumentException($"{name} is out of its range", nameof(options));
            }
        }
    }
}
