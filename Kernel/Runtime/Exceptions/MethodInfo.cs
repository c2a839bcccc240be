namespace CosmosKernel.Runtime.Exceptions;

/// <summary>
/// What the image says of the method that covers an address: its extent, whether it is a funclet (the separate body of a
/// <c>catch</c>, <c>finally</c> or filter), and where its exception clauses are.
/// </summary>
/// <remarks>
/// The language-specific data begins with a flag byte. A funclet's is followed by two relative 32-bit values: its main
/// method's data, and the distance from the main method's start. A main method's is followed by a relative pointer to
/// associated data and one to the clauses, each only if its flag is set.
/// </remarks>
internal unsafe struct MethodInfo
{
    private const byte KindMask = 3;
    private const byte FilterKind = 2;
    private const byte HasClauses = 4;
    private const byte ReversePInvoke = 8;
    private const byte HasAssociatedData = 16;

    /// <summary>How to unwind the part (main body or funclet) that holds the address.</summary>
    public FrameEntry Frame;

    /// <summary>First address of the main method, also for a funclet.</summary>
    public ulong MethodStart;

    private byte* _mainData;

    /// <summary>Whether the address is in a funclet.</summary>
    public readonly bool IsFunclet => (*Frame.LanguageData & KindMask) != 0;

    /// <summary>Whether the address is in a filter.</summary>
    public readonly bool IsFilter => (*Frame.LanguageData & KindMask) == FilterKind;

    /// <summary>Whether the method has exception clauses.</summary>
    public readonly bool HasExceptionClauses => (*_mainData & HasClauses) != 0;

    /// <summary>Whether native code calls the method, so that no exception may leave it.</summary>
    public readonly bool IsReversePInvoke => (*_mainData & ReversePInvoke) != 0;

    /// <summary>Whether rbp identifies the activation: true of funclets and of methods with clauses.</summary>
    public readonly bool HasFramePointer => IsFunclet || (*Frame.LanguageData & HasClauses) != 0;

    /// <summary>The method's associated data (the target of an instantiating stub), or null.</summary>
    public readonly byte* AssociatedData => (*_mainData & HasAssociatedData) != 0 ? Relative(_mainData + 1) : null;

    /// <summary>The encoded clauses, or null.</summary>
    public readonly byte* Clauses
    {
        get
        {
            if (!HasExceptionClauses)
            {
                return null;
            }

            return Relative(_mainData + 1 + ((*_mainData & HasAssociatedData) != 0 ? sizeof(int) : 0));
        }
    }

    /// <summary>Finds the method at <paramref name="address"/>; false if it is not in managed code.</summary>
    public static bool TryFind(ulong address, out MethodInfo method)
    {
        method = default;
        if (!UnwindTable.TryFind(address, out method.Frame) || method.Frame.LanguageData == null)
        {
            return false;
        }

        byte* data = method.Frame.LanguageData;
        if (method.IsFunclet)
        {
            method._mainData = Relative(data + 1);
            method.MethodStart = method.Frame.Start - (ulong)(long)*(int*)(data + 5);
        }
        else
        {
            method._mainData = data;
            method.MethodStart = method.Frame.Start;
        }

        return true;
    }

    private static byte* Relative(byte* place) => place + *(int*)place;
}
