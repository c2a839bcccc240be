namespace CosmosKernel.Machine.Diagnostics;

/// <summary>
/// Names the method and source line of an address, from the table that <c>image symbols</c> puts behind the kernel's image
/// (<c>docs/checks.md</c>, "Symbol table"). A panic depends on it, so it allocates, locks and throws nothing, and it checks every offset
/// that it follows: a damaged table costs names, never a second fault.
/// </summary>
/// <remarks>
/// Callable in every context, once <see cref="Initialize"/> has returned; the table is only read, so any number of CPUs may search at once.
/// </remarks>
public static unsafe class SymbolTable
{
    private const uint Magic = 0x4D595343;
    private const uint Version = 1;
    private const uint HeaderSize = 64;
    private const uint FunctionSize = 20;
    private const uint NoLines = 0xFFFFFFFF;

    private static byte* s_table;
    private static ulong s_base;
    private static uint s_functionCount;
    private static byte* s_functions;
    private static uint s_fileCount;
    private static byte* s_files;
    private static byte* s_lines;
    private static byte* s_linesEnd;
    private static byte* s_strings;
    private static uint s_stringsLength;

    /// <summary>Whether a valid table was given.</summary>
    public static bool IsAvailable => s_table != null;

    /// <summary>Number of functions in the table.</summary>
    public static uint FunctionCount => s_functionCount;

    /// <summary>Takes the table into use, if it is one.</summary>
    /// <param name="table">Its first byte; has to stay mapped from now on.</param>
    /// <param name="length">Number of bytes that are readable there.</param>
    /// <returns>False, and the table is not used, when magic, version or any bound is wrong.</returns>
    /// <remarks>Early boot, one CPU, before the first call of <see cref="TryFind"/>.</remarks>
    public static bool Initialize(byte* table, ulong length)
    {
        s_table = null;
        s_functionCount = 0;
        if (table == null || length < HeaderSize || U32(table) != Magic || U32(table + 4) != Version)
        {
            return false;
        }

        uint total = U32(table + 8);
        uint functionCount = U32(table + 12);
        uint functions = U32(table + 24);
        uint fileCount = U32(table + 28);
        uint files = U32(table + 32);
        uint lines = U32(table + 36);
        uint linesLength = U32(table + 40);
        uint strings = U32(table + 44);
        uint stringsLength = U32(table + 48);
        if (total < HeaderSize || total > length
            || !Inside(functions, (ulong)functionCount * FunctionSize, total)
            || !Inside(files, (ulong)fileCount * 4, total)
            || !Inside(lines, linesLength, total)
            || !Inside(strings, stringsLength, total))
        {
            return false;
        }

        s_base = U64(table + 16);
        s_functionCount = functionCount;
        s_functions = table + functions;
        s_fileCount = fileCount;
        s_files = table + files;
        s_lines = table + lines;
        s_linesEnd = s_lines + linesLength;
        s_strings = table + strings;
        s_stringsLength = stringsLength;
        s_table = table;
        return true;
    }

    /// <summary>Finds the function that contains an address, and the line that the address belongs to.</summary>
    /// <param name="address">
    /// Virtual address of an instruction. For a return address on a stack, pass one less: the call may be the last instruction of its line,
    /// or of its function.
    /// </param>
    /// <param name="info">What was found; all zero when nothing was.</param>
    /// <returns>Whether a function of the kernel's image contains the address.</returns>
    public static bool TryFind(ulong address, out SymbolInfo info)
    {
        info = default;
        if (s_table == null || address < s_base || address - s_base > uint.MaxValue)
        {
            return false;
        }

        uint offset = (uint)(address - s_base);
        byte* function = FindFunction(offset);
        if (function == null)
        {
            return false;
        }

        uint start = U32(function);
        info.Offset = offset - start;
        info.FunctionAddress = s_base + start;
        if (!TryString(U32(function + 8), out info.TypeName, out info.TypeNameLength)
            || !TryString(U32(function + 12), out info.MethodName, out info.MethodNameLength))
        {
            info = default;
            return false;
        }

        FindLine(U32(function + 16), info.Offset, ref info);
        return true;
    }

    // The last function that starts at or below the offset, unless it ends before it.
    private static byte* FindFunction(uint offset)
    {
        uint low = 0;
        uint high = s_functionCount;
        while (low < high)
        {
            uint middle = low + ((high - low) >> 1);
            if (U32(s_functions + ((ulong)middle * FunctionSize)) <= offset)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        if (low == 0)
        {
            return null;
        }

        byte* function = s_functions + ((ulong)(low - 1) * FunctionSize);
        return offset - U32(function) < U32(function + 4) ? function : null;
    }

    private static void FindLine(uint lines, uint offset, ref SymbolInfo info)
    {
        if (lines == NoLines || lines >= (ulong)(s_linesEnd - s_lines))
        {
            return;
        }

        byte* next = s_lines + lines;
        if (!TryUleb(ref next, s_linesEnd, out ulong rows))
        {
            return;
        }

        ulong address = 0;
        ulong file = 0;
        ulong foundFile = 0;
        long line = 0;
        long foundLine = 0;
        for (ulong i = 0; i < rows; i++)
        {
            if (!TryUleb(ref next, s_linesEnd, out ulong advance))
            {
                return;
            }

            address += advance >> 1;
            if (((advance & 1) != 0 && !TryUleb(ref next, s_linesEnd, out file)) || !TrySleb(ref next, s_linesEnd, out long change))
            {
                return;
            }

            if (address > offset)
            {
                break;
            }

            line += change;
            foundFile = file;
            foundLine = line;
        }

        if (foundLine <= 0 || foundLine > int.MaxValue || foundFile >= s_fileCount)
        {
            return;
        }

        if (TryString(U32(s_files + (foundFile * 4)), out info.File, out info.FileLength))
        {
            info.Line = (int)foundLine;
        }
    }

    private static bool TryString(uint offset, out byte* text, out int length)
    {
        text = null;
        length = 0;
        if (offset >= s_stringsLength)
        {
            return false;
        }

        byte* next = s_strings + offset;
        byte* end = s_strings + s_stringsLength;
        if (!TryUleb(ref next, end, out ulong size) || size > (ulong)(end - next))
        {
            return false;
        }

        text = next;
        length = (int)size;
        return true;
    }

    // DWARF's variable-length integers (DWARF 5, section 7.6): seven bits a byte, lowest first, the eighth says that more follow.
    private static bool TryUleb(ref byte* next, byte* end, out ulong value)
    {
        value = 0;
        for (int shift = 0; shift < 64 && next < end; shift += 7)
        {
            byte part = *next++;
            value |= (ulong)(part & 0x7F) << shift;
            if ((part & 0x80) == 0)
            {
                return true;
            }
        }

        return false;
    }

    private static bool TrySleb(ref byte* next, byte* end, out long value)
    {
        value = 0;
        for (int shift = 0; shift < 64 && next < end; shift += 7)
        {
            byte part = *next++;
            value |= (long)(part & 0x7F) << shift;
            if ((part & 0x80) == 0)
            {
                if ((part & 0x40) != 0 && shift < 57)
                {
                    value |= -1L << (shift + 7);
                }

                return true;
            }
        }

        return false;
    }

    private static bool Inside(uint offset, ulong size, uint total) => offset <= total && size <= total - offset;

    private static uint U32(byte* at) => *(uint*)at;

    private static ulong U64(byte* at) => *(ulong*)at;
}
