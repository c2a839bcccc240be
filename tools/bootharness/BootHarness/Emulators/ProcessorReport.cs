using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;

namespace CosmosKernel.BootHarness.Emulators;

/// <summary>What the processors of a stopped machine were doing.</summary>
/// <param name="Registers">All registers, as the emulator prints them; empty if it cannot tell.</param>
/// <param name="Positions">One short text a processor: where it is.</param>
/// <param name="Stacks">For each processor its position, and the code that its stack points to; needs symbols.</param>
internal sealed record ProcessorReport(string Registers, IReadOnlyList<string> Positions, string Stacks)
{
    /// <summary>How many words of a stack are looked at.</summary>
    private const int StackWords = 256;

    /// <summary>How many of them are shown.</summary>
    private const int ShownWords = 16;

    /// <summary>What is said of a machine that tells nothing.</summary>
    public static ProcessorReport Empty { get; } = new("", [], "");

    /// <summary>Asks a stopped machine.</summary>
    /// <param name="machine">The emulator.</param>
    /// <param name="locator">Names code; null for bare addresses.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="QmpException">The emulator does not answer.</exception>
    public static async Task<ProcessorReport> ReadAsync(EmulatorProcess machine, CodeLocator? locator, CancellationToken cancellation)
    {
        string registers = await machine.ReadRegistersAsync(cancellation).ConfigureAwait(false);
        ulong[] instructions = Values(registers, "RIP|EIP");
        ulong[] stacks = Values(registers, "RSP|ESP");
        List<string> positions = [];
        StringBuilder text = new();
        for (int cpu = 0; cpu < instructions.Length; cpu++)
        {
            string position = $"CPU {cpu} at {Hex(instructions[cpu])}{(locator?.Describe(instructions[cpu]) is { } name ? " " + name : "")}";
            positions.Add(position);
            if (locator is not null && cpu < stacks.Length)
            {
                text.AppendLine(position);
                foreach (string line in await ReadStackAsync(machine, cpu, stacks[cpu], locator, cancellation).ConfigureAwait(false))
                {
                    text.Append("    ").AppendLine(line);
                }
            }
        }

        return new ProcessorReport(registers, positions, text.ToString());
    }

    /// <summary>Return addresses, and whatever else on the stack looks like one.</summary>
    private static async Task<IEnumerable<string>> ReadStackAsync(
        EmulatorProcess machine, int cpu, ulong stack, CodeLocator locator, CancellationToken cancellation)
    {
        JsonNode? answer = await machine.ExecuteAsync(
            "human-monitor-command",
            new JsonObject { ["command-line"] = $"x /{StackWords}gx 0x{stack:x}", ["cpu-index"] = cpu },
            cancellation).ConfigureAwait(false);
        return Regex.Matches(answer?.GetValue<string>() ?? "", "0x([0-9a-f]{16})")
            .Select(match => ulong.Parse(match.Groups[1].ValueSpan, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture))
            .Where(word => word > 0)
            .Select(word => (Word: word, Name: locator.Describe(word - 1)))
            .Where(entry => entry.Name is not null)
            .Take(ShownWords)
            .Select(entry => $"{Hex(entry.Word)} {entry.Name}");
    }

    private static ulong[] Values(string registers, string names) =>
        [.. Regex.Matches(registers, $@"\b(?:{names})=([0-9a-f]+)", RegexOptions.CultureInvariant)
            .Select(match => ulong.Parse(match.Groups[1].ValueSpan, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture))];

    private static string Hex(ulong value) => value.ToString("x16", CultureInfo.InvariantCulture);
}
