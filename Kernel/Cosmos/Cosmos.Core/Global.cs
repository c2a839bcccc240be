using Cosmos.Debug.Kernel;

namespace Cosmos.Core;

/// <summary>What Cosmos keeps for all of the core layer.</summary>
public static class Global
{
    /// <summary>Debugger of the core layer.</summary>
    public static readonly Debugger debugger = new("Global");
}
