using System;
using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Runtime.Modules;

/// <summary>The modules that the runtime knows. Changed by the task that holds the loader's mutex; the collector reads it with the world stopped.</summary>
internal static class ModuleList
{
    /// <summary>Index of the first loaded module; the kernel's own image comes before.</summary>
    private const int FirstIndex = 1;

    [Atomic]
    private static ModuleImage?[]? s_images;

    /// <summary>All of them, by index; null where there is none.</summary>
    public static ReadOnlySpan<ModuleImage?> All => Volatile.Read(ref s_images);

    /// <summary>Adds a module and gives it the lowest free index.</summary>
    public static int Add(ModuleImage image)
    {
        ModuleImage?[] images = Volatile.Read(ref s_images) ?? [];
        int index = Array.IndexOf(images, null);
        if (index < 0)
        {
            index = images.Length;
            Array.Resize(ref images, Math.Max(4, index * 2));
        }

        images[index] = image;
        Volatile.Write(ref s_images, images);
        return index + FirstIndex;
    }

    /// <summary>Takes a module off the list; nothing when it is not on it.</summary>
    public static void Remove(ModuleImage image)
    {
        ModuleImage?[] images = Volatile.Read(ref s_images) ?? [];
        int index = Array.IndexOf(images, image);
        if (index >= 0)
        {
            images[index] = null;
        }
    }
}
