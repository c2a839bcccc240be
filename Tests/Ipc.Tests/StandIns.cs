using System.Threading;

namespace CosmosKernel.Processes.Ipc;

/// <summary>Stands for the class of this name in Kernel/Processes.</summary>
internal static class MessageQueues
{
    private static long s_messages;

    /// <summary>Messages in all queues.</summary>
    public static long Messages => Volatile.Read(ref s_messages);

    /// <summary>Nothing is there.</summary>
    public static void Clear() => Volatile.Write(ref s_messages, 0);

    public static void Count(int messages, long bytes) => Interlocked.Add(ref s_messages, messages);
}
