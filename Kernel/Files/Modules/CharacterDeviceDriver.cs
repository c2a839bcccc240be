using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Modules;

/// <summary>
/// What opens the nodes of a module's character device (<see cref="ModuleFiles.AddCharacterDevice"/>). Called in task context, without any lock, by any number of tasks at once. An exception is reported with
/// the module's name, and open(2) fails with EIO; for lack of memory with ENOMEM.
/// </summary>
public abstract class CharacterDeviceDriver
{
    /// <summary>Opens a node; permissions have been checked, and the module is in use until the file is closed.</summary>
    /// <param name="minor">Its minor number.</param>
    /// <param name="flags">Of open(2).</param>
    /// <param name="file">What the operations on this open file go to: an object for each opening.</param>
    /// <returns>What open(2) returns; with Ok there must be a file.</returns>
    [MightSleep]
    public abstract Errno Open(uint minor, OpenFlags flags, out DeviceFile? file);
}
