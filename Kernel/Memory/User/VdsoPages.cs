using System;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Paging;
using CosmosKernel.Machine.Time;

namespace CosmosKernel.Memory.User;

/// <summary>The pages of the vDSO (vdso(7)), the same frames for all programs: its code, and the clocks that the code reads. They stay for good.</summary>
[Immutable]
public static unsafe class VdsoPages
{
    private static Page[] s_image = [];
    private static Page s_clocks;

    /// <summary>Number of the code's pages.</summary>
    public static int ImageCount => s_image.Length;

    /// <summary>The page of the clocks.</summary>
    public static Page Clocks => s_clocks;

    /// <summary>A page of the code. The caller gets no reference of its own.</summary>
    public static Page Image(int index) => s_image[index];

    /// <summary>Makes the pages. At boot, once, before the first program. Panics without memory.</summary>
    [BeforePublication]
    public static void Initialize()
    {
        ReadOnlySpan<byte> image = ImageLayout.Vdso;
        var pages = new Page[(image.Length + Page.Size - 1) / Page.Size];
        for (int i = 0; i < pages.Length; i++)
        {
            pages[i] = Take();
            ReadOnlySpan<byte> part = image[(i * Page.Size)..];
            pages[i].Write(0, part[..Math.Min(part.Length, Page.Size)]);
        }

        s_clocks = Take();
        s_image = pages;
        UserClockPage.Attach(s_clocks.Address);
    }

    private static Page Take()
    {
        if (!Page.TryAllocate(out Page page))
        {
            Panic.Now("There is no memory for the vDSO"u8);
        }

        return page;
    }
}
