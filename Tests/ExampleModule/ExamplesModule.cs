using CosmosKernel.Files.Modules;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;

namespace CosmosKernel.Examples;

/// <summary>Worked examples of what docs/modules.md lists, with their tests beside them: a file system, a packet handler with a file of /proc.</summary>
[Module("examples", Description = "worked examples of the module API", License = "MIT", Author = "CosmosKernel")]
public sealed class ExamplesModule : KernelModule
{
    /// <inheritdoc/>
    [MightSleep]
    public override void Start(ModuleContext context)
    {
        context.AddFileSystem(new HelloFileSystemType());
        var frames = new FrameCounter();
        context.AddPacketHandler(frames);
        context.AddProcFile("frames", frames.Write);
    }
}
