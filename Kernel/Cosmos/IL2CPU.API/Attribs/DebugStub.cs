using System;

namespace IL2CPU.API.Attribs;

/// <summary>Says whether Cosmos's debugger may stop in a method. There is no such stub here; gdb may stop anywhere.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = false, Inherited = false)]
public sealed class DebugStub : Attribute
{
    /// <summary>True: no debugging in this method.</summary>
    public bool Off;
}
