using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace CosmosKernel.Bench;

/// <summary>The figures as a table for people and as JSON for programs.</summary>
public static class Report
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>Writes all figures as a JSON array.</summary>
    public static void WriteJson(string path, IEnumerable<Measurement> measurements) =>
        File.WriteAllText(path, JsonSerializer.Serialize(measurements, s_json) + "\n");

    /// <summary>Writes the tables: what counts instructions, what took wall time with a column for each number of processors, and contention.</summary>
    public static void WriteTables(IAnsiConsole console, IReadOnlyCollection<Measurement> measurements)
    {
        Table counted = new Table().Title("Instructions, one CPU").AddColumn("operation").AddColumn(Right("instructions")).AddColumn(Right("aim"));
        foreach (Measurement each in measurements.Where(each => each.Method == Method.Instructions))
        {
            string aim = each.Aim is { } most ? $"{most:#,0} {(each.Value <= most ? "[green]met[/]" : "[red]missed[/]")}" : "";
            counted.AddRow(Markup.Escape(each.Name), each.ValueText + (each.Unit == "instructions" ? "" : " " + each.Unit), aim);
        }

        console.Write(counted);
        Measurement[] wall = [.. measurements.Where(each => each.Method == Method.Wall)];
        WriteByCpus(console, "Wall time, comparable only within this run", [.. wall.Where(each => Contention.Parse(each.Name) is null)]);
        WriteByCpus(console, "Contention: lock.contenders", [.. wall.Where(each => Contention.Parse(each.Name) is not null)]);
    }

    private static void WriteByCpus(IAnsiConsole console, string title, IReadOnlyCollection<Measurement> measurements)
    {
        if (measurements.Count == 0)
        {
            return;
        }

        int[] cpus = [.. measurements.Select(each => each.Cpus).Distinct().Order()];
        Table table = new Table().Title(title).AddColumn("figure").AddColumn("unit");
        foreach (int count in cpus)
        {
            table.AddColumn(Right(count == 1 ? "1 CPU" : $"{count} CPUs"));
        }

        foreach (IGrouping<(string Name, string Unit), Measurement> row in measurements.GroupBy(each => (each.Name, each.Unit)))
        {
            IEnumerable<string> cells = cpus.Select(count => row.FirstOrDefault(each => each.Cpus == count)?.ValueText ?? "");
            table.AddRow([Markup.Escape(row.Key.Name), Markup.Escape(row.Key.Unit), .. cells]);
        }

        console.Write(table);
    }

    private static TableColumn Right(string header) => new TableColumn(header).RightAligned();
}
