using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Notification;

/// <summary>An event that waits to be read.</summary>
internal sealed class InotifyEvent(int descriptor, NotifyEvents events, uint cookie, byte[] name)
{
    /// <summary>Bytes of struct inotify_event, without the name.</summary>
    public const int HeaderBytes = 16;

    /// <summary>Of the watch; -1 for a lost event.</summary>
    public int Descriptor { get; } = descriptor;

    public NotifyEvents Events { get; } = events;

    public uint Cookie { get; } = cookie;

    /// <summary>Without NUL; nobody writes to the array.</summary>
    [Immutable]
    public byte[] Name { get; } = name;

    /// <summary>Bytes of the name as it is read: with at least one NUL, a multiple of the header's size; 0 without a name.</summary>
    public int NameBytes => Name.Length == 0 ? 0 : (Name.Length + HeaderBytes) & ~(HeaderBytes - 1);

    public int Bytes => HeaderBytes + NameBytes;

    [GuardedBy(typeof(InotifyQueue), "_lock")]
    public InotifyEvent? Next { get; set; }
}
