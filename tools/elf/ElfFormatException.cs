using System;

namespace CosmosKernel.Tools.Elf;

/// <summary>A file is not the ELF64 (or the DWARF) that it claims to be; the message names the file and the offending field.</summary>
public sealed class ElfFormatException : Exception
{
    /// <summary>Creates the exception with a message for the person who built the file.</summary>
    public ElfFormatException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and the error that revealed the problem.</summary>
    public ElfFormatException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception without a message.</summary>
    public ElfFormatException()
    {
    }
}
