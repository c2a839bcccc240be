using CosmosKernel.Machine.Locking;
using CosmosKernel.Processes.Memory;

namespace CosmosKernel.Syscalls.Memory;

/// <summary>System calls of address spaces.</summary>
internal static class MemoryCalls
{
    /// <summary>Adds them, and lets copies from and to user memory resolve page faults. At boot.</summary>
    [BeforePublication]
    public static void Register(SystemCallTable table)
    {
        MemoryFaults.Register();
        table.Add(new MapMemory());
        table.Add(new ProtectMemory());
        table.Add(new UnmapMemory());
        table.Add(new MoveBreak());
        table.Add(new RemapMemory());
        table.Add(new RearrangePages());
        table.Add(new SynchronizeMemory());
        table.Add(new FindResidentMemory());
        table.Add(new AdviseMemory());
        table.Add(new LockMemory());
        table.Add(new LockMemoryWithFlags());
        table.Add(new UnlockMemory());
        table.Add(new LockAllMemory());
        table.Add(new UnlockAllMemory());
        table.Add(new CreateMemoryFile());
        table.Add(new ReadProcessMemory());
        table.Add(new WriteProcessMemory());
        table.Add(new AdviseProcessMemory());
        table.Add(new ReleaseProcessMemory());
        table.Add(new ProtectMemoryWithKey());
        table.Add(new AllocateKey());
        table.Add(new FreeKey());
    }
}
