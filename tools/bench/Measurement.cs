using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text.RegularExpressions;

namespace CosmosKernel.Bench;

/// <summary>How a figure was taken.</summary>
public enum Method
{
    /// <summary>Guest time counts instructions, one CPU: repeats to about 1 % on any host.</summary>
    Instructions,

    /// <summary>Wall time of the emulator: good only as a ratio to other figures of the same run.</summary>
    Wall,
}

/// <summary>One figure of one machine.</summary>
/// <param name="Name">What was measured, without the area.</param>
/// <param name="Value">The value.</param>
/// <param name="Unit">One word; time that counts instructions is in instructions.</param>
/// <param name="Method">How it was taken.</param>
/// <param name="Cpus">Processors of the machine.</param>
/// <param name="Aim">The most that it should be, if there is an aim.</param>
public sealed record Measurement(string Name, decimal Value, string Unit, Method Method, int Cpus, decimal? Aim)
{
    /// <summary>The value with at most four digits that mean something.</summary>
    public string ValueText => Value switch
    {
        >= 10_000_000 => (Value / 1_000_000).ToString("#,0.#", CultureInfo.InvariantCulture) + " M",
        >= 1_000 => Value.ToString("#,0", CultureInfo.InvariantCulture),
        >= 100 => Value.ToString("0.#", CultureInfo.InvariantCulture),
        _ => Value.ToString("0.##", CultureInfo.InvariantCulture),
    };
}

/// <summary>A figure of a lock that several tasks want at once: <c>contention.LOCK.CONTENDERS.WHAT</c>.</summary>
/// <param name="Lock">The kind of lock.</param>
/// <param name="Contenders">Tasks that want it.</param>
/// <param name="What"><c>throughput</c> or <c>fairness</c>.</param>
public sealed partial record Contention(string Lock, int Contenders, string What)
{
    /// <summary>Reads a figure's name; null when it is not of this kind.</summary>
    public static Contention? Parse(string name)
    {
        Match match = Pattern().Match(name);
        return match.Success
            ? new Contention(match.Groups[1].Value, int.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture), match.Groups[3].Value)
            : null;
    }

    [GeneratedRegex(@"^contention\.([a-z0-9_]+)\.([0-9]+)\.([a-z_]+)$")]
    private static partial Regex Pattern();
}
