using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Runtime.Services;
using CosmosKernel.Runtime.Threading;

namespace CosmosKernel.Runtime.Exceptions;

/// <summary>One exception clause as CoreLib's dispatcher reads it (its RhEHClause).</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ExceptionClause
{
    public uint Kind;
    public uint TryStart;
    public uint TryEnd;
    public byte* Filter;
    public byte* Handler;
    public void* TargetType;
}

/// <summary>Code of a method as CoreLib's dispatcher reads it (its MethodRegionInfo); the cold part is always empty.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MethodRegion
{
    public byte* HotStart;
    public nuint HotSize;
    public byte* ColdStart;
    public nuint ColdSize;
}

/// <summary>State of a walk over a method's clauses, in the 32 bytes that CoreLib keeps for it (its EHEnum).</summary>
[StructLayout(LayoutKind.Sequential, Size = 32)]
internal unsafe struct ClauseEnumerator
{
    public byte* MethodStart;
    public byte* Next;
    public uint Remaining;
}

/// <summary>
/// What CoreLib's exception dispatcher asks of the runtime: the frames of a stack and the clauses of a method. The search for a
/// handler itself, in two passes, is CoreLib's own C#.
/// </summary>
/// <remarks>Called on the thread that throws, in task context.</remarks>
internal static unsafe class ExceptionDispatch
{
    private const uint TypedClause = 0;
    private const uint FaultClause = 1;
    private const uint FilterClause = 2;

    [RuntimeExport("RhpSfiInit")]
    private static bool InitializeWalk(ref StackFrameIterator iterator, LimitedContext* context, bool instructionFault, bool* intercepted)
    {
        if (intercepted != null)
        {
            *intercepted = false;
        }

        if (RuntimeServices.Instance != null && !Preemption.IsPossible)
        {
            RefuseInAtomicContext(context);
        }

        return iterator.Start(context, instructionFault);
    }

    // CoreLib ends the search at the first frame of a thread. Its caller is the task's own C#, which catches what ends a task in an orderly way.
    private static bool MayLeaveThread() =>
        UnhandledException.Handler is { } handler && ExInfo.ExceptionOf(ThreadState.ExInfoHead) is { } exception && handler.IsEndOfThread(exception);

    // An exception would leave spin locks taken or interrupts off, or cross an interrupt: docs/architecture.md forbids it. Boot code may still throw.
    private static void RefuseInAtomicContext(LimitedContext* context)
    {
        Panic.Begin("An exception was thrown in atomic context"u8);
        EarlyConsole.Write("  thrown at"u8);
        SymbolWriter.WriteAddress(context->Rip - 1);
        EarlyConsole.Write("\n"u8);
        Panic.Finish(null);
    }

    [RuntimeExport("RhpSfiNext")]
    private static bool NextFrame(ref StackFrameIterator iterator, uint* collidedClause, bool* leftReversePInvoke, bool* intercepted)
    {
        bool valid = iterator.Next(out ExInfo* collided, out bool left);
        if (collidedClause != null)
        {
            *collidedClause = ExInfo.NoClause;
            if (collided != null)
            {
                // The overtaken dispatch stopped at this clause; the search goes on behind it.
                *collidedClause = collided->CurrentClause;
                collided->Kind |= ExInfo.SupersededFlag;
            }
        }

        if (leftReversePInvoke != null)
        {
            *leftReversePInvoke = left && !MayLeaveThread();
        }

        if (intercepted != null)
        {
            *intercepted = false;
        }

        return valid;
    }

    [RuntimeExport("RhpEHEnumInitFromStackFrameIterator")]
    private static bool InitializeClauses(ref StackFrameIterator iterator, out MethodRegion region, ClauseEnumerator* enumerator)
    {
        region = default;
        if (!MethodInfo.TryFind(iterator.ControlPc, out MethodInfo method) || !method.HasExceptionClauses)
        {
            return false;
        }

        region.HotStart = (byte*)method.MethodStart;
        enumerator->MethodStart = region.HotStart;
        enumerator->Next = method.Clauses;
        enumerator->Remaining = NativeInteger.ReadUnsigned(ref enumerator->Next);
        return true;
    }

    [RuntimeExport("RhpEHEnumNext")]
    private static bool NextClause(ClauseEnumerator* enumerator, ExceptionClause* clause)
    {
        if (enumerator->Remaining == 0)
        {
            return false;
        }

        enumerator->Remaining--;
        *clause = default;
        clause->TryStart = NativeInteger.ReadUnsigned(ref enumerator->Next);
        uint lengthAndKind = NativeInteger.ReadUnsigned(ref enumerator->Next);
        clause->Kind = lengthAndKind & 3;
        clause->TryEnd = clause->TryStart + (lengthAndKind >> 2);
        switch (clause->Kind)
        {
            case TypedClause:
                clause->Handler = enumerator->MethodStart + NativeInteger.ReadUnsigned(ref enumerator->Next);
                clause->TargetType = enumerator->Next + *(int*)enumerator->Next;
                enumerator->Next += sizeof(int);
                return true;
            case FaultClause:
                clause->Handler = enumerator->MethodStart + NativeInteger.ReadUnsigned(ref enumerator->Next);
                return true;
            case FilterClause:
                clause->Handler = enumerator->MethodStart + NativeInteger.ReadUnsigned(ref enumerator->Next);
                clause->Filter = enumerator->MethodStart + NativeInteger.ReadUnsigned(ref enumerator->Next);
                return true;
            default:
                return false;
        }
    }

    // CoreLib keeps a context for a crash dump here. There are no dumps; the registers at the throw are kept at its start, the rest is cleared.
    [RuntimeExport("RhpCopyContextFromExInfo")]
    private static void CopyContext(byte* destination, int size, LimitedContext* context)
    {
        Unsafe.InitBlockUnaligned(destination, 0, (uint)size);
        if (size >= sizeof(LimitedContext))
        {
            *(LimitedContext*)destination = *context;
        }
    }
}

/// <summary>
/// The variable-length integers of ILC's tables: the number of low set bits of the first byte, 0 to 4, says how many bytes follow.
/// </summary>
internal static unsafe class NativeInteger
{
    public static uint ReadUnsigned(ref byte* cursor)
    {
        uint first = *cursor;
        uint value;
        if ((first & 1) == 0)
        {
            value = first >> 1;
            cursor += 1;
        }
        else if ((first & 2) == 0)
        {
            value = (first >> 2) | ((uint)cursor[1] << 6);
            cursor += 2;
        }
        else if ((first & 4) == 0)
        {
            value = (first >> 3) | ((uint)cursor[1] << 5) | ((uint)cursor[2] << 13);
            cursor += 3;
        }
        else if ((first & 8) == 0)
        {
            value = (first >> 4) | ((uint)cursor[1] << 4) | ((uint)cursor[2] << 12) | ((uint)cursor[3] << 20);
            cursor += 4;
        }
        else
        {
            value = *(uint*)(cursor + 1);
            cursor += 5;
        }

        return value;
    }
}
