using System;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Processes.Memory;

namespace CosmosKernel.Processes.Loading;

/// <summary>
/// Loads programs (execve(2)): ELF files, static or with an interpreter, and scripts. All of it happens in a new address space, so that whatever fails leaves the running program as it is.
/// </summary>
public static class ProgramLoader
{
    /// <summary>Does all of loading that can fail. Task context.</summary>
    /// <param name="request">What to load.</param>
    /// <param name="program">The program.</param>
    /// <returns>ENOEXEC, E2BIG, ELOOP, ELIBBAD, ENOMEM, EFAULT, EIO, and what opening an interpreter gives: as execve(2) says. Nothing is left then.</returns>
    [MightSleep]
    public static Errno Prepare(LoadRequest request, out LoadedProgram? program)
    {
        ArgumentNullException.ThrowIfNull(request);
        program = null;
        Errno error = AddressSpace.TryCreate(out AddressSpace? space);
        if (space is null)
        {
            return error;
        }

        try
        {
            ProgramLoad load = new(request, space);
            error = load.Run();
            program = error == Errno.Ok ? load.Program : null;
        }
        catch (OutOfMemoryException)
        {
            error = Errno.ENOMEM;
        }

        if (program is null)
        {
            space.ReleaseUser();
        }

        return error;
    }
}
