using System;
using System.Runtime.InteropServices;

namespace CosmosKernel.Tests.Checks;

/// <summary>Memory whose last byte is the last one of its page; the page behind it faults on any access.</summary>
internal sealed unsafe partial class GuardedMemory : IDisposable
{
    private const int PageSize = 4096;
    private const int ReadWrite = 3;
    private const int PrivateAnonymous = 0x22;

    private readonly byte* _mapping;
    private readonly nuint _size;

    /// <summary>Maps <paramref name="length"/> bytes in front of the guard.</summary>
    public GuardedMemory(int length)
    {
        nuint usable = (nuint)((length + PageSize - 1) / PageSize * PageSize);
        _size = usable + PageSize;
        _mapping = (byte*)Map(0, _size, ReadWrite, PrivateAnonymous, -1, 0);
        if ((nint)_mapping == -1 || Protect(_mapping + usable, PageSize, 0) != 0)
        {
            throw new InvalidOperationException($"mmap or mprotect failed: {Marshal.GetLastPInvokeError()}");
        }

        Start = _mapping + usable - length;
        Length = length;
    }

    /// <summary>The first byte.</summary>
    public byte* Start { get; }

    /// <summary>Number of bytes.</summary>
    public int Length { get; }

    /// <summary>The bytes.</summary>
    public Span<byte> Span => new(Start, Length);

    /// <inheritdoc/>
    public void Dispose() => _ = Unmap(_mapping, _size);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nuint size, int protection, int flags, int descriptor, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int Protect(byte* address, nuint size, int protection);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(byte* address, nuint size);
}
