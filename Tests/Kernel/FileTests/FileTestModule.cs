using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;

namespace CosmosKernel.Tests.Files;

/// <summary>Tests of names, files and pipes inside the kernel.</summary>
[Module("filetests", Description = "Tests of names, tmpfs, descriptors and pipes")]
public sealed class FileTestModule : KernelModule
{
    /// <summary>What the module owns, for tests that add something to it.</summary>
    [Protocol("Set by the start, which comes before the tests.")]
    internal static ModuleContext? Context { get; private set; }

    /// <inheritdoc/>
    public override void Start(ModuleContext context) => Context = context;
}
