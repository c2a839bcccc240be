namespace CosmosKernel.Tools.IlCheck;

/// <summary>One use of something unsafe.</summary>
/// <param name="Assembly">Simple name of the assembly.</param>
/// <param name="Where">Type or member that contains it.</param>
/// <param name="Offset">IL offset in the method, or -1 outside of code.</param>
/// <param name="File">Source file, or empty when the assembly has no debug information for it.</param>
/// <param name="Line">Source line from 1, or 0.</param>
/// <param name="What">What is used.</param>
/// <param name="Reason">Why that is unsafe.</param>
internal sealed record Finding(string Assembly, string Where, int Offset, string File, int Line, string What, string Reason)
{
    /// <summary>The finding in the form of a compiler error, which editors understand.</summary>
    public override string ToString()
    {
        string place = Line > 0 ? $"{File}({Line})" : Assembly;
        string offset = Offset >= 0 ? $" at IL_{Offset:x4}" : string.Empty;
        return $"{place}: error: {Assembly}: {Where}{offset}: {What}: {Reason}";
    }
}
