using System;
using System.Runtime;
using System.Text;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Images;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Threads;

namespace CosmosKernel.Runtime.Exceptions;

/// <summary>Stacks of threads that sleep, and names of the code on them, for safe code that reports on other tasks.</summary>
public static unsafe class CodeNames
{
    /// <summary>
    /// Reads the stack of a thread that is not running. The caller keeps it from running and from being released. Any context; a frame costs about a thousand instructions.
    /// </summary>
    /// <param name="thread">The thread.</param>
    /// <param name="addresses">Gets an address inside the call of each frame, from the inside out.</param>
    /// <returns>How many frames there are, or fit.</returns>
    [NoAllocation]
    public static int CaptureStack(MachineThread thread, Span<ulong> addresses)
    {
        thread.GetSavedStack(out ulong stackPointer, out ulong low, out ulong high);
        if (!StackWalker.TryStartAtSwitch(stackPointer, new StackBounds(low, high), out StackWalker walker))
        {
            return 0;
        }

        int count = 0;
        do
        {
            if (count == addresses.Length)
            {
                break;
            }

            addresses[count++] = walker.Address;
        }
        while (walker.MoveNext());

        return count;
    }

    // CoreLib's lines of stack traces; those of the kernel's own image it names itself (corelib-substitutions.txt).
    [RuntimeExport("RhTryDescribeModuleCode")]
    private static string? TryDescribeModuleCode(object self, nint address, bool withFile, bool* isHidden)
    {
        *isHidden = false;
        if (CodeImages.Find((ulong)address) is not { } image || !SymbolTable.TryFind((ulong)address, out SymbolInfo info) || !TryFind((ulong)address, out string type, out string method))
        {
            return null;
        }

        string file = withFile && info.FileLength > 0 ? $" in {Encoding.UTF8.GetString(info.File, info.FileLength)}:line {info.Line}" : "";
        return $"{(type.Length > 0 ? type + "." : "")}{method} + 0x{info.Offset:x}{file}";
    }

    /// <summary>Names the method that an address belongs to, from the symbol table of the kernel's image or of a module, whose name comes first, in brackets. Task context; allocates.</summary>
    /// <param name="address">An address inside the method.</param>
    /// <param name="type">Full name of the declaring type; empty for assembly code.</param>
    /// <param name="method">Its name.</param>
    /// <returns>False when the table does not know it.</returns>
    public static bool TryFind(ulong address, out string type, out string method)
    {
        if (!SymbolTable.TryFind(address, out SymbolInfo info))
        {
            type = "";
            method = "";
            return false;
        }

        string module = info.ModuleNameLength > 0 ? $"[{Encoding.UTF8.GetString(info.ModuleName, info.ModuleNameLength)}] " : "";
        type = module + Encoding.UTF8.GetString(info.TypeName, info.TypeNameLength);
        method = Encoding.UTF8.GetString(info.MethodName, info.MethodNameLength);
        return true;
    }
}
