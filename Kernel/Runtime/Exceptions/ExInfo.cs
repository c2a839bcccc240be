using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CosmosKernel.Runtime.Exceptions;

/// <summary>
/// One exception being dispatched: X# makes it on the stack of the throw and links it to the thread, CoreLib's dispatcher
/// keeps its state in it. The layout is CoreLib's (<c>AsmOffsets</c>).
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 416)]
internal unsafe struct ExInfo
{
    /// <summary>Set in <see cref="Kind"/> of a dispatch that another exception has overtaken.</summary>
    public const byte SupersededFlag = 8;

    /// <summary>The value of <see cref="CurrentClause"/> while no funclet runs.</summary>
    public const uint NoClause = uint.MaxValue;

    /// <summary>The dispatch that was in progress when this one began.</summary>
    [FieldOffset(0)]
    public ExInfo* Previous;

    [FieldOffset(8)]
    public LimitedContext* Context;

    // The exception object: a reference that the collector finds when it scans the stack.
    [FieldOffset(16)]
    private nint _exception;

    [FieldOffset(24)]
    public byte Kind;

    /// <summary>1 while handlers are searched, 2 while they run.</summary>
    [FieldOffset(25)]
    public byte Pass;

    [FieldOffset(28)]
    public uint CurrentClause;

    [FieldOffset(32)]
    public StackFrameIterator Iterator;

    /// <summary>What is being thrown; null for no dispatch.</summary>
    public static Exception? ExceptionOf(ExInfo* dispatch) => dispatch == null ? null : Unsafe.As<nint, Exception?>(ref dispatch->_exception);
}
