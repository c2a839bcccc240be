using System;
using System.Runtime;
using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Paging;
using CosmosKernel.Runtime.Exceptions;

namespace CosmosKernel.Runtime.Startup;

/// <summary>Brings the .NET runtime up: after this, C# is whole.</summary>
public static unsafe class RuntimeStartup
{
    // By CoreLib's ClassLibFunctionId. Empty rows are for Objective-C and for functions that 9.0 does not call.
    [Immutable]
    private static ClassLibraryTable s_classLibrary;

    /// <summary>
    /// Registers the compiled module with CoreLib and runs its start-up code: type tables, frozen objects, eager class constructors.
    /// </summary>
    /// <remarks>
    /// On the boot CPU, once, with interrupt table, thread block and managed heap ready. Before it returns, code must not use
    /// <c>new</c>, casts, or types with class constructors.
    /// </remarks>
    [BeforePublication]
    public static void Initialize()
    {
        if (!ExceptionLayoutIsRight())
        {
            Panic.Now("The layout of the exception structures differs from CoreLib's"u8);
        }

        StackTraces.Install();
        InterruptTable.SetHandler(Vectors.DivideError, &HandleFault);
        InterruptTable.SetHandler(Vectors.PageFault, &HandleFault);

        s_classLibrary[0] = (nint)(delegate*<void>)&GetRuntimeException;
        s_classLibrary[1] = (nint)(delegate*<int, Exception?, nint, nint, void>)&UnhandledException.OnFailFast;
        s_classLibrary[3] = (nint)(delegate*<void>)&AppendExceptionStackFrame;
        s_classLibrary[5] = (nint)(delegate*<void>)&GetSystemArrayType;
        s_classLibrary[6] = (nint)(delegate*<void>)&OnFirstChanceException;
        s_classLibrary[7] = (nint)(delegate*<object, void>)&UnhandledException.OnUnhandled;
        s_classLibrary[8] = (nint)(delegate*<void>)&DynamicCastableIsInterfaceImplemented;
        s_classLibrary[9] = (nint)(delegate*<void>)&DynamicCastableGetInterfaceImplementation;

        nint* modules = RuntimeImage.ModulesStart;
        fixed (ClassLibraryTable* table = &s_classLibrary)
        {
            InitializeModules((nint)ImageLayout.TextStart, modules, (int)(RuntimeImage.ModulesEnd - modules), (nint*)table, ClassLibraryTable.Count);
        }

        ManagedStartup();
    }

    private static bool ExceptionLayoutIsRight()
    {
        ExInfo info = default;
        StackFrameIterator iterator = default;
        return sizeof(ExInfo) == 416 && sizeof(StackFrameIterator) == 376 && sizeof(RegisterDisplay) == 136 && sizeof(LimitedContext) == 80
            && (byte*)&info.Iterator - (byte*)&info == 32
            && (byte*)&iterator.Registers - (byte*)&iterator == 32
            && sizeof(ExceptionClause) == 40 && sizeof(ClauseEnumerator) == 32;
    }

    private static void HandleFault(InterruptFrame* frame)
    {
        if (!HardwareFault.TryConvert(frame))
        {
            FaultReport.Report(frame);
        }
    }

    [RuntimeImport("InitializeModules")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void InitializeModules(nint osModule, nint* headers, int count, nint* classLibrary, int classLibraryCount);

    [RuntimeImport("__managed__Startup")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void ManagedStartup();

    [RuntimeImport("GetRuntimeException")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void GetRuntimeException();

    [RuntimeImport("AppendExceptionStackFrame")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void AppendExceptionStackFrame();

    [RuntimeImport("GetSystemArrayEEType")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void GetSystemArrayType();

    [RuntimeImport("OnFirstChanceException")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void OnFirstChanceException();

    [RuntimeImport("IDynamicCastableIsInterfaceImplemented")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void DynamicCastableIsInterfaceImplemented();

    [RuntimeImport("IDynamicCastableGetInterfaceImplementation")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void DynamicCastableGetInterfaceImplementation();

    [InlineArray(Count)]
    private struct ClassLibraryTable
    {
        public const int Count = 14;

        private nint _first;
    }
}
