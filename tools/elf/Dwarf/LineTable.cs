using System;
using System.Collections.Generic;
using System.Linq;

namespace CosmosKernel.Tools.Elf.Dwarf;

/// <summary>One row of the line table: from this address on, code belongs to this line, until the next row.</summary>
/// <param name="Section">Section of the address in a relocatable object; zero in an executable.</param>
/// <param name="Address">Offset in that section, or virtual address in an executable.</param>
/// <param name="File">Index in <see cref="LineTable.Files"/>, or -1 when the row ends a sequence.</param>
/// <param name="Line">Line number from 1; 0 for code that no line stands for.</param>
public readonly record struct LineRow(int Section, ulong Address, int File, int Line);

/// <summary>Source lines by address: everything in a file's <c>.debug_line</c>, sorted.</summary>
public sealed class LineTable
{
    private static readonly Comparer<LineRow> s_byAddress = Comparer<LineRow>.Create(static (a, b) =>
    {
        int order = a.Section.CompareTo(b.Section);
        return order != 0 ? order : a.Address.CompareTo(b.Address);
    });

    private readonly LineRow[] _rows;

    private LineTable(LineRow[] rows, IReadOnlyList<string> files)
    {
        _rows = rows;
        Files = files;
    }

    /// <summary>Source files as the compiler named them.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>All rows, sorted by section and address.</summary>
    public ReadOnlySpan<LineRow> Rows => _rows;

    /// <summary>The same lines at other places: what a section of an object became. Rows for which <paramref name="place"/> gives nothing are left out.</summary>
    /// <param name="place">New section and address of a section and an address in it.</param>
    public LineTable Move(Func<int, ulong, (int Section, ulong Address)?> place)
    {
        ArgumentNullException.ThrowIfNull(place);
        var rows = new List<LineRow>();
        foreach (LineRow row in _rows)
        {
            if (place(row.Section, row.Address) is (int section, ulong address))
            {
                rows.Add(row with { Section = section, Address = address });
            }
        }

        // Rows at one address keep their order: the last one counts.
        return new LineTable([.. rows.OrderBy(r => r, s_byAddress)], Files);
    }

    /// <summary>Reads the lines of a file; the table is empty when it was compiled without debug information.</summary>
    /// <exception cref="ElfFormatException">The line program is damaged or of a DWARF version other than 2 to 5.</exception>
    public static LineTable Read(ElfFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        var program = new LineProgramReader(file);
        List<LineRow> rows = program.Run();
        var sorted = rows.ToArray();

        // A stable sort, because an end of sequence and the beginning of the next share an address: the one that came later wins.
        var order = new int[sorted.Length];
        for (int i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        Array.Sort(order, (a, b) =>
        {
            int compared = s_byAddress.Compare(sorted[a], sorted[b]);
            if (compared != 0)
            {
                return compared;
            }

            bool aEnds = sorted[a].File < 0;
            return aEnds != sorted[b].File < 0 ? (aEnds ? -1 : 1) : a.CompareTo(b);
        });
        return new LineTable(Array.ConvertAll(order, i => sorted[i]), program.Files);
    }

    /// <summary>Finds the rows that begin at or after an address; the one before it may still cover that address.</summary>
    public int LowerBound(int section, ulong address)
    {
        int low = 0;
        int high = _rows.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (s_byAddress.Compare(_rows[middle], new LineRow(section, address, 0, 0)) < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    /// <summary>Finds the source line of an address.</summary>
    /// <returns>Whether a line is known; a row with line 0 counts as unknown.</returns>
    public bool TryFind(int section, ulong address, out string file, out int line)
    {
        file = string.Empty;
        line = 0;
        int index = LowerBound(section, address + 1) - 1;
        if (index < 0)
        {
            return false;
        }

        LineRow row = _rows[index];
        if (row.Section != section || row.File < 0 || row.Line == 0)
        {
            return false;
        }

        file = Files[row.File];
        line = row.Line;
        return true;
    }
}
