namespace CosmosKernel.Memory;

/// <summary>No allocation fails on the host unless the test's own memory is full.</summary>
internal static class FaultInjection
{
    public static bool IsEnabled => false;

    public static bool IsCounting => false;

    public static bool Fails() => false;
}
