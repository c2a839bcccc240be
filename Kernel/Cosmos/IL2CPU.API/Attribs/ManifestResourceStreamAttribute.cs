using System;

namespace IL2CPU.API.Attribs;

/// <summary>
/// A static <c>byte[]</c> field that holds an embedded resource when the kernel starts. <c>make cosmos</c> refuses a kernel that relies on it, and names the fields.
/// </summary>
[AttributeUsage(AttributeTargets.Field)]
public class ManifestResourceStreamAttribute : Attribute
{
    /// <summary>Name of the resource.</summary>
    public string? ResourceName { get; set; }
}
