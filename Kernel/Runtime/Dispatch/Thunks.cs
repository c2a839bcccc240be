using System.Runtime;
using System.Runtime.CompilerServices;
using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Runtime.Dispatch;

/// <summary>
/// The thunks that CoreLib hands out: all are in the image (<c>Thunks.xs</c>), as 4 blocks of 255. When they are used up, CoreLib
/// throws <see cref="System.OutOfMemoryException"/>; only a delegate that is kept as a function pointer, and each slot of a dynamically
/// implemented interface, holds one.
/// </summary>
internal static unsafe class Thunks
{
    private const int Blocks = 4;
    private const int ThunksPerBlock = 255;
    private const int ThunkSize = 16;
    private const int BlockSize = 4096;

    [Atomic]
    private static int s_givenOut;

    [RuntimeExport("RhpGetNumThunkBlocksPerMapping")]
    private static int BlocksPerMapping() => Blocks;

    [RuntimeExport("RhpGetNumThunksPerBlock")]
    private static int PerBlock() => ThunksPerBlock;

    [RuntimeExport("RhpGetThunkSize")]
    private static int Size() => ThunkSize;

    [RuntimeExport("RhpGetThunkBlockSize")]
    private static int SizeOfBlock() => BlockSize;

    [RuntimeExport("RhpGetThunkDataBlockAddress")]
    private static nint DataOf(nint code) => (code & -BlockSize) - CodeAddress() + DataAddress();

    [RuntimeExport("RhpGetThunkStubsBlockAddress")]
    private static nint CodeOf(nint data) => (data & -BlockSize) - DataAddress() + CodeAddress();

    // The one mapping that there is; 0 the next time.
    [RuntimeExport("RhAllocateThunksMapping")]
    private static nint AllocateMapping() => Interlocked.Exchange(ref s_givenOut, 1) == 0 ? CodeAddress() : 0;

    [RuntimeImport("ThunkCodeAddress")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern nint CodeAddress();

    [RuntimeImport("ThunkDataAddress")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern nint DataAddress();
}
