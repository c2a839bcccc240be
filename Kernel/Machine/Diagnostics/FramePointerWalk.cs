using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Images;
using CosmosKernel.Machine.Paging;

namespace CosmosKernel.Machine.Diagnostics;

/// <summary>A backtrace by saved frame pointers, for panics before the runtime's unwinder is there. Reads only mapped memory.</summary>
internal static unsafe class FramePointerWalk
{
    private const int MaximumFrames = 64;

    public static void Write(ulong frame)
    {
        for (int i = 0; i < MaximumFrames; i++)
        {
            if (frame < DirectMap.Base || (frame & 7) != 0 || !IsMapped(frame) || !IsMapped(frame + 8))
            {
                return;
            }

            ulong returnAddress = ((ulong*)frame)[1];
            if (!CodeImages.IsText(returnAddress))
            {
                return;
            }

            SymbolWriter.WriteFrame(returnAddress - 1);
            ulong next = *(ulong*)frame;
            if (next <= frame)
            {
                return;
            }

            frame = next;
        }
    }

    private static bool IsMapped(ulong address) => PageTables.RootPhysical == 0 ? address >= ImageLayout.VirtualBase : PageTables.TryTranslate(address, out _);
}
