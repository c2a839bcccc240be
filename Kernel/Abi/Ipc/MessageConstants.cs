namespace CosmosKernel.Abi;

/// <summary>Numbers of System V message queues (msgrcv(2), msgctl(2)).</summary>
public static class MessageConstants
{
    /// <summary>msgrcv: cut what is too long.</summary>
    public const int MSG_NOERROR = 0x1000;

    /// <summary>msgrcv: any type but this.</summary>
    public const int MSG_EXCEPT = 0x2000;

    /// <summary>msgrcv: a copy of the n-th message, which stays.</summary>
    public const int MSG_COPY = 0x4000;

    /// <summary>msgctl: describe the object of an index.</summary>
    public const int MSG_STAT = 11;

    /// <summary>msgctl: what all queues use.</summary>
    public const int MSG_INFO = 12;

    /// <summary>msgctl: as MSG_STAT, without the permission to read.</summary>
    public const int MSG_STAT_ANY = 13;

    /// <summary>MSGPOOL, what IPC_INFO says of it: KiB.</summary>
    public const int Pool = 512_000;

    /// <summary>MSGMAP and MSGTQL, what IPC_INFO says of them.</summary>
    public const int Map = 16_384;

    /// <summary>MSGSSZ, what IPC_INFO says of it.</summary>
    public const int SegmentBytes = 16;

    /// <summary>MSGSEG, what IPC_INFO says of it.</summary>
    public const ushort Segments = 0xFFFF;
}
