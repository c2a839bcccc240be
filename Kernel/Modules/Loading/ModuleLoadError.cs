namespace CosmosKernel.Modules.Loading;

/// <summary>Why a module cannot be loaded or unloaded. Each is what init_module(2) or delete_module(2) gives an error for.</summary>
public enum ModuleLoadError
{
    /// <summary>The file is not a module, or one for another kernel (ENOEXEC).</summary>
    Format,

    /// <summary>A symbol or a module that it needs is not there; there is no module of this name (ENOENT).</summary>
    Missing,

    /// <summary>A module of this name is loaded (EEXIST).</summary>
    Exists,

    /// <summary>A parameter has a bad value, or an argument of the call is wrong (EINVAL).</summary>
    Invalid,

    /// <summary>Memory or addresses ran out (ENOMEM).</summary>
    NoMemory,

    /// <summary>The module is being loaded or unloaded (EBUSY).</summary>
    Busy,

    /// <summary>The module is in use (EWOULDBLOCK).</summary>
    InUse,

    /// <summary>Its entry or its start threw (EIO).</summary>
    Failed,

    /// <summary>This kernel cannot load modules (ENOSYS).</summary>
    NotSupported,

    /// <summary>The root user has forbidden it for good (EPERM).</summary>
    Forbidden,
}
