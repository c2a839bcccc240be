using System;

namespace IL2CPU.API.Attribs;

/// <summary>
/// A static <c>byte[]</c> field that holds an embedded resource of its assembly before anything else of its class runs.
/// </summary>
[AttributeUsage(AttributeTargets.Field)]
public class ManifestResourceStreamAttribute : Attribute
{
    /// <summary>Name of the resource.</summary>
    public string? ResourceName { get; set; }
}
