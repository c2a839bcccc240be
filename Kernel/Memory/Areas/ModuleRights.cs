namespace CosmosKernel.Memory.Areas;

/// <summary>Rights of a part of a module's memory. None is writable and executable at once.</summary>
public enum ModuleRights
{
    /// <summary>Code: read and execute.</summary>
    Code,

    /// <summary>Constants: read.</summary>
    Constant,

    /// <summary>Data: read and write.</summary>
    Data,
}
