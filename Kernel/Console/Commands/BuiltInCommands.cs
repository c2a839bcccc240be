using CosmosKernel.Modules.Commands;

namespace CosmosKernel.Console.Commands;

/// <summary>The commands that the console brings with it.</summary>
internal static class BuiltInCommands
{
    /// <summary>A new instance of each.</summary>
    public static ConsoleCommand[] All() =>
    [
        new ChrtCommand(),
        new CpusCommand(),
        new DemoCommand(),
        new GcCommand(),
        new HelpCommand(),
        new IrqCommand(),
        new KillCommand(),
        new LocksCommand(),
        new LogCommand(),
        new MemCommand(),
        new ModulesCommand(),
        new NiceCommand(),
        new PowerOffCommand(),
        new PsCommand(),
        new RebootCommand(),
        new SpawnCommand(),
        new TestCommand(),
        new TopCommand(),
    ];
}
