using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Syscalls.Systemwide;

/// <summary>System calls about the whole system.</summary>
internal static class SystemwideCalls
{
    /// <summary>Adds them. At boot.</summary>
    [BeforePublication]
    public static void Register(SystemCallTable table)
    {
        table.Add(new GetNames());
        table.Add(new SetHostName());
        table.Add(new SetDomainName());
        table.Add(new GetSystemInformation());
        table.Add(new GetRandom());
        table.Add(new SystemLog());
        table.Add(new Reboot());
        table.Add(new MemoryBarrier());
        table.Add(new InitModule());
        table.Add(new InitModuleFromFile());
        table.Add(new DeleteModule());
    }
}
