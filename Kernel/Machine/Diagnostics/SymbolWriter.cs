using System;

namespace CosmosKernel.Machine.Diagnostics;

/// <summary>Writes code addresses with method, file and line from the symbol table in the image. No allocation, no lock; any context.</summary>
public static unsafe class SymbolWriter
{
    /// <summary>Writes one line of a backtrace.</summary>
    public static void WriteFrame(ulong address)
    {
        EarlyConsole.Write("    at "u8);
        EarlyConsole.WriteHex(address);
        WriteAddress(address);
        EarlyConsole.Write("\n"u8);
    }

    /// <summary>Writes a space, method name, file and line of an address, if they are known.</summary>
    public static void WriteAddress(ulong address)
    {
        bool found = SymbolTable.TryFind(address, out SymbolInfo info);
        if (info.ModuleNameLength > 0)
        {
            EarlyConsole.Write(" ["u8);
            EarlyConsole.Write(new ReadOnlySpan<byte>(info.ModuleName, info.ModuleNameLength));
            EarlyConsole.Write("]"u8);
        }

        if (!found)
        {
            return;
        }

        EarlyConsole.Write(" "u8);
        if (info.TypeNameLength > 0)
        {
            EarlyConsole.Write(new ReadOnlySpan<byte>(info.TypeName, info.TypeNameLength));
            EarlyConsole.Write("."u8);
        }

        EarlyConsole.Write(new ReadOnlySpan<byte>(info.MethodName, info.MethodNameLength));
        if (info.ModuleNameLength > 0)
        {
            EarlyConsole.Write("+"u8);
            EarlyConsole.WriteHex(info.Offset);
        }

        if (info.FileLength > 0)
        {
            EarlyConsole.Write(" in "u8);
            EarlyConsole.Write(new ReadOnlySpan<byte>(info.File, info.FileLength));
            EarlyConsole.Write(":"u8);
            EarlyConsole.WriteDecimal((ulong)info.Line);
        }
    }
}
