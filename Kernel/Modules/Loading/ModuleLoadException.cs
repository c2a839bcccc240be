using System;

namespace CosmosKernel.Modules.Loading;

/// <summary>A module was refused.</summary>
/// <param name="error">Kind.</param>
/// <param name="message">What is wrong and where, for the log.</param>
public sealed class ModuleLoadException(ModuleLoadError error, string message) : Exception(message)
{
    /// <summary>Kind.</summary>
    public ModuleLoadError Error { get; } = error;

    internal static ModuleLoadException Format(string message) => new(ModuleLoadError.Format, message);
}
