using System;

namespace CosmosKernel.Tools.Loadable;

/// <summary>An input that cannot be used; the message says which and why.</summary>
public sealed class LoadableException : Exception
{
    /// <summary>Says what is wrong.</summary>
    public LoadableException(string message)
        : base(message)
    {
    }

    /// <summary>Says what is wrong.</summary>
    public LoadableException()
    {
    }

    /// <summary>Says what is wrong, and what was the cause.</summary>
    public LoadableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
