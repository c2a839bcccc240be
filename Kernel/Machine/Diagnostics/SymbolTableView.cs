namespace CosmosKernel.Machine.Diagnostics;

/// <summary>
/// A table of names and source lines in the format of <c>image symbols</c> (<c>docs/checks.md</c>, "Symbol table"), of the kernel or of a module. It allocates, locks and throws nothing,
/// and checks every offset that it follows: a damaged table costs names, never a second fault.
/// </summary>
public unsafe struct SymbolTableView
{
    private const uint Magic = 0x4D595343;
    private const uint Version = 1;
    private const uint HeaderSize = 64;
    private const uint FunctionSize = 20;
    private const uint NoLines = 0xFFFFFFFF;

    private byte* _table;
    private ulong _base;
    private uint _functionCount;
    private byte* _functions;
    private uint _fileCount;
    private byte* _files;
    private byte* _lines;
    private byte* _linesEnd;
    private byte* _strings;
    private uint _stringsLength;

    /// <summary>Whether a valid table was given.</summary>
    public readonly bool IsAvailable => _table != null;

    /// <summary>Number of functions in the table.</summary>
    public readonly uint FunctionCount => _functionCount;

    /// <summary>Reads the head of a table.</summary>
    /// <param name="table">Its first byte; has to stay mapped from now on.</param>
    /// <param name="length">Number of bytes that are readable there.</param>
    /// <returns>False, and the table is not used, when magic, version or any bound is wrong.</returns>
    /// <param name="start">Where the code begins: what the table's addresses are counted from, besides the base that it gives.</param>
    /// <param name="view">The table; not available when the result is false.</param>
    public static bool TryRead(byte* table, ulong length, ulong start, out SymbolTableView view)
    {
        view = default;
        return view.Initialize(table, length, start);
    }

    /// <summary>The table at an address, for callers without pointers; not available when there is none.</summary>
    /// <param name="address">Its first byte.</param>
    /// <param name="length">Number of bytes that are readable there.</param>
    /// <param name="start">Where the code begins.</param>
    public static SymbolTableView At(ulong address, ulong length, ulong start)
    {
        _ = TryRead((byte*)address, length, start, out SymbolTableView view);
        return view;
    }

    private bool Initialize(byte* table, ulong length, ulong start)
    {
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

        _base = start + U64(table + 16);
        _functionCount = functionCount;
        _functions = table + functions;
        _fileCount = fileCount;
        _files = table + files;
        _lines = table + lines;
        _linesEnd = _lines + linesLength;
        _strings = table + strings;
        _stringsLength = stringsLength;
        _table = table;
        return true;
    }

    /// <summary>Finds the function that contains an address, and the line that the address belongs to.</summary>
    /// <param name="address">
    /// Virtual address of an instruction. For a return address on a stack, pass one less: the call may be the last instruction of its line,
    /// or of its function.
    /// </param>
    /// <param name="info">What was found; all zero when nothing was.</param>
    /// <returns>Whether a function of the kernel's image contains the address.</returns>
    public readonly bool TryFind(ulong address, out SymbolInfo info)
    {
        info = default;
        if (_table == null || address < _base || address - _base > uint.MaxValue)
        {
            return false;
        }

        uint offset = (uint)(address - _base);
        byte* function = FindFunction(offset);
        if (function == null)
        {
            return false;
        }

        uint start = U32(function);
        info.Offset = offset - start;
        info.FunctionAddress = _base + start;
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
    private readonly byte* FindFunction(uint offset)
    {
        uint low = 0;
        uint high = _functionCount;
        while (low < high)
        {
            uint middle = low + ((high - low) >> 1);
            if (U32(_functions + ((ulong)middle * FunctionSize)) <= offset)
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

        byte* function = _functions + ((ulong)(low - 1) * FunctionSize);
        return offset - U32(function) < U32(function + 4) ? function : null;
    }

    private readonly void FindLine(uint lines, uint offset, ref SymbolInfo info)
    {
        if (lines == NoLines || lines >= (ulong)(_linesEnd - _lines))
        {
            return;
        }

        byte* next = _lines + lines;
        if (!TryUleb(ref next, _linesEnd, out ulong rows))
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
            if (!TryUleb(ref next, _linesEnd, out ulong advance))
            {
                return;
            }

            address += advance >> 1;
            if (((advance & 1) != 0 && !TryUleb(ref next, _linesEnd, out file)) || !TrySleb(ref next, _linesEnd, out long change))
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

        if (foundLine <= 0 || foundLine > int.MaxValue || foundFile >= _fileCount)
        {
            return;
        }

        if (TryString(U32(_files + (foundFile * 4)), out info.File, out info.FileLength))
        {
            info.Line = (int)foundLine;
        }
    }

    private readonly bool TryString(uint offset, out byte* text, out int length)
    {
        text = null;
        length = 0;
        if (offset >= _stringsLength)
        {
            return false;
        }

        byte* next = _strings + offset;
        byte* end = _strings + _stringsLength;
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
