using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;

namespace CosmosKernel.Bench;

/// <summary>Draws the figures with gnuplot. The scripts, with the data in them, stay beside the pictures.</summary>
/// <param name="folder">Gets the scripts and the pictures.</param>
public sealed class Plots(string folder)
{
    private const string Style = """
        set terminal pngcairo size 1100,{0} font 'Sans,11' background '#ffffff'
        set border 3 lc rgb '#888888'
        set grid lc rgb '#dddddd' lw 1
        set tics nomirror
        set key outside right top
        """;

    private static readonly string[] s_colors = ["#1f6fb4", "#d1495b", "#2e8b57", "#e0a030", "#6a4c93", "#00a6a6", "#8d5524", "#4d4d4d", "#b5179e", "#7fb800", "#3a86ff", "#ff7f51"];

    /// <summary>Instructions for each operation, with the aims as marks. Returns the picture's path.</summary>
    public string Costs(IEnumerable<Measurement> measurements)
    {
        Measurement[] bars = [.. measurements.Where(each => each.Method == Method.Instructions && each is { Unit: "instructions", Value: > 0 and < 100_000 }).OrderByDescending(each => each.Value)];
        StringBuilder script = Begin("costs", 120 + (22 * bars.Length));
        script.AppendLine("$data << END");
        for (int i = 0; i < bars.Length; i++)
        {
            script.AppendLine(CultureInfo.InvariantCulture, $"{i} {bars[i].Value} {(bars[i].Aim is { } aim ? aim.ToString(CultureInfo.InvariantCulture) : "NaN")} \"{Label(bars[i].Name)}\"");
        }

        script.AppendLine("END");
        script.AppendLine("set title 'What an operation costs: instructions, one CPU'");
        script.AppendLine("set logscale x; set xlabel 'instructions (logarithmic)'; set xrange [1:*]");
        script.AppendLine(CultureInfo.InvariantCulture, $"set yrange [-0.7:{bars.Length - 0.3}]; set style fill solid 0.85 noborder; set key inside bottom right");
        script.AppendLine("plot $data using (1):0:(1):2:($0-0.35):($0+0.35):ytic(4) with boxxyerror lc rgb '#1f6fb4' notitle, \\");
        script.AppendLine("     $data using (($3 > $2 ? $3 : $2)*1.15):0:(sprintf('%.4g',$2)) with labels left font 'Sans,9' tc rgb '#333333' notitle, \\");
        script.AppendLine("     $data using 3:0 with points pt 9 ps 1.3 lc rgb '#d1495b' title 'aim'");
        return Draw("costs", script);
    }

    /// <summary>Operations per second by contenders, a line for each lock, a panel for each number of processors. Null when there are no such figures.</summary>
    /// <param name="what"><c>throughput</c> or <c>fairness</c>.</param>
    /// <param name="measurements">All figures.</param>
    /// <param name="label">What the axis says.</param>
    public string? ByContenders(string what, IEnumerable<Measurement> measurements, string label)
    {
        (Contention Contention, Measurement Measurement)[] points =
        [
            .. from each in measurements
               let contention = Contention.Parse(each.Name)
               where contention is not null && contention.What == what
               select (contention, each),
        ];
        if (points.Length == 0)
        {
            return null;
        }

        int[] cpus = [.. points.Select(point => point.Measurement.Cpus).Distinct().Order()];
        string[] locks = [.. points.Select(point => point.Contention.Lock).Distinct()];
        StringBuilder script = Begin(what, 480);
        script.AppendLine(CultureInfo.InvariantCulture, $"set multiplot layout 1,{cpus.Length} title '{label}'");
        script.AppendLine("set logscale x 2; set xlabel 'contenders'; set xtics (1,2,4,8)");
        script.AppendLine(what == "throughput" ? "set logscale y; set format y '%.0s%c'" : "set yrange [0:1.05]");
        foreach (int count in cpus)
        {
            script.AppendLine(CultureInfo.InvariantCulture, $"set title '{count} CPU{(count == 1 ? "" : "s")}'");

            // The last panel is wider, for the names of the lines.
            script.AppendLine(count == cpus[^1] ? "set xrange [1.8:100]; set key inside center right font 'Sans,9'" : "set xrange [1.8:9]; unset key");
            List<string> lines = [];
            for (int i = 0; i < locks.Length; i++)
            {
                string block = $"$d{count}_{i}";
                script.AppendLine($"{block} << END");
                foreach ((Contention contention, Measurement measurement) in points.Where(point => point.Contention.Lock == locks[i] && point.Measurement.Cpus == count).OrderBy(point => point.Contention.Contenders))
                {
                    script.AppendLine(CultureInfo.InvariantCulture, $"{contention.Contenders} {measurement.Value}");
                }

                script.AppendLine("END");
                lines.Add($"{block} using 1:2 with linespoints lw 2 pt {(i % 8) + 4} lc rgb '{s_colors[i % s_colors.Length]}' title '{Label(locks[i])}'");
            }

            script.AppendLine("plot " + string.Join(", \\\n     ", lines));
        }

        script.AppendLine("unset multiplot");
        return Draw(what, script);
    }

    private static string Label(string name) => name.Replace('_', ' ');

    private StringBuilder Begin(string name, int height)
    {
        StringBuilder script = new();
        script.AppendLine(string.Format(CultureInfo.InvariantCulture, Style, height));
        script.AppendLine($"set output '{Path.Combine(folder, name + ".png")}'");
        return script;
    }

    private string Draw(string name, StringBuilder script)
    {
        string path = Path.Combine(folder, name + ".gp");
        File.WriteAllText(path, script.ToString());
        using Process gnuplot = Process.Start(new ProcessStartInfo("gnuplot", [path]) { RedirectStandardError = true })
            ?? throw new FigureException("gnuplot does not start");
        string problems = gnuplot.StandardError.ReadToEnd();
        gnuplot.WaitForExit();
        return gnuplot.ExitCode == 0
            ? Path.ChangeExtension(path, ".png")
            : throw new FigureException($"gnuplot does not draw {path}:\n{problems}");
    }
}
