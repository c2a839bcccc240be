using System;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks;

namespace CosmosKernel.Files.Users;

/// <summary>
/// Whose rights a task has (credentials(7)): user and group ids, supplementary groups, capabilities. The object never changes; who changes ids makes another one and puts it into
/// <see cref="TaskStruct.Credentials"/> as a whole, so whoever has read the reference sees one consistent state. Any context may read it.
/// </summary>
[Immutable]
public sealed class Credentials : TaskCredentials
{
    private readonly uint[] _groups = [];

    /// <summary>Makes those of root with all capabilities.</summary>
    public Credentials()
    {
        Permitted = CapabilitySet.All;
        Effective = CapabilitySet.All;
        Bounding = CapabilitySet.All;
    }

    /// <summary>Copies; an object initializer behind it sets what differs.</summary>
    public Credentials(Credentials other)
    {
        ArgumentNullException.ThrowIfNull(other);
        _groups = other._groups;
        UserId = other.UserId;
        EffectiveUserId = other.EffectiveUserId;
        SavedUserId = other.SavedUserId;
        FileUserId = other.FileUserId;
        GroupId = other.GroupId;
        EffectiveGroupId = other.EffectiveGroupId;
        SavedGroupId = other.SavedGroupId;
        FileGroupId = other.FileGroupId;
        Permitted = other.Permitted;
        Effective = other.Effective;
        Inheritable = other.Inheritable;
        Bounding = other.Bounding;
        Ambient = other.Ambient;
        SecureBits = other.SecureBits;
    }

    /// <summary>Root with all capabilities: what kernel tasks and the first process have.</summary>
    public static Credentials Root { get; } = new();

    /// <summary>Those of the running task; <see cref="Root"/> for kernel tasks. Task context.</summary>
    public static Credentials Current => TaskStruct.Current.Credentials as Credentials ?? Root;

    /// <summary>Real user id.</summary>
    public uint UserId { get; init; }

    /// <summary>Effective user id.</summary>
    public uint EffectiveUserId { get; init; }

    /// <summary>Saved user id.</summary>
    public uint SavedUserId { get; init; }

    /// <summary>The user id that file permissions are checked with.</summary>
    public uint FileUserId { get; init; }

    /// <summary>Real group id.</summary>
    public uint GroupId { get; init; }

    /// <summary>Effective group id.</summary>
    public uint EffectiveGroupId { get; init; }

    /// <summary>Saved group id.</summary>
    public uint SavedGroupId { get; init; }

    /// <summary>The group id that file permissions are checked with.</summary>
    public uint FileGroupId { get; init; }

    /// <summary>Capabilities that may be made effective.</summary>
    public CapabilitySet Permitted { get; init; }

    /// <summary>Capabilities that checks look at.</summary>
    public CapabilitySet Effective { get; init; }

    /// <summary>Capabilities that execve(2) may keep.</summary>
    public CapabilitySet Inheritable { get; init; }

    /// <summary>Capabilities that can ever be gained.</summary>
    public CapabilitySet Bounding { get; init; }

    /// <summary>Capabilities that execve(2) of an ordinary program keeps.</summary>
    public CapabilitySet Ambient { get; init; }

    /// <summary>PR_SET_SECUREBITS.</summary>
    public uint SecureBits { get; init; }

    /// <summary>Supplementary groups, ascending. Given in any order; sorted and copied.</summary>
    public ReadOnlySpan<uint> Groups
    {
        get => _groups;
        init
        {
            _groups = value.ToArray();
            Array.Sort(_groups);
        }
    }

    /// <summary>The effective set has the capability. Any context.</summary>
    [NoAllocation]
    public bool Has(Capability capability) => Effective.Has(capability);

    /// <summary>The file group id or one of the supplementary groups is this group. Any context; O(log groups).</summary>
    [NoAllocation]
    public bool IsInGroup(uint group) => FileGroupId == group || _groups.AsSpan().BinarySearch(group) >= 0;

    /// <summary>For access(2): the same with real ids in place of the file ids, and the capabilities that exec by the real user would give.</summary>
    public Credentials ForAccessCheck() => new(this)
    {
        FileUserId = UserId,
        FileGroupId = GroupId,
        Effective = UserId == 0 ? Permitted : CapabilitySet.Empty,
    };

    /// <summary>Nothing to give up: the collector frees the object.</summary>
    [MightSleep]
    public override void Release(TaskStruct task)
    {
    }
}
