using System.Text;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;

namespace CosmosKernel.Processes.ProcFs;

/// <summary>Places for open files that have none in the tree, so that /proc/PID/fd/N can be opened anew.</summary>
internal static class AnonymousPlaces
{
    /// <summary>A place that only this file has. Task context.</summary>
    public static VfsPath Of(OpenFile file)
    {
        var entry = new DirectoryEntry(null, Encoding.UTF8.GetBytes(file.Description ?? ""), file.Inode);
        return new VfsPath(new Mount(file.Inode.FileSystem, entry, default, "none"), entry);
    }
}
