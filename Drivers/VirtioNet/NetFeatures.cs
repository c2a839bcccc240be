namespace CosmosKernel.Drivers.VirtioNet;

/// <summary>Numbers of the feature bits, of offsets in the configuration and of commands (Virtual I/O Device 1.2, sections 5.1.3, 5.1.4 and 5.1.6.5).</summary>
internal static class NetFeatures
{
    public const int Mtu = 3;
    public const int Address = 5;
    public const int Status = 16;
    public const int ControlQueue = 17;
    public const int ReceiveControl = 18;
    public const int AddressControl = 23;

    public const ulong All = (1ul << Mtu) | (1ul << Address) | (1ul << Status) | (1ul << ControlQueue) | (1ul << ReceiveControl) | (1ul << AddressControl);

    public const int AddressOffset = 0;
    public const int StatusOffset = 6;
    public const int MtuOffset = 10;
    public const ushort LinkUp = 1;

    // struct virtio_net_hdr: a legacy device has no count of buffers at its end.
    public const int HeaderBytes = 12;
    public const int LegacyHeaderBytes = 10;

    public const int ReceiveQueue = 0;
    public const int TransmitQueue = 1;
    public const int ControlQueueIndex = 2;

    public const byte ReceiveClass = 0;
    public const byte Promiscuous = 0;
    public const byte AllGroups = 1;
    public const byte AddressClass = 1;
    public const byte SetAddress = 1;
    public const byte Done = 0;
}
