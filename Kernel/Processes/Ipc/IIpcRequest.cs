using CosmosKernel.Abi;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.Ipc;

/// <summary>What shmget(2), semget(2) and msgget(2) ask for.</summary>
/// <typeparam name="T">The kind of object.</typeparam>
internal interface IIpcRequest<T>
    where T : IpcObject
{
    /// <summary>The key.</summary>
    int Key { get; }

    /// <summary>IPC_CREAT, IPC_EXCL, and permissions.</summary>
    int Flags { get; }

    /// <summary>Whose rights count.</summary>
    Credentials Credentials { get; }

    /// <summary>Most objects of the kind that there may be.</summary>
    int MostObjects { get; }

    /// <summary>Makes the object; nobody else sees it yet. With the table's lock held.</summary>
    [MightSleep]
    Errno TryMake(out T? made);

    /// <summary>It cannot be entered in the table: gives back what it holds. With the table's lock held.</summary>
    [MightSleep]
    void Discard(T made);

    /// <summary>Whether an object that exists is what is asked for, but for permissions.</summary>
    Errno Check(T found);
}
