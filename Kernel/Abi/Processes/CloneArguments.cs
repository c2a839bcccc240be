using System.Runtime.InteropServices;

namespace CosmosKernel.Abi;

/// <summary>What clone3(2) is asked for: <c>struct clone_args</c>, 88 bytes. Older callers pass the first 64 or 80.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct CloneArguments
{
    /// <summary>The least size that is accepted, bytes.</summary>
    public const int MinimumBytes = 64;

    /// <summary>Bytes of this.</summary>
    public const int Bytes = 88;

    /// <summary><see cref="CloneFlags"/>.</summary>
    public ulong Flags;

    /// <summary>Where the descriptor of the child is stored.</summary>
    public ulong PidDescriptor;

    /// <summary>Where the id is stored in the child's memory.</summary>
    public ulong ChildTid;

    /// <summary>Where the id is stored in the parent's memory.</summary>
    public ulong ParentTid;

    /// <summary>The signal to the parent when the child ends, 0 for none.</summary>
    public ulong ExitSignal;

    /// <summary>The lowest address of the child's stack; 0: it goes on with a copy of the caller's.</summary>
    public ulong Stack;

    /// <summary>Bytes of it.</summary>
    public ulong StackSize;

    /// <summary>FS for CLONE_SETTLS.</summary>
    public ulong Tls;

    /// <summary>Address of ids that the child is to have.</summary>
    public ulong SetTid;

    /// <summary>How many of them.</summary>
    public ulong SetTidSize;

    /// <summary>Descriptor of a cgroup.</summary>
    public ulong Cgroup;
}
