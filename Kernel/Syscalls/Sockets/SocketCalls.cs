using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Syscalls.Sockets;

/// <summary>System calls of sockets.</summary>
internal static class SocketCalls
{
    /// <summary>Adds them. At boot.</summary>
    [BeforePublication]
    public static void Register(SystemCallTable table)
    {
        table.Add(new CreateSocketCall());
        table.Add(new CreatePairCall());
        table.Add(new BindCall());
        table.Add(new ListenCall());
        table.Add(new ConnectCall());
        table.Add(new AcceptCall());
        table.Add(new AcceptWithFlagsCall());
        table.Add(new SocketNameCall());
        table.Add(new PeerNameCall());
        table.Add(new ShutdownCall());
        table.Add(new SetOptionCall());
        table.Add(new GetOptionCall());
        table.Add(new SendToCall());
        table.Add(new ReceiveFromCall());
        table.Add(new SendMessageCall());
        table.Add(new ReceiveMessageCall());
        table.Add(new SendMessagesCall());
        table.Add(new ReceiveMessagesCall());
    }
}
