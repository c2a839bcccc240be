using System;
using System.Collections.Generic;
using System.Threading;
using CosmosKernel.Console.Commands;
using CosmosKernel.Console.Editing;
using CosmosKernel.Console.Input;
using CosmosKernel.Console.Text;
using CosmosKernel.Machine.Boot;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules.Commands;
using CosmosKernel.Modules.Consoles;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Console;

/// <summary>
/// The interactive console: reads a line, runs the command that it names in a task of its own, and again. It is more urgent than ordinary tasks,
/// so that busy ones cannot lock people out. See docs/console.md.
/// </summary>
public sealed class KernelShell
{
    /// <summary>Priority of the console and its commands.</summary>
    public const int Priority = 80;

    private const int StackBytes = 256 * 1024;
    private const string Prompt = "cosmos> ";

    [Atomic]
    private static KernelShell? s_instance;

    private readonly Terminal _terminal = new();
    private readonly KeyReader _keys;

    [TaskPrivate]
    private readonly History _history = new();

    [TaskPrivate]
    private readonly LineEditor _editor;

    [Atomic]
    private TaskStruct? _task;

    private KernelShell()
    {
        _keys = new KeyReader(_terminal);
        _editor = new LineEditor(Prompt, Ansi.Cyan, _history, new Completer(Candidates));
    }

    /// <summary>Registers the commands and starts the console's tasks. Once, in task context.</summary>
    [MightSleep]
    public static void Start()
    {
        foreach (ConsoleCommand command in BuiltInCommands.All())
        {
            CommandRegistry.Add(command);
        }

        var shell = new KernelShell();
        Volatile.Write(ref s_instance, shell);
        shell._keys.Start(Priority);
        Volatile.Write(ref shell._task, KernelTask.Start(new TaskOptions { Name = "console", Priority = Priority, StackBytes = StackBytes, Detached = true }, shell.Run));
    }

    /// <summary>Whether a task is one without which there is no console.</summary>
    internal static bool Owns(TaskStruct task) =>
        Volatile.Read(ref s_instance) is { } shell && (ReferenceEquals(task, Volatile.Read(ref shell._task)) || ReferenceEquals(task, shell._keys.Task));

    private void Run()
    {
        WriteBanner();
        Terminal.Prepare();
        while (true)
        {
            if (ReadLine() is { } line)
            {
                Execute(line);
            }
        }
    }

    private static void WriteBanner()
    {
        string cpus = Units.Count(RunQueues.Count, "CPU");
        string memory = Units.Bytes(FirmwareMemoryMap.UsableBytes);
        KernelConsole.WriteLine("");
        KernelConsole.WriteLine($"{Ansi.Style(Ansi.Bold, $"{KernelVersion.Name} {KernelVersion.Number}")}  {cpus}, {memory}, up after {Units.Duration(Clock.MonotonicNanoseconds)}");
        KernelConsole.WriteLine($"Type {Ansi.Style(Ansi.Cyan, "help")} for the commands, {Ansi.Style(Ansi.Cyan, "demo")} to watch the scheduler.");
        KernelConsole.WriteLine("");
    }

    // Null when the line was given up.
    private string? ReadLine()
    {
        _editor.Columns = _terminal.Size.Columns;
        string begin = _editor.Begin();
        KernelConsole.WriteEdited(begin, _editor.Row);
        while (true)
        {
            if (!_keys.Read(out Key key))
            {
                continue;
            }

            _editor.Columns = _terminal.Size.Columns;
            EditState state = _editor.Process(key, out string output);
            KernelConsole.WriteEdited(output, state == EditState.Editing ? _editor.Row : "");
            if (state != EditState.Editing)
            {
                return state == EditState.Done ? _editor.Text : null;
            }
        }
    }

    private void Execute(string line)
    {
        if (!CommandLine.TryParse(line, out List<string> words, out string problem))
        {
            Complain(problem);
            return;
        }

        if (words.Count == 0)
        {
            return;
        }

        if (CommandRegistry.Find(words[0]) is not { } command)
        {
            Complain($"there is no command '{words[0]}'; type help for those that there are");
            return;
        }

        var context = new ShellContext(words[1..], _terminal, _keys);
        TaskStruct task = KernelTask.Start(new TaskOptions { Name = command.Name, Priority = Priority, StackBytes = StackBytes }, () => RunCommand(command, context));
        _keys.SetForeground(task);
        TaskExit exit = task.Join();
        _keys.SetForeground(null);
        if (exit.Reason != TaskExitReason.Exited || exit.Code != 0)
        {
            // Whatever it had done to the terminal.
            KernelConsole.Write(Ansi.Reset + Ansi.ShowCursor);
        }

        if (exit.Reason == TaskExitReason.Killed)
        {
            KernelConsole.Write("^C\n");
        }
        else if (!context.IsAtLineStart)
        {
            KernelConsole.Write("\n");
        }
    }

    private static int RunCommand(ConsoleCommand command, CommandContext context)
    {
        try
        {
            command.Run(context);
            return 0;
        }
        catch (CommandUsageException wrong)
        {
            Complain($"{command.Name}: {wrong.Message}");
            KernelConsole.Write($"usage: {command.Name} {command.Usage}".TrimEnd() + "\n");
            return 2;
        }
        catch (CommandFailedException failed)
        {
            Complain($"{command.Name}: {failed.Message}");
            return 1;
        }
        catch (Exception exception) when (exception is not TaskKilledException)
        {
            Complain($"{command.Name} failed: {exception}");
            return 1;
        }
    }

    private static void Complain(string message) => KernelConsole.WriteLine(Ansi.Style(Ansi.Red, message));

    private static IEnumerable<string> Candidates(IReadOnlyList<string> before)
    {
        if (before.Count > 0)
        {
            return CommandRegistry.Find(before[0]) is { } command ? command.Complete([.. SkipFirst(before)]) : [];
        }

        List<string> names = [];
        foreach (ConsoleCommand command in CommandRegistry.All)
        {
            names.Add(command.Name);
        }

        return names;
    }

    private static IEnumerable<string> SkipFirst(IReadOnlyList<string> words)
    {
        for (int i = 1; i < words.Count; i++)
        {
            yield return words[i];
        }
    }
}
