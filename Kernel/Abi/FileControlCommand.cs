namespace CosmosKernel.Abi;

/// <summary>Commands of fcntl(2).</summary>
public static class FileControlCommand
{
    /// <summary>F_DUPFD.</summary>
    public const int Duplicate = 0;

    /// <summary>F_GETFD.</summary>
    public const int GetDescriptorFlags = 1;

    /// <summary>F_SETFD.</summary>
    public const int SetDescriptorFlags = 2;

    /// <summary>F_GETFL.</summary>
    public const int GetFlags = 3;

    /// <summary>F_SETFL.</summary>
    public const int SetFlags = 4;

    /// <summary>F_GETLK.</summary>
    public const int GetLock = 5;

    /// <summary>F_SETLK.</summary>
    public const int SetLock = 6;

    /// <summary>F_SETLKW.</summary>
    public const int SetLockWait = 7;

    /// <summary>F_SETOWN.</summary>
    public const int SetOwner = 8;

    /// <summary>F_GETOWN.</summary>
    public const int GetOwner = 9;

    /// <summary>F_SETSIG.</summary>
    public const int SetSignal = 10;

    /// <summary>F_GETSIG.</summary>
    public const int GetSignal = 11;

    /// <summary>F_SETOWN_EX.</summary>
    public const int SetOwnerExtended = 15;

    /// <summary>F_GETOWN_EX.</summary>
    public const int GetOwnerExtended = 16;

    /// <summary>F_GETOWNER_UIDS.</summary>
    public const int GetOwnerUserIds = 17;

    /// <summary>F_OFD_GETLK.</summary>
    public const int GetFileLock = 36;

    /// <summary>F_OFD_SETLK.</summary>
    public const int SetFileLock = 37;

    /// <summary>F_OFD_SETLKW.</summary>
    public const int SetFileLockWait = 38;

    /// <summary>F_NOTIFY.</summary>
    public const int Notify = 1026;

    /// <summary>F_SETLEASE.</summary>
    public const int SetLease = 1024;

    /// <summary>F_GETLEASE.</summary>
    public const int GetLease = 1025;

    /// <summary>F_DUPFD_CLOEXEC.</summary>
    public const int DuplicateCloseOnExec = 1030;

    /// <summary>F_GET_RW_HINT.</summary>
    public const int GetWriteHint = 1035;

    /// <summary>F_SET_RW_HINT.</summary>
    public const int SetWriteHint = 1036;

    /// <summary>RWH_WRITE_LIFE_EXTREME: the largest hint.</summary>
    public const int WriteHintMaximum = 5;

    /// <summary>F_SETPIPE_SZ.</summary>
    public const int SetPipeSize = 1031;

    /// <summary>F_GETPIPE_SZ.</summary>
    public const int GetPipeSize = 1032;

    /// <summary>F_ADD_SEALS.</summary>
    public const int AddSeals = 1033;

    /// <summary>F_GET_SEALS.</summary>
    public const int GetSeals = 1034;

    /// <summary>F_RDLCK.</summary>
    public const short ReadLock = 0;

    /// <summary>F_WRLCK.</summary>
    public const short WriteLock = 1;

    /// <summary>F_UNLCK.</summary>
    public const short Unlock = 2;
}
