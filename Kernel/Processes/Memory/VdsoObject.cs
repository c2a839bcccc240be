using CosmosKernel.Abi;
using CosmosKernel.Files;
using CosmosKernel.Memory.User;

namespace CosmosKernel.Processes.Memory;

/// <summary>The vDSO's code, or the page of clocks that it reads, as something to map.</summary>
internal sealed class VdsoObject : MappedObject
{
    private readonly bool _isClocks;

    private VdsoObject(bool isClocks) => _isClocks = isClocks;

    /// <summary>The page of clocks.</summary>
    public static VdsoObject Clocks { get; } = new(isClocks: true);

    /// <summary>The code.</summary>
    public static VdsoObject Image { get; } = new(isClocks: false);

    /// <inheritdoc/>
    public override ulong Size => (_isClocks ? 1 : (ulong)VdsoPages.ImageCount) * AddressSpace.PageBytes;

    /// <inheritdoc/>
    public override bool IsSharedMemory => false;

    /// <inheritdoc/>
    public override Errno TryGetPage(ulong index, bool forWrite, out Page page) => TryFindPage(index, out page) ? Errno.Ok : Errno.EFAULT;

    /// <inheritdoc/>
    public override bool TryFindPage(ulong index, out Page page)
    {
        page = default;
        if (index >= Size / AddressSpace.PageBytes)
        {
            return false;
        }

        page = _isClocks ? VdsoPages.Clocks : VdsoPages.Image((int)index);
        page.AddReference();
        return true;
    }
}
