using System;
using System.Collections.Generic;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Modules.Commands;

/// <summary>The commands of the console. Any task.</summary>
public static class CommandRegistry
{
    private static readonly object s_lock = new();

    [GuardedBy(nameof(s_lock))]
    private static readonly SortedDictionary<string, ConsoleCommand> s_commands = new(StringComparer.Ordinal);

    /// <summary>All commands, sorted by name.</summary>
    [MightSleep]
    public static IReadOnlyList<ConsoleCommand> All
    {
        get
        {
            lock (s_lock)
            {
                return [.. s_commands.Values];
            }
        }
    }

    /// <summary>Adds a command. Disposing the result takes it away; a call that runs then goes on.</summary>
    /// <exception cref="ArgumentException">The name is empty, has other characters than <c>a-z 0-9 -</c>, or is taken.</exception>
    [MightSleep]
    public static IDisposable Add(ConsoleCommand command)
    {
        string name = command.Name;
        if (name.Length == 0 || name.AsSpan().ContainsAnyExcept("abcdefghijklmnopqrstuvwxyz0123456789-"))
        {
            throw new ArgumentException($"'{name}' is no name of a command: only a-z, 0-9 and - are allowed", nameof(command));
        }

        lock (s_lock)
        {
            if (!s_commands.TryAdd(name, command))
            {
                throw new ArgumentException($"there is a command '{name}' already", nameof(command));
            }
        }

        return new Registration(command);
    }

    /// <summary>Finds a command by its whole name.</summary>
    [MightSleep]
    public static ConsoleCommand? Find(string name)
    {
        lock (s_lock)
        {
            return s_commands.GetValueOrDefault(name);
        }
    }

    private sealed class Registration(ConsoleCommand command) : IDisposable
    {
        public void Dispose()
        {
            lock (s_lock)
            {
                if (s_commands.TryGetValue(command.Name, out ConsoleCommand? present) && ReferenceEquals(present, command))
                {
                    s_commands.Remove(command.Name);
                }
            }
        }
    }
}
