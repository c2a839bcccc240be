using System;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes.Memory;

namespace CosmosKernel.Processes.Loading;

/// <summary>
/// The strings at the top of a new program's stack, from the last to the first: the file's name, the environment, the arguments. They go from the running task's memory straight into the new
/// address space; limits are those of execve(2).
/// </summary>
[TaskPrivate]
internal sealed class StringStack
{
    /// <summary>Most bytes of one string, the NUL included (MAX_ARG_STRLEN).</summary>
    public const int LongestString = 131072;

    // What the strings and pointers of any program may take, however small the stack may become (ARG_MAX), and however large: 3/4 of the usual limit.
    private const ulong LeastLimit = 131072;
    private const ulong MostLimit = 6 * 1024 * 1024;

    private readonly AddressSpace _space;
    private readonly byte[] _buffer = new byte[Page.Size];
    private readonly ulong _top;
    private readonly ulong _limit;
    private ulong _pointers;

    /// <summary>Begins at the top of a stack that is mapped.</summary>
    /// <param name="space">The new address space.</param>
    /// <param name="top">End of the stack.</param>
    /// <param name="stackLimit">RLIMIT_STACK.</param>
    public StringStack(AddressSpace space, ulong top, ulong stackLimit)
    {
        _space = space;

        // The topmost word stays zero.
        _top = top - sizeof(ulong);
        Pointer = _top;
        _limit = Math.Max(LeastLimit, Math.Min(stackLimit / 4, MostLimit));
    }

    /// <summary>Address of the string that was put there last.</summary>
    public ulong Pointer { get; private set; }

    /// <summary>Puts a string there.</summary>
    /// <param name="text">Without NUL.</param>
    /// <returns>E2BIG, ENOMEM.</returns>
    [MightSleep]
    public Errno Push(ReadOnlySpan<byte> text)
    {
        if (text.Length >= LongestString || !TryReserve((ulong)text.Length + 1))
        {
            return Errno.E2BIG;
        }

        // The NUL is there already: the stack is new.
        return Write(Pointer, text);
    }

    /// <summary>Puts all strings there, so that the first one is lowest.</summary>
    /// <param name="strings">Where they are.</param>
    /// <param name="count">How many there are.</param>
    /// <returns>EFAULT, E2BIG, ENOMEM.</returns>
    [MightSleep]
    [UserAccess("Reads pointers and strings by UserMemory, which checks them.")]
    public Errno PushAll(ProgramStrings strings, out int count)
    {
        count = 0;
        Errno error = strings.Strings is { } known ? Reserve(known.Count, out count) : CountPointers(strings.Array, out count);
        for (int i = count - 1; i >= 0 && error == Errno.Ok; i--)
        {
            if (strings.Strings is { } kernel)
            {
                error = Push(kernel[i]);
            }
            else
            {
                // What was not null when it was counted may be now: a bad address, like any other.
                error = UserMemory.TryRead(strings.Array + ((ulong)i * sizeof(ulong)), out ulong address) ? PushUser(address) : Errno.EFAULT;
            }
        }

        return error;
    }

    /// <summary>One more argument than there were strings for.</summary>
    /// <returns>E2BIG.</returns>
    public Errno Reserve(int pointers, out int count)
    {
        count = pointers;
        _pointers += (ulong)pointers * sizeof(ulong);
        return TryReserve(0) ? Errno.Ok : Errno.E2BIG;
    }

    /// <summary>Takes the lowest string away: the first argument, in whose place a script's interpreter comes.</summary>
    /// <returns>EFAULT when it cannot be read.</returns>
    [MightSleep]
    public Errno Pop()
    {
        Errno error = FindEnd(Pointer, out ulong end);
        Pointer = end;
        return error;
    }

    /// <summary>Finds the end of a string that is there.</summary>
    /// <param name="start">Its address.</param>
    /// <param name="end">Address after its NUL.</param>
    /// <returns>EFAULT when it cannot be read.</returns>
    [MightSleep]
    public Errno FindEnd(ulong start, out ulong end)
    {
        end = start;
        while (end < _top)
        {
            int part = (int)Math.Min(Page.Size - (end % Page.Size), _top - end);
            Span<byte> bytes = _buffer.AsSpan(0, part);
            if (_space.ReadRemote(end, bytes) != part)
            {
                return Errno.EFAULT;
            }

            int nul = bytes.IndexOf((byte)0);
            if (nul >= 0)
            {
                end += (ulong)nul + 1;
                return Errno.Ok;
            }

            end += (ulong)part;
        }

        return Errno.Ok;
    }

    [UserAccess("Reads pointers by UserMemory, which checks them.")]
    [MightSleep]
    private Errno CountPointers([UserAddress] ulong array, out int count)
    {
        count = 0;
        if (array == 0)
        {
            return Errno.Ok;
        }

        while (true)
        {
            if (!UserMemory.TryRead(array + ((ulong)count * sizeof(ulong)), out ulong pointer))
            {
                return Errno.EFAULT;
            }

            if (pointer == 0)
            {
                return Reserve(count, out count);
            }

            count++;
            if ((ulong)count * sizeof(ulong) > MostLimit)
            {
                return Errno.E2BIG;
            }
        }
    }

    [UserAccess("Reads the string by UserMemory, which checks it.")]
    [MightSleep]
    private Errno PushUser([UserAddress] ulong address)
    {
        int length = UserMemory.ReadString(address, _buffer);
        if (length >= 0)
        {
            return Push(_buffer.AsSpan(0, length));
        }

        return length == -(int)Errno.ENAMETOOLONG ? PushLong(address) : Errno.EFAULT;
    }

    // Longer than the buffer: first its length, then its bytes, which may have changed by then; the NUL behind them is there in any case.
    [UserAccess("Reads the string by UserMemory, which checks it.")]
    [MightSleep]
    private Errno PushLong([UserAddress] ulong address)
    {
        int length = 0;
        int part;
        do
        {
            part = UserMemory.ReadString(address + (ulong)length, _buffer);
            if (part < 0 && part != -(int)Errno.ENAMETOOLONG)
            {
                return Errno.EFAULT;
            }

            length += part < 0 ? _buffer.Length : part;
            if (length >= LongestString)
            {
                return Errno.E2BIG;
            }
        }
        while (part < 0);

        if (!TryReserve((ulong)length + 1))
        {
            return Errno.E2BIG;
        }

        for (int done = 0; done < length; done += part)
        {
            part = Math.Min(_buffer.Length, length - done);
            Span<byte> bytes = _buffer.AsSpan(0, part);
            if (!UserMemory.TryRead(address + (ulong)done, bytes))
            {
                return Errno.EFAULT;
            }

            Errno error = Write(Pointer + (ulong)done, bytes);
            if (error != Errno.Ok)
            {
                return error;
            }
        }

        return Errno.Ok;
    }

    private bool TryReserve(ulong bytes)
    {
        ulong used = _top - Pointer + bytes;
        if (_pointers >= _limit || used > _limit - _pointers)
        {
            return false;
        }

        Pointer -= bytes;
        return true;
    }

    [MightSleep]
    private Errno Write(ulong address, ReadOnlySpan<byte> bytes) => _space.WriteRemote(address, bytes) == bytes.Length ? Errno.Ok : Errno.ENOMEM;
}
