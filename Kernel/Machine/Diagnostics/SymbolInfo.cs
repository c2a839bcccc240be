namespace CosmosKernel.Machine.Diagnostics;

/// <summary>
/// What <see cref="SymbolTable.TryFind"/> knows about an address. The texts are UTF-8 inside the table: they need no freeing, have no terminator
/// and stay valid for ever, those of a module as long as it is loaded.
/// </summary>
public unsafe struct SymbolInfo
{
    /// <summary>Name of the module that the address is in; null for the kernel itself.</summary>
    public byte* ModuleName;

    /// <summary>Length of <see cref="ModuleName"/> in bytes.</summary>
    public int ModuleNameLength;

    /// <summary>Full name of the declaring type; empty for assembly code and compiler helpers.</summary>
    public byte* TypeName;

    /// <summary>Length of <see cref="TypeName"/> in bytes.</summary>
    public int TypeNameLength;

    /// <summary>Name of the method, with generic arguments and without parameters.</summary>
    public byte* MethodName;

    /// <summary>Length of <see cref="MethodName"/> in bytes.</summary>
    public int MethodNameLength;

    /// <summary>Source file, relative to the project (or to the root of .NET's sources); null when unknown.</summary>
    public byte* File;

    /// <summary>Length of <see cref="File"/> in bytes; 0 when unknown.</summary>
    public int FileLength;

    /// <summary>Source line from 1; 0 when unknown.</summary>
    public int Line;

    /// <summary>Bytes from the beginning of the function to the address.</summary>
    public uint Offset;

    /// <summary>Virtual address of the beginning of the function.</summary>
    public ulong FunctionAddress;
}
