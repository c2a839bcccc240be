using System;
using System.Collections.Generic;
using System.Linq;

namespace CosmosKernel.Tools.ApiCheck;

/// <summary>What differs between two surfaces. A member whose line changed is a removal and an addition.</summary>
/// <param name="Added">Lines that are new.</param>
/// <param name="Removed">Lines that are gone.</param>
internal sealed record ApiChange(IReadOnlyList<string> Added, IReadOnlyList<string> Removed)
{
    /// <summary>Nothing differs.</summary>
    public bool IsNone => Added.Count == 0 && Removed.Count == 0;

    /// <summary>Compares.</summary>
    public static ApiChange Between(SortedSet<string> before, SortedSet<string> after) => new([.. after.Except(before)], [.. before.Except(after)]);

    /// <summary>The version that the change asks for: a removal or change raises the major number, an addition the minor one.</summary>
    public Version Raise(Version version) =>
        Removed.Count > 0 ? new Version(version.Major + 1, 0, 0)
        : version.Major == 0 ? new Version(1, 0, 0)
        : Added.Count > 0 ? new Version(version.Major, version.Minor + 1, 0)
        : version;
}
