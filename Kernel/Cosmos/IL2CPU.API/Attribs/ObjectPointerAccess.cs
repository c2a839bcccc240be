using System;

namespace IL2CPU.API.Attribs;

/// <summary>A parameter of a <see cref="PlugMethod"/> that gets the object as a pointer.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class ObjectPointerAccess : Attribute
{
}
