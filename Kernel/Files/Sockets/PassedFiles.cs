using System;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Sockets;

/// <summary>
/// The files of the descriptors that a message passes (SCM_RIGHTS), each with a reference. It belongs to one task, then to the message, then to the receiver. While it is in a message it is <i>in flight</i>:
/// <see cref="FilesInFlight"/> counts it, and looks for sockets that only their own messages keep.
/// </summary>
public sealed class PassedFiles
{
    [Protocol("Given by the sending task to the message, and by that to the receiving task; each is alone with it.")]
    private OpenFile[] _files;

    /// <summary>Keeps files whose references the caller gives away. Task context.</summary>
    /// <param name="files">1 to 253 files.</param>
    public PassedFiles(ReadOnlySpan<OpenFile> files)
    {
        _files = files.ToArray();
    }

    /// <summary>The files, in the order of the descriptors.</summary>
    public ReadOnlySpan<OpenFile> Files => _files;

    /// <summary>Whom they are counted for while they are in flight.</summary>
    [GuardedBy(typeof(FilesInFlight), "s_lock")]
    internal InFlightAccount? Account { get; set; }


    /// <summary>They are counted as in flight.</summary>
    [GuardedBy(typeof(FilesInFlight), "s_lock")]
    internal bool IsInFlight { get; set; }

    /// <summary>The next that a search has found lost.</summary>
    [Protocol("Of files whose message has given them up: the searching task alone has them.")]
    internal PassedFiles? NextLost { get; set; }

    /// <summary>Gives all references up. Task context.</summary>
    [MightSleep]
    public void Release()
    {
        OpenFile[] files = _files;
        _files = [];
        foreach (OpenFile file in files)
        {
            SocketRelease.Release(file);
        }
    }
}
