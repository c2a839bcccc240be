using System.Collections.Generic;

namespace CosmosKernel.Tools.ObjCheck.Rules;

/// <summary>Where a rule stands, for messages.</summary>
/// <param name="File">The rules file.</param>
/// <param name="Line">The line, from 1.</param>
internal readonly record struct RuleLocation(string File, int Line)
{
    /// <inheritdoc/>
    public override string ToString() => $"{File}:{Line}";
}

/// <summary>What an exception from the rules permits.</summary>
internal enum PermissionKind
{
    /// <summary>May be called where the call does not return: what it does is a panic's business.</summary>
    AllowCold,

    /// <summary>May be reached, and is not walked into, because it runs in another context or was checked another way.</summary>
    Stop,

    /// <summary>A type whose class constructor has run at boot, so that its static base helper only returns an address.</summary>
    Constructed,
}

/// <summary>Names that belong together under one heading: the helpers that allocate, for example.</summary>
/// <param name="Name">How contexts refer to it.</param>
/// <param name="Patterns">Its names.</param>
internal sealed record Group(string Name, List<NamePattern> Patterns);

/// <summary>An exception with its reason.</summary>
/// <param name="Kind">What it permits.</param>
/// <param name="From">Only when it is reached from here; null when it does not matter from where.</param>
/// <param name="Pattern">For whom.</param>
/// <param name="Reason">Why that is right; never empty.</param>
/// <param name="Location">Where it stands.</param>
internal sealed record Permission(PermissionKind Kind, NamePattern? From, NamePattern Pattern, string Reason, RuleLocation Location);

/// <summary>The targets of a method's indirect calls.</summary>
/// <param name="Method">The method that makes them.</param>
/// <param name="Targets">Everything they may reach.</param>
/// <param name="Location">Where it stands.</param>
internal sealed record IndirectTargets(NamePattern Method, List<IndirectTarget> Targets, RuleLocation Location);

/// <summary>One target of indirect calls.</summary>
/// <param name="Pattern">Functions; or, for virtual calls, the type whose overrides are reached.</param>
/// <param name="IsOverrides">Whether it is a type: written <c>overrides TYPE</c>.</param>
/// <param name="IsOptional">Whether not every kernel has it: written <c>optional</c> before it.</param>
internal sealed record IndirectTarget(NamePattern Pattern, bool IsOverrides, bool IsOptional);

/// <summary>An entry of a context.</summary>
/// <param name="Pattern">The functions at which it is entered.</param>
/// <param name="IsOptional">Whether not every kernel has them: written <c>optional</c> before them.</param>
/// <param name="Location">Where it stands.</param>
internal sealed record Entry(NamePattern Pattern, bool IsOptional, RuleLocation Location);

/// <summary>One context: where it is entered, what must not be reached from there, and the exceptions.</summary>
internal sealed class Context(string name)
{
    /// <summary>Its name in messages.</summary>
    public string Name { get; } = name;

    /// <summary>Where code in it begins.</summary>
    public List<Entry> Entries { get; } = [];

    /// <summary>What must not be reached.</summary>
    public List<Group> Forbidden { get; } = [];

    /// <summary>Exceptions.</summary>
    public List<Permission> Permissions { get; } = [];

    /// <summary>Targets of indirect calls.</summary>
    public List<IndirectTargets> Indirect { get; } = [];
}
