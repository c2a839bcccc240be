using System;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Processes.Memory;

namespace CosmosKernel.Processes.Loading;

/// <summary>A program in an address space of its own, ready to run. Either <see cref="Commit"/> or <see cref="Discard"/> is called, once.</summary>
[TaskPrivate]
public sealed class LoadedProgram
{
    internal LoadedProgram(AddressSpace space) => Space = space;

    /// <summary>The new address space; this object is its user.</summary>
    public AddressSpace Space { get; }

    /// <summary>Address of the first instruction: the interpreter's, if there is one.</summary>
    public ulong Entry { get; internal set; }

    /// <summary>Stack pointer at the start: a multiple of 16, where the number of arguments is.</summary>
    public ulong StackPointer { get; internal set; }

    /// <summary>Whose rights it has.</summary>
    public Credentials Credentials { get; internal set; } = Credentials.Root;

    /// <summary>It gains rights that its caller has not.</summary>
    public bool IsSecure { get; internal set; }

    /// <summary>Who executes the file may read it, too. If not, nobody else may look into the process (prctl(2), PR_SET_DUMPABLE).</summary>
    public bool IsReadable { get; internal set; } = true;

    /// <summary>The name for <c>ps</c> (comm): the last part of the file's name, at most 15 bytes.</summary>
    public ReadOnlyMemory<byte> Name { get; internal set; }

    /// <summary>
    /// The running thread continues in the program: it gets the address space and the registers of the start, and leaves its old address space. What else execve(2) changes is the caller's affair: other threads
    /// have ended, and what the thread leaves in its old memory is done. Cannot fail. Task context.
    /// </summary>
    /// <param name="thread">The running thread, or one that has not started.</param>
    [MightSleep]
    public void Commit(UserThread thread)
    {
        ArgumentNullException.ThrowIfNull(thread);
        AddressSpace? old = thread.Memory;
        Space.AttachTo(thread.Task);
        thread.Context.Reset();
        ref UserRegisters registers = ref thread.Context.Registers;
        registers.Rip = Entry;
        registers.Rsp = StackPointer;
        old?.ReleaseUser();
    }

    /// <summary>The program is not executed: takes everything down. Task context.</summary>
    [MightSleep]
    public void Discard() => Space.ReleaseUser();
}
