using System;
using System.Collections.Generic;

namespace CosmosKernel.Modules.Commands;

/// <summary>
/// A command of the kernel console. One instance serves all calls. <see cref="Run"/> runs in a task of its own, which Ctrl-C kills; an exception that leaves it is
/// reported and the console goes on.
/// </summary>
public abstract class ConsoleCommand
{
    /// <summary>What is typed: lower-case letters, digits and hyphens, unique.</summary>
    public abstract string Name { get; }

    /// <summary>The arguments as help shows them: <c>PID...</c>, <c>[-n COUNT]</c>; empty when there are none.</summary>
    public virtual string Usage => "";

    /// <summary>One line for people, in the imperative, without a full stop.</summary>
    public abstract string Summary { get; }

    /// <summary>More lines for <c>help NAME</c>, each without a line end; none by default.</summary>
    public virtual IReadOnlyList<string> Details => [];

    /// <summary>Does it. Task context.</summary>
    /// <param name="context">The arguments, and the way to the terminal.</param>
    /// <exception cref="CommandUsageException">The arguments make no sense: the console shows the message and the usage.</exception>
    /// <exception cref="CommandFailedException">It cannot be done: the console shows the message.</exception>
    public abstract void Run(CommandContext context);

    /// <summary>What the argument that is being typed may be. Task context; filtered and sorted by who asks.</summary>
    /// <param name="before">The arguments before it.</param>
    /// <returns>Whole words, whether or not they begin with what was typed.</returns>
    public virtual IEnumerable<string> Complete(IReadOnlyList<string> before) => [];
}

/// <summary>A command was called with arguments that make no sense.</summary>
/// <param name="message">What is wrong with which argument; lower case, no full stop.</param>
public sealed class CommandUsageException(string message) : Exception(message);

/// <summary>A command cannot do what it was asked for.</summary>
/// <param name="message">Why; lower case, no full stop.</param>
public sealed class CommandFailedException(string message) : Exception(message);
