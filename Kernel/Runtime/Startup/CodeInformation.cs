using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CosmosKernel.Machine.Images;
using CosmosKernel.Machine.Paging;
using CosmosKernel.Runtime.Exceptions;

namespace CosmosKernel.Runtime.Startup;

/// <summary>What CoreLib asks about code addresses and about the image as a whole.</summary>
internal static unsafe class CodeInformation
{
    [RuntimeExport("RhFindMethodStartAddress")]
    private static nint FindMethodStart(nint address) => MethodInfo.TryFind((ulong)address, out MethodInfo method) ? (nint)method.MethodStart : 0;

    [RuntimeExport("RhGetOSModuleFromPointer")]
    private static nint ModuleOf(nint address) =>
        (ulong)address >= ImageLayout.TextStart && (ulong)address < ImageLayout.End ? (nint)ImageLayout.TextStart
        : CodeImages.Find((ulong)address) is { } image ? (nint)image.Start : 0;

    [RuntimeExport("RhGetModuleFileName")]
    private static int ModuleFileName(nint module, byte** name)
    {
        // A module's name is followed by a zero in its .modinfo.
        if (CodeImages.Find((ulong)module) is { } image)
        {
            *name = (byte*)image.Name;
            return image.NameLength;
        }

        System.ReadOnlySpan<byte> text = "kernel.elf\0"u8;
        *name = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(text));
        return text.Length - 1;
    }

    [RuntimeExport("RhGetRuntimeVersion")]
    private static byte* RuntimeVersion(int* length)
    {
        System.ReadOnlySpan<byte> text = "9.0"u8;
        *length = text.Length;
        return (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(text));
    }

    [RuntimeExport("RhGetKnobValues")]
    private static uint KnobValues(byte*** names, byte*** values)
    {
        byte* knobs = RuntimeImage.Knobs;
        uint count = *(uint*)knobs;
        *names = (byte**)(knobs + 8);
        *values = *names + count;
        return count;
    }

    [RuntimeExport("RhGetTargetOfUnboxingAndInstantiatingStub")]
    private static nint TargetOfInstantiatingStub(nint address) => MethodInfo.TryFind((ulong)address, out MethodInfo method) ? (nint)method.AssociatedData : 0;

    // An unboxing stub adds 8 to rdi (past the method table pointer) and jumps: 48 83 C7 08, then E9 rel32 or FF 25 [rip + disp32].
    [RuntimeExport("RhGetCodeTarget")]
    private static nint CodeTarget(nint address)
    {
        byte* code = (byte*)address;
        bool unboxing = RuntimeImage.IsUnboxingStub((ulong)address);
        if (unboxing && code[0] == 0x48 && code[1] == 0x83 && code[2] == 0xC7 && code[3] == 0x08)
        {
            code += 4;
        }
        else if (unboxing)
        {
            return address;
        }

        if (code[0] == 0xE9)
        {
            return (nint)(code + 5 + *(int*)(code + 1));
        }

        if (code[0] == 0xFF && code[1] == 0x25)
        {
            return *(nint*)(code + 6 + *(int*)(code + 2));
        }

        return address;
    }

    [RuntimeExport("RhGetCrashInfoBuffer")]
    private static byte* CrashInfoBuffer(int* size)
    {
        *size = 0;
        return null;
    }

    // Crash dumps do not exist here: the panic report that follows says what happened.
    [RuntimeExport("RhCreateCrashDumpIfEnabled")]
    private static void CreateCrashDump(nint record, nint context)
    {
    }
}
