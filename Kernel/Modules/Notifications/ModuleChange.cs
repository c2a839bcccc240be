namespace CosmosKernel.Modules.Notifications;

/// <summary>A module has come or goes.</summary>
/// <param name="Module">Which.</param>
/// <param name="State">What happens to it.</param>
public readonly record struct ModuleChange(ModuleEntry Module, ModuleState State);

/// <summary>What happens to a module.</summary>
public enum ModuleState
{
    /// <summary>Its start has succeeded, and it can be used.</summary>
    Live,

    /// <summary>It is about to stop: nobody can begin to use it any more.</summary>
    Going,

    /// <summary>It has stopped, and owns nothing any more.</summary>
    Gone,
}
