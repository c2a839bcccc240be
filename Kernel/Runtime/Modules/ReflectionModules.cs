using System.Runtime;
using System.Runtime.CompilerServices;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Runtime.Startup;

namespace CosmosKernel.Runtime.Modules;

/// <summary>
/// The modules that CoreLib's table (<c>StartupCodeHelpers.s_modules</c>) and the type loader (<c>ModuleList</c>) know. In their tables of hashes generic virtual methods, types that are made at run time and
/// reflection are looked up. Both are made for modules that are there at the start; here they are made anew. Task context, one caller at a time.
/// </summary>
[Protocol("Touched by the task that holds the loader's mutex; CoreLib reads whole arrays and objects, which are never changed once they are published.")]
internal static unsafe class ReflectionModules
{
    private const int FirstField = 8;

    // Of StartupCodeHelpers' static fields without references, s_moduleCount is the second, behind a handle.
    private const int CountOffset = 8;
    private const int ArrayData = 16;

    /// <summary>Makes both tables of the kernel's own module and of all in <see cref="ModuleList"/> that are listed.</summary>
    /// <returns>False when CoreLib's table is not what it should be: modules could not use what is looked up there.</returns>
    [MightSleep]
    public static bool Publish()
    {
        object? table = Unsafe.AsRef<object?>((void*)(*RuntimeImage.ModuleStatics + FirstField));
        int* count = (int*)(RuntimeImage.ModulePlainStatics + CountOffset);
        if (table is null || *count <= 0 || *(int*)(AddressOf(table) + 8) < *count)
        {
            return false;
        }

        int modules = 1;
        foreach (ModuleImage? image in ModuleList.All)
        {
            modules += image is { IsListed: true } ? 1 : 0;
        }

        // An array of CoreLib's TypeManagerHandle, which is one pointer.
        object longer = NewArray(*(nint*)AddressOf(table), modules);
        nint* slots = (nint*)(AddressOf(longer) + ArrayData);
        slots[0] = *(nint*)(AddressOf(table) + ArrayData);
        int at = 1;
        foreach (ModuleImage? image in ModuleList.All)
        {
            if (image is { IsListed: true })
            {
                slots[at++] = (nint)image.Manager;
            }
        }

        // Never more entries than the array has.
        Volatile.Write(ref *count, modules < *count ? modules : *count);
        Unsafe.AsRef<object?>((void*)(*RuntimeImage.ModuleStatics + FirstField)) = longer;
        Volatile.Write(ref *count, modules);
        System.GC.KeepAlive(table);
        RenewList();
        return true;
    }

    // ModuleList.Instance keeps its place; it gets the map of a list that was made now. A list that nobody has asked for yet will be made when somebody does.
    private static void RenewList()
    {
        object? list = Unsafe.AsRef<object?>((void*)(*RuntimeImage.ReflectionStatics + FirstField));
        if (list is null)
        {
            return;
        }

        object fresh = NewObject(*(nint*)AddressOf(list));
        ((delegate*<object, void>)RuntimeImage.ReflectionListConstructor)(fresh);
        Unsafe.As<Holder>(list).Map = Unsafe.As<Holder>(fresh).Map;
    }

    private static byte* AddressOf(object value) => *(byte**)Unsafe.AsPointer(ref value);

    [RuntimeImport("RhNewArray")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern object NewArray(nint type, int length);

    [RuntimeImport("RhNewObject")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern object NewObject(nint type);

    /// <summary>The type loader's ModuleList: its one field.</summary>
    private sealed class Holder
    {
        [Protocol("Published by one store; whoever reads it reads a whole map.")]
        public object? Map;
    }
}
