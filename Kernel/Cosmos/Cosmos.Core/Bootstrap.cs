namespace Cosmos.Core;

/// <summary>The start of the machine. It is over before a Cosmos kernel runs.</summary>
public static class Bootstrap
{
    /// <summary>Nothing is left to do.</summary>
    public static void Init()
    {
    }
}
