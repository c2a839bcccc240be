// Plays QEMU or Bochs for the unit tests of the boot harness: takes the harness's arguments, connects to it as the real one
// does, and then follows a scenario (`--scenario FILE`, one step a line) in place of a guest.
using System;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using System.Threading;
using CosmosKernel.FakeEmulator;

int scenarioAt = Array.IndexOf(args, "--scenario");
string[] steps = File.ReadAllLines(args[scenarioAt + 1]);
if (steps.FirstOrDefault() is { } first && first.StartsWith("refuse ", StringComparison.Ordinal))
{
    Console.Error.WriteLine(first["refuse ".Length..]);
    return 1;
}

int configurationAt = Array.IndexOf(args, "-f");
if (configurationAt >= 0)
{
    string configuration = File.ReadAllText(args[configurationAt + 1]);
    string log = Regex.Match(configuration, "^log: (.*)$", RegexOptions.Multiline).Groups[1].Value;
    int port = int.Parse(Regex.Match(configuration, @"dev=localhost:(\d+)").Groups[1].Value);
    using TcpClient serial = new();
    serial.Connect(IPAddress.Loopback, port);
    return new Scenario(steps, serial.GetStream(), serial.GetStream(), null, log).Run();
}

string path = args.Select(argument => Regex.Match(argument, "^socket,id=qmp,server=off,path=(.*)$")).First(match => match.Success).Groups[1].Value;
using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
socket.Connect(new UnixDomainSocketEndPoint(path));
using NetworkStream stream = new(socket);
using Stream output = Console.OpenStandardOutput();
FakeMonitor monitor = new(stream, output);
Thread reader = new(monitor.Serve) { IsBackground = true };
reader.Start();
monitor.Continued.Wait();
return new Scenario(steps, Console.OpenStandardInput(), output, monitor, null).Run();
