using System;

namespace IL2CPU.API.Attribs;

/// <summary>Marks a method that IL2CPU may inline. ILC decides by itself.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = false, Inherited = false)]
public sealed class InlineAttribute : Attribute
{
    /// <summary>Processor that the mark is for.</summary>
    public TargetPlatform TargetPlatform = TargetPlatform.x86;
}
