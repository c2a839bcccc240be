using System;
using System.IO;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading;

namespace CosmosKernel.FakeEmulator;

/// <summary>The server side of QMP: answers every command, and shows on the serial port those that a guest would notice.</summary>
/// <param name="stream">Connection to the harness.</param>
/// <param name="serial">The serial port.</param>
internal sealed class FakeMonitor(Stream stream, Stream serial)
{
    private const string Registers =
        "CPU#0\r\nRSP=00000000c0ffee00\r\nRIP=00000000deadbeef RFL=00000046\r\nCPU#1\r\nRSP=00000000c0ffef00\r\nRIP=0000000000000abc\r\n";

    private const string Stack = "00000000c0ffee00: 0x0000000000001010 0x0000000000000005\r\n";

    private readonly Lock _lock = new();

    /// <summary>Set when the harness lets the guest run.</summary>
    public ManualResetEventSlim Continued { get; } = new();

    /// <summary>Answers commands until the connection or the process ends.</summary>
    public void Serve()
    {
        Send(new JsonObject { ["QMP"] = new JsonObject { ["version"] = new JsonObject(), ["capabilities"] = new JsonArray() } });
        using StreamReader reader = new(stream);
        while (reader.ReadLine() is { } line)
        {
            JsonObject request = JsonNode.Parse(line)!.AsObject();
            string command = request["execute"]!.GetValue<string>();
            JsonNode? id = request["id"]?.DeepClone();
            switch (command)
            {
                case "human-monitor-command":
                    bool registers = request["arguments"]!["command-line"]!.GetValue<string>() == "info registers -a";
                    Send(new JsonObject { ["return"] = registers ? Registers : Stack, ["id"] = id });
                    break;
                case "screendump":
                    Send(new JsonObject { ["error"] = new JsonObject { ["class"] = "GenericError", ["desc"] = "there is no screen" }, ["id"] = id });
                    break;
                case "send-key" or "system_powerdown" or "inject-nmi":
                    Send(new JsonObject { ["return"] = new JsonObject(), ["id"] = id });
                    serial.Write(Encoding.UTF8.GetBytes($"<{command} {request["arguments"]?.ToJsonString()}>\n"));
                    serial.Flush();
                    break;
                default:
                    Send(new JsonObject { ["return"] = new JsonObject(), ["id"] = id });
                    break;
            }

            if (command == "cont")
            {
                Continued.Set();
            }

            if (command == "quit")
            {
                Environment.Exit(0);
            }
        }
    }

    /// <summary>Sends a SHUTDOWN event.</summary>
    public void Shutdown(string reason) => Send(new JsonObject
    {
        ["event"] = "SHUTDOWN",
        ["data"] = new JsonObject { ["guest"] = true, ["reason"] = reason },
        ["timestamp"] = new JsonObject { ["seconds"] = 0, ["microseconds"] = 0 },
    });

    private void Send(JsonObject message)
    {
        lock (_lock)
        {
            stream.Write(Encoding.UTF8.GetBytes(message.ToJsonString() + "\r\n"));
        }
    }
}
