namespace CosmosKernel.Machine.Diagnostics;

/// <summary>Names a thread's owner in a panic's report. Any context, a panic included: no allocation, no lock, no exception.</summary>
public abstract class ThreadDescriber
{
    /// <summary>Writes the name to <see cref="EarlyConsole"/>.</summary>
    public abstract void Describe(object owner);
}
