using System;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.Areas;

namespace CosmosKernel.Modules.Loading;

/// <summary>Where each section of an object lies in the module's memory: code, then constants, then data, each part on pages of its own. Task context.</summary>
[TaskPrivate]
internal sealed class ModuleLayout
{
    /// <summary>Longest module, in bytes.</summary>
    public const int LongestModule = 256 << 20;

    private const int PageBytes = 4096;
    private const int Parts = 3;

    private readonly int[] _offsets;
    private readonly int[] _starts = new int[Parts + 1];

    private ModuleLayout(int sections)
    {
        _offsets = new int[sections];
        Array.Fill(_offsets, -1);
    }

    /// <summary>Bytes of the whole, a multiple of 4096.</summary>
    public int Length => _starts[Parts];

    /// <summary>Bytes up to and with the last section that has bits: what is filled from the file.</summary>
    public int FilledLength { get; private set; }

    /// <summary>Lays out the sections that are kept in memory.</summary>
    /// <exception cref="ModuleLoadException">They have rights that the kernel does not give, or are too long.</exception>
    public static ModuleLayout Of(ElfObject elf)
    {
        var layout = new ModuleLayout(elf.Sections.Length);
        int text = elf.Find(".text");
        long at = 0;
        for (int part = 0; part < Parts; part++)
        {
            layout._starts[part] = (int)at;
            if (part == 0 && text >= 0)
            {
                at = layout.Place(elf, text, at);
            }

            // What has no bits comes last, so that it needs no room in the file's image.
            for (int pass = 0; pass < 2; pass++)
            {
                for (int i = 1; i < elf.Sections.Length; i++)
                {
                    ElfSection section = elf.Sections[i];
                    if (i != text && section.IsAllocated && PartOf(section) == part && section.HasBits == (pass == 0))
                    {
                        at = layout.Place(elf, i, at);
                    }
                }
            }

            at = (at + PageBytes - 1) & -PageBytes;
        }

        layout._starts[Parts] = (int)at;
        return at > 0 ? layout : throw ModuleLoadException.Format("it has nothing to load");
    }

    /// <summary>Offset of a section in the module's memory; -1 for one that is not kept.</summary>
    public int OffsetOf(int section) => _offsets[section];

    /// <summary>First byte of a part.</summary>
    public int StartOf(ModuleRights part) => _starts[(int)part];

    /// <summary>Bytes of a part, a multiple of 4096.</summary>
    public int LengthOf(ModuleRights part) => _starts[(int)part + 1] - _starts[(int)part];

    private static int PartOf(in ElfSection section)
    {
        if ((section.Flags & (ElfSectionFlags.ThreadLocal | ElfSectionFlags.Compressed)) != 0)
        {
            throw ModuleLoadException.Format($"section {section.Name} is thread-local or compressed, which the loader does not know");
        }

        return (section.Flags & (ElfSectionFlags.Write | ElfSectionFlags.Execute)) switch
        {
            ElfSectionFlags.Execute => (int)ModuleRights.Code,
            ElfSectionFlags.None => (int)ModuleRights.Constant,
            ElfSectionFlags.Write => (int)ModuleRights.Data,
            _ => throw ModuleLoadException.Format($"section {section.Name} is writable and executable"),
        };
    }

    private long Place(ElfObject elf, int index, long at)
    {
        ElfSection section = elf.Sections[index];
        _ = PartOf(section);
        at = (at + section.Alignment - 1) & -section.Alignment;
        _offsets[index] = (int)at;
        at += section.Length;
        if (at > LongestModule)
        {
            throw ModuleLoadException.Format($"it needs more than {LongestModule >> 20} MiB");
        }

        FilledLength = section.HasBits ? (int)at : FilledLength;
        return at;
    }
}
