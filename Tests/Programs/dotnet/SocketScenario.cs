using System;
using System.IO;
using System.IO.Pipes;
using System.Linq;
using System.Net.Sockets;
using System.Threading.Tasks;

namespace CosmosKernel.Programs;

/// <summary>A server on a UNIX socket with many clients at once, and pipes between threads.</summary>
internal static class SocketScenario
{
    private const int Clients = 16;
    private const int Rounds = 20;

    public static async Task RunAsync()
    {
        string path = Path.Combine(Path.GetTempPath(), $"dotnetload-{Environment.ProcessId}.socket");
        var address = new UnixDomainSocketEndPoint(path);
        using (var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            listener.Bind(address);
            listener.Listen(Clients);
            Task server = ServeAsync(listener);
            await Task.WhenAll(Enumerable.Range(0, Clients).Select(i => AskAsync(address, i)));
            await server;
        }

        File.Delete(path);
        await UsePipeAsync();
    }

    private static async Task ServeAsync(Socket listener)
    {
        var connections = new Task[Clients];
        for (int i = 0; i < Clients; i++)
        {
            Socket connection = await listener.AcceptAsync();
            connections[i] = Task.Run(async () =>
            {
                using (connection)
                {
                    byte[] buffer = new byte[4_096];
                    int count;
                    while ((count = await connection.ReceiveAsync(buffer)) > 0)
                    {
                        await connection.SendAsync(buffer.AsMemory(0, count));
                    }
                }
            });
        }

        await Task.WhenAll(connections);
    }

    private static async Task AskAsync(UnixDomainSocketEndPoint address, int seed)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(address);
        using var stream = new NetworkStream(socket);
        byte[] sent = new byte[2_000], back = new byte[2_000];
        for (int i = 0; i < Rounds; i++)
        {
            new Random((seed * Rounds) + i).NextBytes(sent);
            await stream.WriteAsync(sent);
            await stream.ReadExactlyAsync(back);
            Expect.True(sent.AsSpan().SequenceEqual(back), "what comes back is what was sent");
        }
    }

    private static async Task UsePipeAsync()
    {
        using var server = new NamedPipeServerStream($"dotnetload-{Environment.ProcessId}", PipeDirection.InOut);
        using var client = new NamedPipeClientStream(".", $"dotnetload-{Environment.ProcessId}", PipeDirection.InOut, PipeOptions.Asynchronous);
        await Task.WhenAll(server.WaitForConnectionAsync(), client.ConnectAsync());
        using var writer = new StreamWriter(server) { AutoFlush = true };
        using var reader = new StreamReader(client);
        Task<string?> line = reader.ReadLineAsync();
        await writer.WriteLineAsync("through a pipe");
        Expect.Equal("through a pipe", await line, "a line through a named pipe");
    }
}
