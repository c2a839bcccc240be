using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using CosmosKernel.Machine.Acpi;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Devices;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Paging;
using CosmosKernel.Machine.Threads;
using CosmosKernel.Machine.Time;

namespace CosmosKernel.Machine.Smp;

/// <summary>
/// Starts the other CPUs (Intel SDM vol. 3A, section 9.4.4: INIT, start-up, start-up). All are prepared first and started at once, so that
/// the time does not grow with their number; each finds its own block by its APIC id.
/// </summary>
public static unsafe class CpuStartup
{
    private const ulong Microsecond = 1_000;
    private const ulong Millisecond = 1_000_000;
    private const ulong InitDelay = 10 * Millisecond;
    private const ulong SecondStartUpDelay = 300 * Microsecond;

    // How long nobody may come before those that are missing are given up. Hosts that run 64 virtual CPUs on few real ones, or stop one for seconds, need some of it.
    private const ulong Patience = 60_000 * Millisecond;

    [Protocol("Filled by the boot CPU before it starts the others; each of them reads its own entry and sets its Alive word, from X# too.")]
    private static StartupTable s_table;

    [Protocol("Touched by the boot CPU only, while it starts the others, once.")]
    private static int s_prepared;

    [Atomic]
    private static int s_arrived;

    [Atomic]
    private static int s_released;

    [Atomic]
    private static ulong s_lastArrival;

    /// <summary>CPUs that firmware lists as usable, the boot CPU included.</summary>
    [Atomic]
    public static int ListedCount { get; private set; } = 1;

    /// <summary>
    /// Starts the CPUs that the MADT lists and waits until they have arrived; those that do not come in time are reported by APIC id, and the kernel goes on without
    /// them. Each CPU ends up in <see cref="MachineEvents.CpuStarted"/>. Boot CPU, once, interrupts on or off, after <see cref="MachineEvents.Instance"/> was set.
    /// </summary>
    /// <param name="maximumCpus">The most CPUs to run, the boot CPU included.</param>
    /// <param name="allocateFrame">Gives the physical address of a cleared frame; 0 when there is none.</param>
    /// <returns>The number of CPUs that run.</returns>
    public static int StartAll(int maximumCpus, delegate*<ulong> allocateFrame)
    {
        if (!AcpiTables.TryReadMadt(out Madt madt))
        {
            return 1;
        }

        Prepare(madt, maximumCpus, allocateFrame);
        if (s_prepared == 0)
        {
            return 1;
        }

        if (!StartupCode.TryInstall(out byte page))
        {
            BootLog.Line("smp: no free memory below 640 KiB, running on one CPU"u8);
            return 1;
        }

        fixed (StartupEntry* entries = &s_table[0])
        {
            StartupCode.SetTable(entries, (uint)s_prepared, PageTables.RootPhysical);
            SendStart(entries, page);
            WaitForAll(entries, page);
            JudgeTsc();

            // The interrupt has nothing to do there but to wake those that wait in Enter.
            Volatile.Write(ref s_released, 1);
            LocalApic.SendToAllOthers(Vectors.CallFunction);
            return 1 + ReportMissing(entries);
        }
    }

    private static void Prepare(in Madt madt, int maximumCpus, delegate*<ulong> allocateFrame)
    {
        uint self = Cpu.Current->ApicId;
        int skipped = 0;
        int listed = 1;
        foreach (MadtEntry entry in madt)
        {
            if (!entry.IsUsableProcessor || entry.ApicId == self || IsPrepared(entry.ApicId))
            {
                continue;
            }

            listed++;
            bool canAddress = LocalApic.IsX2Apic || entry.ApicId < 0xFF;
            if (!canAddress || Cpu.Count >= maximumCpus || Cpu.Count >= Cpu.Maximum || !TryPrepare(entry, allocateFrame))
            {
                skipped++;
            }
        }

        ListedCount = listed;
        if (skipped != 0)
        {
            BootLog.Begin("smp: "u8);
            EarlyConsole.WriteDecimal((ulong)skipped);
            EarlyConsole.WriteLine(" CPUs are left unused"u8);
        }
    }

    private static bool IsPrepared(uint apicId)
    {
        for (int i = 0; i < s_prepared; i++)
        {
            if (s_table[i].ApicId == apicId)
            {
                return true;
            }
        }

        return false;
    }

    private static bool TryPrepare(in MadtEntry entry, delegate*<ulong> allocateFrame)
    {
        ulong blockFrame = allocateFrame();
        ulong tablesFrame = allocateFrame();
        int index = Cpu.Count;
        ThreadBlock* thread = blockFrame != 0 && tablesFrame != 0 && MachineArea.MapStacks(index, allocateFrame)
            ? StartupStacks.Create(index, allocateFrame)
            : null;
        if (thread == null)
        {
            BootLog.Begin("smp: no memory for the CPU with APIC id "u8);
            EarlyConsole.WriteDecimal(entry.ApicId);
            EarlyConsole.Write("\n"u8);
            return false;
        }

        var block = (CpuBlock*)DirectMap.ToVirtual(blockFrame);
        block->Tables = (DescriptorTables*)DirectMap.ToVirtual(tablesFrame);
        block->ApicId = entry.ApicId;
        block->CurrentThread = thread;
        block->PreemptCount = 1;
        Cpu.Add(block);
        s_table[s_prepared] = new StartupEntry
        {
            ApicId = entry.ApicId,
            ProcessorUid = entry.ProcessorUid,
            StackTop = (ulong)thread->StackHigh,
            Block = block,
        };
        s_prepared++;
        return true;
    }

