using System;
using System.Buffers.Binary;
using System.Text;
using CosmosKernel.Abi;
using CosmosKernel.Abi.Sockets;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;
using CosmosKernel.Modules.Network;

namespace CosmosKernel.Files.Network;

/// <summary>Requests of ioctl(2) about network devices, which any socket takes (netdevice(7); dev_ioctl of Linux, which also says which error comes first).</summary>
public static class InterfaceRequests
{
    // struct ifreq: a name, and what the request is about.
    private const int NameBytes = NetworkDevices.LongestName + 1;
    private const int RequestBytes = 40;
    private const int ValueBytes = RequestBytes - NameBytes;

    /// <summary>Answers one. Task context.</summary>
    /// <returns>0; EFAULT; ENOTTY: it is no such request; ENODEV: there is no such device; EPERM: it changes something, and the caller has not CAP_NET_ADMIN.</returns>
    [MightSleep]
    public static Errno Answer(uint request, [UserAddress] ulong argument)
    {
        if ((request >> 8) != InterfaceRequest.Type)
        {
            return Errno.ENOTTY;
        }

        if (request == InterfaceRequest.GetConfiguration)
        {
            return ListAddresses(argument);
        }

        Span<byte> buffer = stackalloc byte[RequestBytes];
        if (!UserMemory.TryRead(argument, buffer))
        {
            return Errno.EFAULT;
        }

        bool writes = false;
        Errno error = request == InterfaceRequest.GetName ? GetName(buffer, ref writes) : Answer(request, buffer, ref writes);
        return error == Errno.Ok && writes && !UserMemory.TryWrite(argument, buffer) ? Errno.EFAULT : error;
    }

    // Only devices with an address of the Internet protocol are listed, and there is none.
    [MightSleep]
    private static Errno ListAddresses([UserAddress] ulong argument)
    {
        return UserMemory.TryRead(argument, out uint _) && UserMemory.TryWrite(argument, 0u) ? Errno.Ok : Errno.EFAULT;
    }

    private static Errno GetName(Span<byte> request, ref bool writes)
    {
        if (NetworkDevices.Find(BinaryPrimitives.ReadInt32LittleEndian(request[NameBytes..])) is not { } device)
        {
            return Errno.ENODEV;
        }

        request[..NameBytes].Clear();
        Encoding.ASCII.GetBytes(device.Name, request[..NetworkDevices.LongestName]);
        writes = true;
        return Errno.Ok;
    }

    [MightSleep]
    private static Errno Answer(uint request, Span<byte> buffer, ref bool writes)
    {
        bool isChange = InterfaceRequest.IsChange(request);
        if (!isChange && !InterfaceRequest.IsQuestion(request))
        {
            return Errno.ENOTTY;
        }

        if (isChange && !Credentials.Current.Has(Capability.NetAdmin))
        {
            return Errno.EPERM;
        }

        Span<byte> value = buffer[NameBytes..];
        if (FindDevice(buffer[..NameBytes]) is not { } device)
        {
            return Errno.ENODEV;
        }

        if (isChange)
        {
            return Change(request, device, value);
        }

        writes = true;
        switch (request)
        {
            case InterfaceRequest.GetFlags:
                BinaryPrimitives.WriteInt16LittleEndian(value, (short)device.Flags);
                break;
            case InterfaceRequest.GetIndex:
                BinaryPrimitives.WriteInt32LittleEndian(value, device.Index);
                break;
            case InterfaceRequest.GetMtu:
                BinaryPrimitives.WriteInt32LittleEndian(value, device.Mtu);
                break;
            case InterfaceRequest.GetTransmitQueueLength:
                BinaryPrimitives.WriteInt32LittleEndian(value, device.TransmitQueueLength);
                break;
            case InterfaceRequest.GetMetric:
                BinaryPrimitives.WriteInt32LittleEndian(value, 0);
                break;
            case InterfaceRequest.GetHardwareAddress:
                WriteAddress(device, value);
                break;
            default:
                // struct ifmap: memory and lines of cards that are long gone.
                value[..ValueBytes].Clear();
                break;
        }

        return Errno.Ok;
    }

    // A name goes to the first 0, or to the colon of an alias.
    private static NetworkDevice? FindDevice(ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> text = name[..NetworkDevices.LongestName];
        int end = text.IndexOfAny((byte)0, (byte)':');
        text = end < 0 ? text : text[..end];
        Span<char> chars = stackalloc char[NetworkDevices.LongestName];
        int count = Encoding.Latin1.GetChars(text, chars);
        return NetworkDevices.Find(chars[..count]);
    }

    private static void WriteAddress(NetworkDevice device, Span<byte> value)
    {
        const int SocketAddressBytes = 16;
        value[..SocketAddressBytes].Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(value, (ushort)device.Options.Type);
        device.Address.CopyTo(value[2..]);
    }

    [MightSleep]
    private static Errno Change(uint request, NetworkDevice device, ReadOnlySpan<byte> value)
    {
        switch (request)
        {
            case InterfaceRequest.SetFlags:
                return device.SetInterfaceFlags((InterfaceFlags)BinaryPrimitives.ReadUInt16LittleEndian(value));
            case InterfaceRequest.SetMtu:
                return device.SetMtu(BinaryPrimitives.ReadInt32LittleEndian(value));
            case InterfaceRequest.SetTransmitQueueLength:
                return device.SetTransmitQueueLength(BinaryPrimitives.ReadInt32LittleEndian(value));
            case InterfaceRequest.SetHardwareAddress:
                return BinaryPrimitives.ReadUInt16LittleEndian(value) == (ushort)device.Options.Type ? device.SetAddress(value.Slice(2, EtherType.AddressBytes)) : Errno.EINVAL;
            default:
                ReadOnlySpan<byte> name = value[..NetworkDevices.LongestName];
                int end = name.IndexOf((byte)0);
                return device.Rename(Encoding.Latin1.GetString(end < 0 ? name : name[..end]));
        }
    }
}
