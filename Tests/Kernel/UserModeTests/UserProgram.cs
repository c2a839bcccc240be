using System;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;

namespace CosmosKernel.Tests.UserMode;

/// <summary>An address space with a page of code, one of data and one of stack, and threads that run in it.</summary>
internal sealed class UserProgram : IDisposable
{
    /// <summary>Where the code lies: readable and executable.</summary>
    public const ulong Code = 0x40_0000;

    /// <summary>A page of data: readable and writable.</summary>
    public const ulong Data = 0x50_0000;

    /// <summary>The first address above the page of stack.</summary>
    public const ulong StackTop = 0x7F00_0000_0000;

    /// <summary>Makes it with the given code.</summary>
    public UserProgram(ReadOnlySpan<byte> code)
    {
        Table = UserPageTable.TryCreate() ?? throw new InvalidOperationException("There is no memory for a page table.");
        CodePage = Map(Code, UserRights.Read | UserRights.Execute);
        CodePage.Write(0, code);
        DataPage = Map(Data, UserRights.Read | UserRights.Write);
        Map(StackTop - Page.Size, UserRights.Read | UserRights.Write);
    }

    /// <summary>The tables.</summary>
    public UserPageTable Table { get; }

    /// <summary>The page at <see cref="Code"/>.</summary>
    public Page CodePage { get; }

    /// <summary>The page at <see cref="Data"/>.</summary>
    public Page DataPage { get; }

    /// <summary>Maps a new page of zeros.</summary>
    public Page Map(ulong address, UserRights rights, bool shared = false)
    {
        Check.True(Page.TryAllocate(out Page page), "there is no memory for a page");
        Check.True(Table.TryMap(address, page, rights, shared), $"the page at {address:x} could not be mapped");
        return page;
    }

    /// <summary>Reads a word of the data page.</summary>
    public ulong ReadData(int offset)
    {
        Span<byte> bytes = stackalloc byte[8];
        DataPage.Read(offset, bytes);
        return BitConverter.ToUInt64(bytes);
    }

    /// <summary>A context that begins at the start of the code, with its stack.</summary>
    public static UserContext NewContext()
    {
        UserContext context = UserContext.TryCreate() ?? throw new InvalidOperationException("There is no memory for a context.");
        context.Registers.Rip = Code;
        context.Registers.Rsp = StackTop;
        return context;
    }

    /// <summary>Runs a thread in the current task: the body gets the context, with the address space attached.</summary>
    public void Run(Action<UserContext> body)
    {
        UserContext context = NewContext();
        Table.AttachTo(TaskStruct.Current.Thread);
        try
        {
            body(context);
        }
        finally
        {
            UserPageTable.Detach(TaskStruct.Current.Thread);
            context.Release();
        }
    }

    /// <summary>Compares an address of user space.</summary>
    [UserAccess("Compares it only.")]
    public static void CheckAddress(ulong expected, [UserAddress] ulong actual, string what) => Check.Equal(expected, actual, what);

    /// <summary>Frees the address space: no thread runs in it any more.</summary>
    public void Dispose() => Table.Destroy();
}