    private static void SendStart(StartupEntry* entries, byte page)
    {
        for (int i = 0; i < s_prepared; i++)
        {
            LocalApic.SendInit(entries[i].ApicId);
        }

        // The specification asks for the delay; virtual CPUs do not need it.
        if (!Hypervisor.IsPresent)
        {
            Clock.Delay(InitDelay);
        }

        for (int i = 0; i < s_prepared; i++)
        {
            LocalApic.SendStartUp(entries[i].ApicId, page);
        }

        Volatile.Write(ref s_lastArrival, Clock.MonotonicNanoseconds);
    }

    private static void WaitForAll(StartupEntry* entries, byte page)
    {
        ulong start = Clock.MonotonicNanoseconds;
        bool repeated = false;
        while (Volatile.Read(ref s_arrived) < s_prepared)
        {
            TscCheck.Step();
            CpuInstructions.Pause();
            ulong now = Clock.MonotonicNanoseconds;
            if (!repeated && now - start > SecondStartUpDelay)
            {
                repeated = true;
                for (int i = 0; i < s_prepared; i++)
                {
                    if (Volatile.Read(ref entries[i].Alive) == 0)
                    {
                        LocalApic.SendStartUp(entries[i].ApicId, page);
                    }
                }
            }

            ulong last = Volatile.Read(ref s_lastArrival);
            if (now > last && now - last > Patience)
            {
                return;
            }
        }
    }

    private static void JudgeTsc()
    {
        if (TscCheck.LargestStepBack == 0 || Clock.Source != ClockSource.Tsc)
        {
            return;
        }

        bool changed = Clock.UseCounter();
        ClockEvent.OnClockChanged();
        BootLog.Begin("clock: the CPUs' TSCs disagree by "u8);
        EarlyConsole.WriteDecimal(Clock.TscToNanoseconds(TscCheck.LargestStepBack + MachineStart.StartTicks));
        EarlyConsole.WriteLine(changed ? " ns, not using them"u8 : " ns, and there is no other clock"u8);
    }

    private static int ReportMissing(StartupEntry* entries)
    {
        int running = 0;
        for (int i = 0; i < s_prepared; i++)
        {
            if (!CallFunction.TryGiveUp(entries[i].Block))
            {
                running++;
                continue;
            }

            // Whatever state it is in, it waits for a start-up that never comes.
            LocalApic.SendInit(entries[i].ApicId);
            BootLog.Begin("smp: the CPU with APIC id "u8);
            EarlyConsole.WriteDecimal(entries[i].ApicId);
            EarlyConsole.WriteLine(" did not start in time"u8);
        }

        return running;
    }

    /// <summary>First C# code of a CPU, on its own stack and the kernel's page tables, interrupts off.</summary>
    [RuntimeExport("CpuStartupEntry")]
    private static void Enter(StartupEntry* entry)
    {
        CpuBlock* block = entry->Block;
        DescriptorTables.Load(block, block->Tables);
        PageTables.ActivateOnThisCpu();
        UserMode.UserModeCpu.ActivateOnThisCpu();
        LocalApic.InitializeCpu();
        LocalInterruptPins.Enable(entry->ProcessorUid);
        TscCheck.Take();
        ClockEvent.InitializeCpu();
        CallFunction.Join();
        Volatile.Write(ref s_lastArrival, Clock.MonotonicNanoseconds);
        Interlocked.Increment(ref s_arrived);

        // The boot CPU first judges the TSCs. Halted, because dozens of virtual CPUs that spin keep each other from running. Interrupts are off between
        // the look and the halt, so the waking interrupt is not lost.
        while (Volatile.Read(ref s_released) == 0)
        {
            CpuInstructions.EnableInterruptsAndHalt();
            InterruptFlag.Disable();
        }

        MachineEvents.Instance?.CpuStarted();

        // Without a scheduler this CPU does what others call it for.
        while (true)
        {
            CpuInstructions.EnableInterruptsAndHalt();
        }
    }

    /// <summary>What a CPU that starts needs to know. X# reads it: 32 bytes, the offsets are in StartupCode.xs.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct StartupEntry
    {
        internal uint ApicId;
        internal uint Alive;
        internal ulong StackTop;
        internal CpuBlock* Block;
        internal ulong ProcessorUid;
    }

    [InlineArray(Cpu.Maximum)]
    private struct StartupTable
    {
        private StartupEntry _first;
    }
}
