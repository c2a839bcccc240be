using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading.Tasks;

namespace CosmosKernel.Programs;

/// <summary>Child processes: this program again, and /bin/sh.</summary>
internal static class ProcessScenario
{
    public static async Task RunAsync()
    {
        int[] statuses = await Task.WhenAll(Enumerable.Range(0, 4).Select(EchoAsync));
        Expect.Equal(0 + 1 + 2 + 3, statuses.Sum(), "the sum of exit statuses");

        using Process shell = Start("/bin/sh", "-c", "echo $0 $1; exec sleep 1000", "a", "b");
        Expect.Equal("a b", await shell.StandardOutput.ReadLineAsync(), "a line from a shell");
        Expect.True(!shell.HasExited, "the shell runs");
        shell.Kill();
        await shell.WaitForExitAsync();
        Expect.Equal(128 + 9, shell.ExitCode, "the status of a killed process");
    }

    /// <summary>What the child does: it sends back what it reads, and exits with its argument.</summary>
    public static int Child(string[] args)
    {
        while (Console.ReadLine() is { } line)
        {
            Console.WriteLine($"{args[0]}: {line}");
        }

        return int.Parse(args[0], System.Globalization.CultureInfo.InvariantCulture);
    }

    private static async Task<int> EchoAsync(int number)
    {
        string program = Environment.ProcessPath!;

        // The stock runtime is a program of its own, which runs the .dll.
        string[] before = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [Path.Combine(AppContext.BaseDirectory, "dotnetload.dll")] : [];
        using Process child = Start(program, [.. before, "--child", $"{number}"]);
        Task<string> output = child.StandardOutput.ReadToEndAsync();
        for (int i = 0; i < 100; i++)
        {
            await child.StandardInput.WriteLineAsync($"line {i}");
        }

        child.StandardInput.Close();
        string[] lines = (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await child.WaitForExitAsync();
        Expect.Equal(100, lines.Length, "lines from a child");
        Expect.Equal($"{number}: line 99", lines[^1], "the last line from a child");
        return child.ExitCode;
    }

    private static Process Start(string program, params string[] args) =>
        Process.Start(new ProcessStartInfo(program, args) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false })!;
}
