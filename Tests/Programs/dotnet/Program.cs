using System;
using System.Collections.Generic;
using System.Runtime.Versioning;
using System.Threading.Tasks;

[assembly: SupportedOSPlatform("linux")]

namespace CosmosKernel.Programs;

/// <summary>Runs the scenarios that its arguments name, all without any, and prints a line for each. Exits with 1 when one does not do what .NET promises.</summary>
internal static class Program
{
    private static readonly SortedDictionary<string, Func<Task>> s_scenarios = new(StringComparer.Ordinal)
    {
        ["exceptions"] = Wrap(FaultScenario.Run),
        ["files"] = FileScenario.RunAsync,
        ["gc"] = Wrap(MemoryScenario.Run),
        ["processes"] = ProcessScenario.RunAsync,
        ["signals"] = Wrap(SignalScenario.Run),
        ["sockets"] = SocketScenario.RunAsync,
        ["tasks"] = TaskScenario.RunAsync,
        ["threads"] = Wrap(ThreadScenario.Run),
        ["timers"] = TimerScenario.RunAsync,
    };

    private static async Task<int> Main(string[] args)
    {
        if (args is ["--child", .. string[] childArgs])
        {
            return ProcessScenario.Child(childArgs);
        }

        foreach (string name in args.Length > 0 ? args : [.. s_scenarios.Keys])
        {
            if (name == "hello")
            {
                Console.WriteLine("Hello, world!");
                continue;
            }

            if (!s_scenarios.TryGetValue(name, out Func<Task>? scenario))
            {
                Console.Error.WriteLine($"There is no scenario '{name}'.");
                return 2;
            }

            await scenario();
            Console.WriteLine($"{name}: as it should be");
        }

        return 0;
    }

    private static Func<Task> Wrap(Action scenario) => () =>
    {
        scenario();
        return Task.CompletedTask;
    };
}
