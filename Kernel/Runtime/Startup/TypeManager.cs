using System.Runtime;
using System.Runtime.InteropServices;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Runtime.Startup;

/// <summary>
/// What the runtime knows of a compiled module. ILC's type tables point to it (indirectly), so its address never changes.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct TypeManager
{
    public nint Module;
    public ReadyToRunHeader* Header;
    public nint* ClassLibrary;
    public int ClassLibraryCount;

    /// <summary>Finds a section of the module; null, with length 0, if it has none of this kind.</summary>
    public readonly void* Section(int kind, out int length)
    {
        ModuleSection* rows = (ModuleSection*)(Header + 1);
        for (int i = 0; i < Header->SectionCount; i++)
        {
            if (rows[i].Kind == kind)
            {
                length = (rows[i].Flags & ModuleSection.HasEnd) != 0 ? (int)(rows[i].End - rows[i].Start) : sizeof(void*);
                return rows[i].Start;
            }
        }

        length = 0;
        return null;
    }
}

/// <summary>Head of a module's table of sections, made by ILC.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ReadyToRunHeader
{
    /// <summary>"RTR" and a zero.</summary>
    public const uint ExpectedSignature = 0x0052_5452;

    /// <summary>The format that ILC 9.0 writes.</summary>
    public const ushort ExpectedMajorVersion = 10;

    public uint Signature;
    public ushort MajorVersion;
    public ushort MinorVersion;
    public uint Flags;
    public ushort SectionCount;
    public byte EntrySize;
    public byte EntryType;
}

/// <summary>One row of a module's table of sections.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ModuleSection
{
    /// <summary>Flag: <see cref="End"/> is set; without it the section is one pointer long.</summary>
    public const int HasEnd = 1;

    public int Kind;
    public int Flags;
    public byte* Start;
    public byte* End;
}

/// <summary>The module functions that CoreLib's start-up code and reflection call.</summary>
internal static unsafe class ModuleFunctions
{
    // Section kinds from here on are the blobs of reflection metadata.
    private const int FirstBlob = 300;

    // The kernel is one compilation: one module, alive as long as the kernel. Those that are loaded later have managers of their own (Modules/ModuleImage.cs).
    [Immutable]
    private static TypeManager s_module;

    /// <summary>The module's class library functions, by CoreLib's ClassLibFunctionId.</summary>
    public static nint ClassLibraryFunction(int id) => (uint)id < (uint)s_module.ClassLibraryCount ? s_module.ClassLibrary[id] : 0;

    /// <summary>The manager of a loaded module, which has the kernel's class library.</summary>
    public static TypeManager ManagerOf(nint module, ReadyToRunHeader* header) =>
        new() { Module = module, Header = header, ClassLibrary = s_module.ClassLibrary, ClassLibraryCount = s_module.ClassLibraryCount };

    [RuntimeExport("RhpRegisterOsModule")]
    private static nint RegisterOsModule(nint module) => module;

    [RuntimeExport("RhpCreateTypeManager")]
    [BeforePublication]
    private static TypeManager* CreateTypeManager(nint module, ReadyToRunHeader* header, nint* classLibrary, int classLibraryCount)
    {
        fixed (TypeManager* manager = &s_module)
        {
            if (manager->Header != null
                || header->Signature != ReadyToRunHeader.ExpectedSignature
                || header->MajorVersion != ReadyToRunHeader.ExpectedMajorVersion
                || header->EntrySize != sizeof(ModuleSection))
            {
                Machine.Diagnostics.Panic.Now("The compiled module's header is not the one that the runtime was written for"u8);
            }

            *manager = new TypeManager
            {
                Module = module,
                Header = header,
                ClassLibrary = classLibrary,
                ClassLibraryCount = classLibraryCount,
            };
            return manager;
        }
    }

    [RuntimeExport("RhpGetModuleSection")]
    private static void* GetModuleSection(TypeManager** handle, int kind, int* length)
    {
        void* start = (*handle)->Section(kind, out int size);
        *length = size;
        return start;
    }

    [RuntimeExport("RhFindBlob")]
    private static bool FindBlob(TypeManager** handle, uint blob, void** start, uint* length)
    {
        *start = (*handle)->Section(FirstBlob + (int)blob, out int size);
        *length = (uint)size;
        return *start != null;
    }

    [RuntimeExport("RhGetLoadedOSModules")]
    private static uint GetLoadedOsModules(nint[]? modules)
    {
        if (modules is { Length: > 0 })
        {
            modules[0] = s_module.Module;
        }

        return 1;
    }

    [RuntimeExport("RhpGetClasslibFunctionFromCodeAddress")]
    private static nint FunctionFromCode(nint address, int id) => ClassLibraryFunction(id);

    [RuntimeExport("RhpGetClasslibFunctionFromEEType")]
    private static nint FunctionFromType(nint type, int id) => ClassLibraryFunction(id);
}
