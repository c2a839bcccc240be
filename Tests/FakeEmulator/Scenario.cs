using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Text;
using System.Threading;

namespace CosmosKernel.FakeEmulator;

/// <summary>
/// What the guest does: <c>out TEXT</c> (with \n, \r, \e and \xHH), <c>flood COUNT</c> (so many letters), <c>wait MS</c>, <c>read</c> (waits for a carriage
/// return and echoes the line), <c>log TEXT</c> (the emulator's own log file), <c>error TEXT</c> (standard error), <c>shutdown REASON</c> (the
/// monitor's event, then waits to be told to quit), <c>exit STATUS</c>, <c>crash</c> (killed by a signal), <c>hang</c>. After the last step it exits with 0.
/// </summary>
internal sealed class Scenario(IEnumerable<string> steps, Stream input, Stream output, FakeMonitor? monitor, string? log)
{
    /// <summary>Runs the steps and returns the exit status.</summary>
    public int Run()
    {
        foreach (string step in steps)
        {
            int space = step.IndexOf(' ', StringComparison.Ordinal);
            string word = space < 0 ? step : step[..space];
            string argument = space < 0 ? "" : step[(space + 1)..];
            switch (word)
            {
                case "out":
                    Write(Unescape(argument));
                    break;
                case "flood":
                    byte[] letters = new byte[int.Parse(argument, CultureInfo.InvariantCulture)];
                    letters.AsSpan().Fill((byte)'x');
                    Write(letters);
                    break;
                case "wait":
                    Thread.Sleep(int.Parse(argument, CultureInfo.InvariantCulture));
                    break;
                case "read":
                    Echo();
                    break;
                case "log":
                    File.AppendAllText(log!, argument + "\n");
                    break;
                case "error":
                    Console.Error.WriteLine(argument);
                    break;
                case "shutdown":
                    monitor!.Shutdown(argument);
                    Thread.Sleep(Timeout.Infinite);
                    break;
                case "hang":
                    Thread.Sleep(Timeout.Infinite);
                    break;
                case "exit":
                    return int.Parse(argument, CultureInfo.InvariantCulture);
                case "crash":
                    Process.GetCurrentProcess().Kill();
                    break;
                default:
                    throw new InvalidDataException($"unknown step '{step}'");
            }
        }

        return 0;
    }

    private void Write(byte[] bytes)
    {
        output.Write(bytes);
        output.Flush();
    }

    private void Echo()
    {
        List<byte> line = [];
        int value;
        while ((value = input.ReadByte()) is not (-1 or '\r'))
        {
            line.Add((byte)value);
        }

        Write([.. line, (byte)'\r', (byte)'\n']);
    }

    private static byte[] Unescape(string text)
    {
        List<byte> bytes = [];
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                bytes.AddRange(Encoding.UTF8.GetBytes(text[i].ToString()));
                continue;
            }

            switch (text[++i])
            {
                case 'n':
                    bytes.Add((byte)'\n');
                    break;
                case 'r':
                    bytes.Add((byte)'\r');
                    break;
                case 'e':
                    bytes.Add(0x1B);
                    break;
                case 'x':
                    bytes.Add(byte.Parse(text.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                    i += 2;
                    break;
                default:
                    throw new InvalidDataException($"unknown escape in '{text}'");
            }
        }

        return [.. bytes];
    }
}
