namespace CosmosKernel.Abi.Sockets;

/// <summary>Address families (socket(2)).</summary>
public static class AddressFamily
{
    /// <summary>AF_UNSPEC.</summary>
    public const int Unspecified = 0;

    /// <summary>AF_UNIX (unix(7)).</summary>
    public const int Unix = 1;

    /// <summary>The number of families that Linux knows; higher ones are EAFNOSUPPORT like all that are not there.</summary>
    public const int Count = 46;
}
