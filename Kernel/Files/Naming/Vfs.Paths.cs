using System;
using CosmosKernel.Abi;

namespace CosmosKernel.Files.Naming;

// From places back to paths.
public static partial class Vfs
{
    private static ReadOnlySpan<byte> Deleted => " (deleted)"u8;

    private static ReadOnlySpan<byte> Unreachable => "(unreachable)"u8;

    /// <summary>The path of a place as seen from a root, as getcwd(2) and /proc show it; with <c> (deleted)</c> behind it when it has no name any more. Any context.</summary>
    /// <param name="path">The place.</param>
    /// <param name="root">What / is.</param>
    /// <param name="to">Where the text goes, without NUL.</param>
    /// <param name="length">Bytes put there.</param>
    /// <returns>ENAMETOOLONG: it does not fit. ENOENT: it is not below the root; the text then begins with <c>(unreachable)</c>.</returns>
    public static Errno GetPath(in VfsPath path, in VfsPath root, Span<byte> to, out int length)
    {
        length = 0;
        bool isDeleted = path.Entry.IsDeleted;
        int start = to.Length;
        if (isDeleted && !Prepend(to, ref start, Deleted))
        {
            return Errno.ENAMETOOLONG;
        }

        int end = start;
        VfsPath at = path;
        bool isReachable = true;
        while (at != root)
        {
            if (ReferenceEquals(at.Entry, at.Mount.Root))
            {
                if (at.Mount.Place is not { } place)
                {
                    isReachable = at.Mount.IsInternal;
                    break;
                }

                at = new VfsPath(place.Parent, place.Entry);
                continue;
            }

            NameLink link = at.Entry.Link;
            if (link.Parent is not { } parent)
            {
                isReachable = false;
                break;
            }

            if (!Prepend(to, ref start, link.Name) || !Prepend(to, ref start, "/"u8))
            {
                return Errno.ENAMETOOLONG;
            }

            at = new VfsPath(at.Mount, parent);
        }

        if ((start == end && !Prepend(to, ref start, "/"u8)) || (!isReachable && !Prepend(to, ref start, Unreachable)))
        {
            return Errno.ENAMETOOLONG;
        }

        length = to.Length - start;
        to[start..].CopyTo(to);
        return isReachable ? Errno.Ok : Errno.ENOENT;
    }

    private static bool Prepend(Span<byte> to, ref int start, ReadOnlySpan<byte> text)
    {
        if (text.Length > start)
        {
            return false;
        }

        start -= text.Length;
        text.CopyTo(to[start..]);
        return true;
    }
}
