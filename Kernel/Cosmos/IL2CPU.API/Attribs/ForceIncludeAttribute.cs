using System;

namespace IL2CPU.API.Attribs;

/// <summary>Asks for code that nothing seems to use. All of the kernel's own assembly is visible to ILC, so it is only read by people.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Method, AllowMultiple = false)]
public class ForceIncludeAttribute : Attribute
{
}
