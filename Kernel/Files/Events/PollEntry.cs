using System.Runtime.InteropServices;
using CosmosKernel.Abi;

namespace CosmosKernel.Files.Events;

/// <summary>A descriptor, what is wanted of it, and what it has: struct pollfd of poll(2).</summary>
[StructLayout(LayoutKind.Sequential)]
public struct PollEntry
{
    /// <summary>The descriptor; a negative one is passed over.</summary>
    public int Descriptor;

    /// <summary>What is asked for.</summary>
    public ushort Wanted;

    /// <summary>What there is: of what was asked for, and errors always.</summary>
    public ushort Found;

    /// <summary>An entry that asks for something.</summary>
    public PollEntry(int descriptor, PollEvents wanted)
    {
        Descriptor = descriptor;
        Wanted = (ushort)wanted;
        Found = 0;
    }

    /// <summary>What there is.</summary>
    public readonly PollEvents Events => (PollEvents)Found;
}
