using System;
using CosmosKernel.Modules;

namespace LoadableSimple;

/// <summary>The least that can be loaded: says that it starts and stops.</summary>
[Module("simple", Description = "says hello", License = "MIT", Author = "CosmosKernel")]
public sealed class SimpleModule : KernelModule
{
    private ModuleContext? _context;

    /// <inheritdoc/>
    public override void Start(ModuleContext context)
    {
        _context = context;
        context.Log.Info($"hello, {6 * 7}");
    }

    /// <inheritdoc/>
    public override void Stop() => _context?.Log.Info("goodbye");
}
