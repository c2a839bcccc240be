using System;

namespace CosmosKernel.Modules;

/// <summary>The list of an image's modules; the build generates one.</summary>
public abstract class ModuleSource
{
    /// <summary>Adds every module to <see cref="ModuleRegistry"/>. Task context.</summary>
    public abstract void Register();

    /// <summary>What the image does once all modules run, in a task of its own, before the interactive console; null for nothing.</summary>
    public virtual Action? Program => null;
}
