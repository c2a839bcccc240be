using CosmosKernel.Tools.Elf;

namespace CosmosKernel.Tools.ObjCheck.Code;

/// <summary>What a relocated field refers to.</summary>
/// <param name="Function">The function at that address, if it is code of a given object.</param>
/// <param name="Symbol">The symbol; for functions, the one that names it.</param>
/// <param name="IsDefined">Whether some given object defines it.</param>
/// <param name="Owner">The object that defines it, or that refers to it when none does.</param>
/// <param name="Section">Its section, if it has one.</param>
/// <param name="Address">Its offset in that section.</param>
internal readonly record struct Target(Function? Function, string Symbol, bool IsDefined, CodeObject Owner, ElfSection? Section, ulong Address);
