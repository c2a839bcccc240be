using System;
using CosmosKernel.Modules;

namespace LoadableTuned;

/// <summary>A module with parameters.</summary>
[Module("tuned", Version = "1.2.3", Description = "has parameters", License = "MIT", Author = "CosmosKernel")]
public sealed class TunedModule : KernelModule
{
    /// <summary>A number with limits.</summary>
    [ModuleParameter("how often it says its word", Minimum = 1, Maximum = 5)]
    public int Times { get; set; } = 2;

    /// <summary>A text.</summary>
    [ModuleParameter("what it says")]
    public string Word { get; set; } = "tick";

    /// <summary>A switch.</summary>
    [ModuleParameter("fail in the entry")]
    public bool Fail { get; set; }

    /// <inheritdoc/>
    public override void Start(ModuleContext context)
    {
        context.StartTask("tuned", static () => { });
        if (Fail)
        {
            throw new InvalidOperationException("asked to fail");
        }

        for (int i = 0; i < Times; i++)
        {
            context.Log.Info($"{Word} {i}");
        }
    }
}
