using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Paging;
using CosmosKernel.Machine.Smp;
using CosmosKernel.Machine.Threads;

namespace CosmosKernel.Machine.UserMode;

/// <summary>
/// The user half of an address space as the CPUs see it: the table to load, and which CPUs may hold translations from it. Unmanaged memory of whoever owns the tables.
/// <para>
/// Each change of the tables that takes something away raises <see cref="_generation"/> and then looks which CPUs are active; a CPU that loads the table says so first and then reads the generation. Both steps are
/// separated by full fences, so either the changer finds the CPU, or the CPU finds the new generation (and reads the new tables).
/// </para>
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct UserSpace
{
    // A CPU remembers what its TLB holds of this many address spaces, by process-context identifier 1 and up (Intel SDM vol. 3A, 4.10.1).
    private const int Slots = 6;

    // Words of CpuBlock.UserSpaceState.
    private const int CurrentSlot = 0;
    private const int NextSlot = 1;
    private const int FirstSlot = 2;

    private const ulong KeepTranslations = 1ul << 63;
    private const ulong PageBytes = 4096;
    private const ulong LargestRange = 32 * PageBytes;
    private const int WordsOfCpus = 4;

    [Atomic]
    private static ulong s_lastId;

    [Immutable]
    private ulong _root;

    [Immutable]
    private ulong _id;

    [Atomic]
    private ulong _generation;

    [Protocol("Bits set and cleared by their own CPU, atomically, interrupts off; read by any. See the summary of the type.")]
    private CpuWords _active;

    /// <summary>A space that no thread has yet.</summary>
    /// <param name="root">Physical address of the top-level table, whose upper half is the kernel's.</param>
    public UserSpace(ulong root)
    {
        _root = root;
        _id = Interlocked.Increment(ref s_lastId);
        _generation = 1;
    }

    /// <summary>Physical address of the top-level table.</summary>
    public readonly ulong Root => _root;

    /// <summary>The running thread has an address space: without one, user addresses mean whatever its CPU had loaded last. Any context but NMI.</summary>
    public static bool IsCurrentAssigned => CpuInstructions.CurrentThread()->UserSpace != null;

    /// <summary>The id of the running thread. Any context.</summary>
    public static ulong CurrentThreadId => CpuInstructions.CurrentThread()->Id;

    /// <summary>
    /// Gives a thread its address space, null to take it away. The thread is the one that runs this, whose CPU then has the new space at once, or one that cannot run.
    /// The space must stay until no thread has it and <see cref="Retire"/> was called.
    /// </summary>
    public static void Assign(MachineThread thread, UserSpace* space)
    {
        ThreadBlock* block = thread.Block;
        ulong flags = InterruptFlag.Disable();
        block->UserSpace = space;
        if (block == CpuInstructions.CurrentThread())
        {
            if (space == null)
            {
                LeaveHere();
            }
            else if (CpuInstructions.BlockPointer()->UserSpace != space)
            {
                Load(space);
            }
        }

        InterruptFlag.Restore(flags);
    }

    /// <summary>
    /// Makes all CPUs forget translations of a range after the tables were changed. When it returns no CPU can reach what was mapped there. Task context, interrupts on, no lock that is
    /// taken with interrupts off.
    /// </summary>
    /// <param name="space">The space.</param>
    /// <param name="start">First address, a multiple of 4096.</param>
    /// <param name="end">The address after the last one.</param>
    public static void Flush(UserSpace* space, ulong start, ulong end)
    {
        // A full fence between the change of the tables and the look at who uses them.
        FlushRequest request = new() { Space = space, Start = start, End = end, Generation = Interlocked.Increment(ref space->_generation) };
        using (Preemption.Disable())
        {
            CpuSet active = space->ReadActive();
            if (active.Contains(Cpu.CurrentIndex))
            {
                // Interrupts off: not in the middle of what another CPU's request does here.
                ulong flags = InterruptFlag.Disable();
                FlushHere((nuint)(&request));
                InterruptFlag.Restore(flags);
                active.Remove(Cpu.CurrentIndex);
            }

            if (active.Count != 0)
            {
                TlbShootdown.CountRequest();
                CallFunction.Run(active, &FlushHere, (nuint)(&request));
            }
        }
    }

    /// <summary>Takes the table out of all CPUs that have it loaded still, for threads of the kernel. No thread has it any more. As <see cref="Flush"/>.</summary>
    public static void Retire(UserSpace* space)
    {
        FlushRequest request = new() { Space = space };
        using (Preemption.Disable())
        {
            CpuSet active = space->ReadActive();
            if (active.Contains(Cpu.CurrentIndex))
            {
                ulong flags = InterruptFlag.Disable();
                RetireHere((nuint)(&request));
                InterruptFlag.Restore(flags);
                active.Remove(Cpu.CurrentIndex);
            }

            if (active.Count != 0)
            {
                CallFunction.Run(active, &RetireHere, (nuint)(&request));
            }
        }
    }

    /// <summary>Loads the space into this CPU. Interrupts are off. Called by the switch to a thread that has it.</summary>
    [RuntimeExport("UserSpaceLoad")]
    [InterruptContext]
    private static void Load(UserSpace* space)
    {
        CpuBlock* cpu = CpuInstructions.BlockPointer();
        UserSpace* old = cpu->UserSpace;
        int word = (int)cpu->Index / 64;
        ulong bit = 1ul << ((int)cpu->Index & 63);
        Interlocked.Or(ref space->_active.Word(word), bit);
        cpu->UserSpace = space;
        ulong generation = Volatile.Read(ref space->_generation);
        CpuInstructions.WriteControl3(space->_root | (UserModeCpu.UsesPcid ? TakeSlot(cpu, space->_id, generation) : 0));
        if (!UserModeCpu.UsesPcid)
        {
            cpu->UserSpaceState[FirstSlot + 1] = generation;
        }

        if (old != null)
        {
            Interlocked.And(ref old->_active.Word(word), ~bit);
        }
    }

    // The bits that CR3 gets: the identifier, and whether the TLB keeps what it holds under it.
    private static ulong TakeSlot(CpuBlock* cpu, ulong id, ulong generation)
    {
        ulong* state = cpu->UserSpaceState;
        for (uint i = 0; i < Slots; i++)
        {
            ulong* slot = state + FirstSlot + (2 * i);
            if (slot[0] == id)
            {
                state[CurrentSlot] = i;
                bool isCurrent = slot[1] == generation;
                slot[1] = generation;
                return (i + 1) | (isCurrent ? KeepTranslations : 0);
            }
        }

        uint victim = (uint)state[NextSlot];
        state[NextSlot] = victim + 1 == Slots ? 0 : victim + 1;
        state[CurrentSlot] = victim;
        state[FirstSlot + (2 * victim)] = id;
        state[FirstSlot + (2 * victim) + 1] = generation;
        return victim + 1;
    }

    // To the kernel's own tables. Interrupts are off.
    private static void LeaveHere()
    {
        CpuBlock* cpu = CpuInstructions.BlockPointer();
        UserSpace* old = cpu->UserSpace;
        if (old == null)
        {
            return;
        }

        cpu->UserSpace = null;
        CpuInstructions.WriteControl3(PageTables.RootPhysical | (UserModeCpu.UsesPcid ? KeepTranslations : 0));
        Interlocked.And(ref old->_active.Word((int)cpu->Index / 64), ~(1ul << ((int)cpu->Index & 63)));
    }

    [InterruptContext]
    private static void RetireHere(nuint argument)
    {
        if (CpuInstructions.BlockPointer()->UserSpace == ((FlushRequest*)argument)->Space)
        {
            LeaveHere();
        }
    }

    [InterruptContext]
    private static void FlushHere(nuint argument)
    {
        var request = (FlushRequest*)argument;
        CpuBlock* cpu = CpuInstructions.BlockPointer();
        if (cpu->UserSpace != request->Space)
        {
            return;
        }

        if (cpu->CurrentThread->UserSpace != request->Space)
        {
            // A thread of the kernel runs with it, by chance: better to leave it than to be asked again.
            LeaveHere();
            return;
        }

        ulong* seen = cpu->UserSpaceState + FirstSlot + 1 + (UserModeCpu.UsesPcid ? 2 * cpu->UserSpaceState[CurrentSlot] : 0);
        if (*seen >= request->Generation)
        {
            return;
        }

        if (*seen + 1 == request->Generation && request->End - request->Start <= LargestRange)
        {
            for (ulong address = request->Start; address < request->End; address += PageBytes)
            {
                CpuInstructions.InvalidatePage(address);
            }

            *seen = request->Generation;
            return;
        }

        // Read first: what is changed after this may not be covered by the flush.
        ulong generation = Volatile.Read(ref request->Space->_generation);
        CpuInstructions.WriteControl3(CpuInstructions.ReadControl3());
        *seen = generation;
    }

    private CpuSet ReadActive()
    {
        CpuSet active = default;
        for (int i = 0; i < WordsOfCpus; i++)
        {
            active.SetWord(i, Volatile.Read(ref _active.Word(i)));
        }

        return active;
    }

    private struct FlushRequest
    {
        internal UserSpace* Space;
        internal ulong Start;
        internal ulong End;
        internal ulong Generation;
    }

    [InlineArray(WordsOfCpus)]
    private struct CpuWords
    {
        private ulong _first;

        // No range check: a throw has no place where this is used.
        [System.Diagnostics.CodeAnalysis.UnscopedRef]
        public ref ulong Word(int index) => ref Unsafe.Add(ref _first, index & (WordsOfCpus - 1));
    }
}
