using System;
using System.Collections.Generic;
using CosmosKernel.Console.Text;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Commands;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;

namespace CosmosKernel.Console.Commands;

/// <summary>Runs the in-kernel tests of this image.</summary>
internal sealed class TestCommand : ConsoleCommand
{
    /// <inheritdoc/>
    public override string Name => "test";

    /// <inheritdoc/>
    public override string Usage => "[-l] [GLOB]";

    /// <inheritdoc/>
    public override string Summary => "run in-kernel tests";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Details =>
    [
        "-l    list them, do not run them",
        "GLOB  names with * and ?, several parted by commas; without one all tests run,",
        "      except those that fail on purpose (negative.*)",
    ];

    /// <inheritdoc/>
    [MightSleep]
    public override IEnumerable<string> Complete(IReadOnlyList<string> before) => Names();

    /// <inheritdoc/>
    [MightSleep]
    public override void Run(CommandContext context)
    {
        List<string> arguments = [.. context.Arguments];
        bool list = arguments.Remove("-l");
        if (arguments.Count > 1 || (arguments.Count == 1 && arguments[0].StartsWith('-')))
        {
            throw new CommandUsageException($"unexpected argument '{arguments[^1]}'");
        }

        string globs = arguments.Count == 0 ? "*" : arguments[0];
        List<KernelTest> all = TestRunner.All;
        if (all.Count == 0)
        {
            throw new CommandFailedException("this image has no tests; build/test-kernel.elf and build/test.iso do");
        }

        List<KernelTest> matching = TestRunner.Matching(globs);
        if (matching.Count == 0)
        {
            throw new CommandFailedException($"no test matches '{globs}'; this image has {all.Count}");
        }

        if (list)
        {
            matching.ForEach(test => context.WriteLine(test.Name));
            return;
        }

        Run(context, globs, matching.Count);
    }

    // The tests run with the priority and stack that they have when test= starts them.
    private static void Run(CommandContext context, string globs, int count)
    {
        int failed = 0;
        TaskStruct tests = KernelTask.Start(new TaskOptions { Name = "tests", StackBytes = 256 * 1024 }, () =>
        {
            failed = TestRunner.Run(globs);
        });
        try
        {
            tests.Join();
        }
        finally
        {
            tests.Kill();
        }

        context.WriteLine(failed == 0 ? Ansi.Style(Ansi.Green, $"{Units.Count(count, "test")}, none failed") : Ansi.Style(Ansi.Red, $"{failed} of {Units.Count(count, "test")} failed"));
    }

    private static IEnumerable<string> Names()
    {
        yield return "-l";
        foreach (KernelTest test in TestRunner.All)
        {
            yield return test.Name;
        }
    }
}
