using System;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Paging;

namespace CosmosKernel.Machine.Images;

/// <summary>
/// The modules that are loaded, by address. A change publishes a new array; the collector keeps the old one as long as somebody reads it, so that looking up takes no lock and is allowed in
/// any context: NMI, fault, panic.
/// </summary>
public static class CodeImages
{
    // Sorted by address. Whoever changes it holds the loader's mutex.
    [Atomic]
    private static CodeImage[]? s_images;

    /// <summary>All of them, sorted by address. Not to be changed.</summary>
    public static ReadOnlySpan<CodeImage> All => Volatile.Read(ref s_images);

    /// <summary>The module at an address, or null. Any context.</summary>
    [NoAllocation]
    public static CodeImage? Find(ulong address)
    {
        if (!ModuleArea.Contains(address) || Volatile.Read(ref s_images) is not { } images)
        {
            return null;
        }

        int low = 0;
        int high = images.Length;
        while (low < high)
        {
            int middle = (low + high) >> 1;
            if (images[middle].Start <= address)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low > 0 && images[low - 1].Contains(address) ? images[low - 1] : null;
    }

    /// <summary>Whether an address is in the code of the kernel or of a module. Any context.</summary>
    [NoAllocation]
    public static bool IsText(ulong address) => ImageLayout.IsText(address) || (Find(address) is { } image && address < image.TextEnd);

    /// <summary>Makes a module known. Task context; one caller at a time.</summary>
    public static void Add(CodeImage image)
    {
        CodeImage[] old = Volatile.Read(ref s_images) ?? [];
        var images = new CodeImage[old.Length + 1];
        int at = 0;
        while (at < old.Length && old[at].Start < image.Start)
        {
            images[at] = old[at];
            at++;
        }

        images[at] = image;
        Array.Copy(old, at, images, at + 1, old.Length - at);
        Volatile.Write(ref s_images, images); // With all that is in it, for the reads in Find.
    }

    /// <summary>Forgets a module. Task context; one caller at a time.</summary>
    public static void Remove(CodeImage image)
    {
        CodeImage[] old = Volatile.Read(ref s_images) ?? [];
        int at = Array.IndexOf(old, image);
        if (at >= 0)
        {
            var images = new CodeImage[old.Length - 1];
            Array.Copy(old, images, at);
            Array.Copy(old, at + 1, images, at, images.Length - at);
            Volatile.Write(ref s_images, images);
        }
    }
}
