using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;

namespace CosmosKernel.BootHarness;

/// <summary>One command of an input script, with the line it stands on.</summary>
public abstract record InputCommand(int Line)
{
    /// <summary>Waits for output.</summary>
    public sealed record Expect(int Line, Regex Pattern) : InputCommand(Line);

    /// <summary>Sets how long the following <see cref="Expect"/> wait.</summary>
    public sealed record SetTimeout(int Line, TimeSpan Duration) : InputCommand(Line);

    /// <summary>Sends bytes to the serial port.</summary>
    public sealed record Send(int Line, byte[] Bytes) : InputCommand(Line);

    /// <summary>Presses keys of the PS/2 keyboard together, by QEMU's names.</summary>
    public sealed record Key(int Line, IReadOnlyList<string> Names) : InputCommand(Line);

    /// <summary>Waits.</summary>
    public sealed record Wait(int Line, TimeSpan Duration) : InputCommand(Line);

    /// <summary>Saves the screen.</summary>
    public sealed record Screenshot(int Line, string Path) : InputCommand(Line);

    /// <summary>Presses the ACPI power button.</summary>
    public sealed record PowerButton(int Line) : InputCommand(Line);

    /// <summary>Sends a non-maskable interrupt to every processor.</summary>
    public sealed record NonMaskableInterrupt(int Line) : InputCommand(Line);

    /// <summary>Gives QEMU's monitor a line, as a person at it would: <c>mouse_move 10 5</c>.</summary>
    public sealed record Monitor(int Line, string Text) : InputCommand(Line);

    /// <summary>Ends the boot with success.</summary>
    public sealed record Quit(int Line) : InputCommand(Line);
}

/// <summary>What is typed at a machine, and what is waited for. docs/testing.md, "Input scripts".</summary>
/// <param name="Commands">The commands in order.</param>
public sealed record InputScript(IReadOnlyList<InputCommand> Commands)
{
    /// <summary>True if a command needs QEMU's monitor.</summary>
    public bool NeedsQemu => Commands.Any(command => command is InputCommand.Key or InputCommand.Screenshot
        or InputCommand.PowerButton or InputCommand.NonMaskableInterrupt or InputCommand.Monitor);

    /// <summary>Reads a script from a file.</summary>
    /// <exception cref="UsageException">There is no such file, or a line is no command.</exception>
    public static InputScript Load(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--input: {e.Message}");
        }
    }

    /// <summary>Reads a script.</summary>
    /// <param name="text">One command a line.</param>
    /// <param name="source">What error messages call it.</param>
    /// <exception cref="UsageException">A line is no command; the message says which and why.</exception>
    public static InputScript Parse(string text, string source = "input")
    {
        ArgumentNullException.ThrowIfNull(text);
        List<InputCommand> commands = [];
        int number = 0;
        foreach (string raw in text.Split('\n'))
        {
            number++;
            string line = raw.TrimEnd('\r').TrimStart();
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            int space = line.IndexOf(' ', StringComparison.Ordinal);
            string word = space < 0 ? line : line[..space];
            string argument = space < 0 ? "" : line[(space + 1)..];
            try
            {
                commands.Add(ParseCommand(number, word, argument));
            }
            catch (FormatException e)
            {
                throw new UsageException($"{source}:{number}: {e.Message}");
            }
        }

        return new InputScript(commands);
    }

    private static InputCommand ParseCommand(int line, string word, string argument) => word switch
    {
        "expect" => new InputCommand.Expect(line, ParseRegex(argument)),
        "timeout" => new InputCommand.SetTimeout(line, ParseDuration(argument, TimeSpan.FromSeconds(1))),
        "send" => new InputCommand.Send(line, ParseText(argument + "\\r")),
        "type" => new InputCommand.Send(line, ParseText(argument)),
        "key" when argument.Trim() is { Length: > 0 } names => new InputCommand.Key(line, names.Split('-')),
        "key" => throw new FormatException("key needs a name"),
        "wait" => new InputCommand.Wait(line, ParseDuration(argument, TimeSpan.FromMilliseconds(1))),
        "screenshot" => new InputCommand.Screenshot(line, ParseImagePath(argument.Trim())),
        "power-button" => new InputCommand.PowerButton(line),
        "nmi" => new InputCommand.NonMaskableInterrupt(line),
        "monitor" when argument.Trim() is { Length: > 0 } text => new InputCommand.Monitor(line, text),
        "monitor" => throw new FormatException("monitor needs a command"),
        "quit" => new InputCommand.Quit(line),
        _ => throw new FormatException($"'{word}' is none of expect, timeout, send, type, key, wait, screenshot, power-button, nmi, monitor, quit"),
    };

    /// <summary>A regular expression as <c>expect</c> and <c>--until</c> take it.</summary>
    /// <exception cref="FormatException">It is empty or none.</exception>
    public static Regex ParseRegex(string pattern)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        if (pattern.Length == 0)
        {
            throw new FormatException("the regular expression is empty");
        }

        try
        {
            return new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.Multiline, TimeSpan.FromSeconds(5));
        }
        catch (ArgumentException e)
        {
            throw new FormatException(e.Message);
        }
    }

    private static TimeSpan ParseDuration(string text, TimeSpan unit)
    {
        if (double.TryParse(text.Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) && value <= 86_400_000)
        {
            return unit * value;
        }

        throw new FormatException($"'{text}' is no duration");
    }

    private static string ParseImagePath(string path) =>
        path.EndsWith(".png", StringComparison.Ordinal) || path.EndsWith(".ppm", StringComparison.Ordinal)
            ? path
            : throw new FormatException($"'{path}' ends neither in .png nor in .ppm");

    private static byte[] ParseText(string text)
    {
        StringBuilder plain = new();
        List<byte> bytes = [];
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                plain.Append(text[i]);
                continue;
            }

            bytes.AddRange(Encoding.UTF8.GetBytes(plain.ToString()));
            plain.Clear();
            char escape = ++i < text.Length ? text[i] : '\0';
            switch (escape)
            {
                case 'r':
                    bytes.Add((byte)'\r');
                    break;
                case 'n':
                    bytes.Add((byte)'\n');
                    break;
                case 't':
                    bytes.Add((byte)'\t');
                    break;
                case 'e':
                    bytes.Add(0x1B);
                    break;
                case '\\':
                    bytes.Add((byte)'\\');
                    break;
                case 'x' when i + 2 < text.Length
                    && byte.TryParse(text.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value):
                    bytes.Add(value);
                    i += 2;
                    break;
                default:
                    throw new FormatException(@"after \ comes one of r n t e \ xHH");
            }
        }

        bytes.AddRange(Encoding.UTF8.GetBytes(plain.ToString()));
        return [.. bytes];
    }
}
