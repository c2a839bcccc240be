namespace CosmosKernel.Processes.Memory;

/// <summary>How pages are faulted in beforehand.</summary>
internal enum PopulateKind
{
    /// <summary>As the areas allow: private ones that may be written are; stops at the first error, and areas without rights are left out.</summary>
    Best,

    /// <summary>As <see cref="Best"/>, for mlock(2): what is not mapped, or has no rights, is an error.</summary>
    Lock,

    /// <summary>For reading (MADV_POPULATE_READ).</summary>
    Read,

    /// <summary>For writing (MADV_POPULATE_WRITE).</summary>
    Write,
}
