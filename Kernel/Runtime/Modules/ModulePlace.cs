namespace CosmosKernel.Runtime.Modules;

/// <summary>Where a collection first found something that refers to a module.</summary>
public enum ModulePlace
{
    /// <summary>A stack or a register, or the storage of a thread.</summary>
    Stack,

    /// <summary>An object of the heap.</summary>
    Object,

    /// <summary>A handle.</summary>
    Handle,

    /// <summary>Memory that the runtime or the kernel has allocated outside of the heap.</summary>
    NativeMemory,

    /// <summary>Static data of the kernel or of another module.</summary>
    Image,
}
