using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Text;
using System.Text.RegularExpressions;
using XSharp.Text;

namespace XSharp;

/// <summary>Runs NASM over the text of a compilation.</summary>
public static partial class Assembler
{
    /// <summary>Makes an object file.</summary>
    /// <param name="source">Name of the X# file; its last part becomes the name of the compilation unit.</param>
    /// <param name="assembly">The text.</param>
    /// <param name="outputFile">The ELF64 object to write.</param>
    /// <returns>NASM's errors, at the X# lines that they belong to; empty when the object was written.</returns>
    /// <exception cref="IOException">NASM cannot be started, or a file cannot be written.</exception>
    public static IReadOnlyList<Diagnostic> Assemble(string source, string assembly, string outputFile)
    {
        // The place and the length of its name are fixed, so that it can be taken out of the object again.
        string folder = $"/tmp/xsharp.{Guid.NewGuid():N}";
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        try
        {
            string unit = Path.GetFileName(source);
            File.WriteAllText(Path.Combine(folder, unit), assembly);
            string messages = Run(folder, unit, out bool succeeded);
            if (!succeeded)
            {
                return ParseMessages(source, messages);
            }

            byte[] content = File.ReadAllBytes(Path.Combine(folder, "object.o"));
            RemoveFolder(content, folder + "/");
            File.WriteAllBytes(outputFile, content);
            return [];
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }

    private static string Run(string folder, string unit, out bool succeeded)
    {
        var start = new ProcessStartInfo("nasm", ["-f", "elf64", "-g", "-F", "dwarf", "-w+error", "-o", "object.o", unit])
        {
            WorkingDirectory = folder,
            RedirectStandardError = true,
        };
        try
        {
            using Process process = Process.Start(start)!;
            string messages = process.StandardError.ReadToEnd();
            process.WaitForExit();
            succeeded = process.ExitCode == 0;
            return messages;
        }
        catch (Win32Exception error)
        {
            throw new IOException($"nasm cannot be started ({error.Message}); install the package nasm", error);
        }
    }

    /// <summary>
    /// NASM writes the folder in which it ran into the debug information, as the string before its own name. "/" takes its place,
    /// which is where the C# half of the kernel maps its sources too, and spaces behind NASM's name take the room that becomes free:
    /// so nothing moves, and the object depends on its source alone.
    /// </summary>
    private static void RemoveFolder(Span<byte> content, string folder)
    {
        int start = content.IndexOf(Encoding.ASCII.GetBytes(folder));
        if (start < 0)
        {
            return;
        }

        Span<byte> producer = content[(start + folder.Length + 1)..];
        producer = producer[..producer.IndexOf((byte)0)];
        Span<byte> room = content.Slice(start, folder.Length + 1 + producer.Length);
        byte[] name = producer.ToArray();
        room.Fill((byte)' ');
        room[0] = (byte)'/';
        room[1] = 0;
        name.CopyTo(room[2..]);
    }

    private static List<Diagnostic> ParseMessages(string source, string messages)
    {
        var diagnostics = new List<Diagnostic>();
        foreach (string line in messages.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            Match match = Message().Match(line);
            SourcePosition position = match.Success
                ? new SourcePosition(match.Groups[1].Value, int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture), 1)
                : new SourcePosition(source, 1, 1);
            string text = match.Success ? match.Groups[3].Value : line;
            diagnostics.Add(new Diagnostic(position, ErrorCode.Assembler, $"expected a line that NASM accepts, found: {text}"));
        }

        return diagnostics;
    }

    [GeneratedRegex(@"^(.*?):(\d+): (?:error|fatal|warning|panic): (.*)$")]
    private static partial Regex Message();
}
