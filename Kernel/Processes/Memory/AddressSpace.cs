using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Locking;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;
using CosmosKernel.Tasks;

namespace CosmosKernel.Processes.Memory;

/// <summary>
/// The user memory of a process: areas, which say what should be mapped, over a page table, which says what is. Pages come when they are touched. Counted: tasks that run in it
/// (CLONE_VM shares it), and whoever looks into it meanwhile.
/// <para>
/// The lock is held for reading by faults and by who looks, for writing by who changes areas. Order: this lock, the list of an object's mappings, an object's own locks, the page table's. Copying from or to
/// user memory may fault, so it is never done with the lock held.
/// </para>
/// </summary>
public sealed partial class AddressSpace : TaskAddressSpace
{
    /// <summary>Binary logarithm of <see cref="PageBytes"/>.</summary>
    public const int PageShift = 12;

    /// <summary>Bytes of a page.</summary>
    public const ulong PageBytes = 1ul << PageShift;

    /// <summary>End of user memory.</summary>
    public const ulong Limit = UserMemory.Limit;

    /// <summary>Most areas of each address space (vm.max_map_count). 0 and up. Any context.</summary>
    public static int MaximumAreas
    {
        get => Volatile.Read(ref s_maximumAreas);
        set => Volatile.Write(ref s_maximumAreas, value);
    }

    [Atomic]
    private static int s_maximumAreas = 65530;

    /// <summary>Lowest address that may be mapped without CAP_SYS_RAWIO (vm.mmap_min_addr). Page zero never is.</summary>
    public const ulong LowestAddress = 65536;

    private readonly ReaderWriterSemaphore _lock = new("address space");
    private readonly UserPageTable _pages;

    [GuardedBy(nameof(_lock))]
    private readonly AreaTree _areas = new();

    [Atomic]
    private int _users = 1;

    private AddressSpace(UserPageTable pages, in AddressLayout layout)
    {
        _pages = pages;
        Layout = layout;
    }

    /// <summary>Where its parts begin.</summary>
    public AddressLayout Layout { get; }

    /// <summary>The program that it was made for; null before one is loaded.</summary>
    [Protocol("Set by the loader before any task runs in it, or copied from the parent by fork.")]
    public ProgramImage? Image { get; internal set; }

    /// <summary>The page table, for the task switch and for what looks at single pages.</summary>
    public UserPageTable Pages => _pages;

    /// <summary>Tasks that run in it, and who looks into it. A snapshot.</summary>
    public int Users => Volatile.Read(ref _users);

    /// <summary>Makes an empty one, laid out by the limits of the running task. Task context.</summary>
    /// <param name="space">The address space, with one user: the caller.</param>
    /// <returns>ENOMEM.</returns>
    [MightSleep]
    public static Errno TryCreate(out AddressSpace? space)
    {
        MemoryLimits limits = MemoryLimits.Current;
        AddressLayout layout = AddressLayout.Create(limits.Stack, limits.LegacyLayout, limits.NoRandomization ? 0 : RandomBits.Next());
        UserPageTable? pages = UserPageTable.TryCreate();
        space = null;
        try
        {
            space = pages is null ? null : new AddressSpace(pages, layout);
        }
        catch (OutOfMemoryException)
        {
            pages!.Destroy();
        }

        return space is null ? Errno.ENOMEM : Errno.Ok;
    }

    /// <summary>The address of the page that an address is in.</summary>
    public static ulong PageDown(ulong address) => address & ~(PageBytes - 1);

    /// <summary>The least multiple of a page's bytes that is not below a number; 0 when there is none.</summary>
    public static ulong PageUp(ulong bytes) => unchecked(bytes + PageBytes - 1) & ~(PageBytes - 1);

    /// <summary>Whether an address is a multiple of a page's bytes.</summary>
    public static bool IsAligned(ulong address) => (address & (PageBytes - 1)) == 0;

    /// <summary>One more user, by one. Any context.</summary>
    [NoAllocation]
    public void AddUser() => Interlocked.Increment(ref _users);

    /// <summary>One more user, unless the last one has gone. Any context.</summary>
    /// <returns>False when it is being taken down.</returns>
    [NoAllocation]
    public bool TryAddUser()
    {
        int users = Volatile.Read(ref _users);
        while (users > 0)
        {
            int seen = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (seen == users)
            {
                return true;
            }

            users = seen;
        }

        return false;
    }

    /// <summary>One user less; with the last one all mappings go. No task that runs in it may call this for itself before it has left. Task context.</summary>
    [MightSleep]
    public void ReleaseUser()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            TakeDown();
        }
    }

    /// <summary>A task runs in it from now on: one of its users, which the task becomes. The task is the running one, or has not started. Task context.</summary>
    public void AttachTo(TaskStruct task)
    {
        task.AddressSpace = this;
        _pages.AttachTo(task.MachineThread);
    }

    /// <inheritdoc/>
    public override void Release(TaskStruct task)
    {
        UserPageTable.Detach(task.MachineThread);
        ReleaseUser();
    }

    /// <summary>An object has lost pages: takes them from the page table. With the object's list of mappings locked.</summary>
    [MightSleep]
    internal void ForgetPages(ulong start, ulong end, bool alsoAnonymous)
    {
        NotePeaks();
        _pages.Unmap(start, end, keepAnonymous: !alsoAnonymous);
    }

    /// <summary>A page that is there, for a device (<see cref="UserPageTable.TryTakeForTransfer"/>).</summary>
    [UserAccess("The address is only a place in the tables.")]
    internal bool TryTakeForTransfer([UserAddress] ulong address, bool forWrite, out Page page) => _pages.TryTakeForTransfer(address, forWrite, out page);

    private static UserRights RightsOf(MemoryProtection protection)
    {
        UserRights rights = UserRights.None;
        if ((protection & MemoryProtection.All) != 0)
        {
            rights |= UserRights.Read;
        }

        if ((protection & MemoryProtection.Write) != 0)
        {
            rights |= UserRights.Write;
        }

        if ((protection & MemoryProtection.Execute) != 0)
        {
            rights |= UserRights.Execute;
        }

        return rights;
    }

    // Nobody uses it any more, and no new user comes.
    [MightSleep]
    private void TakeDown()
    {
        NotePeaks();
        DroppedAreas dropped = default;
        using (_lock.EnterWrite())
        {
            while (_areas.First is { } area)
            {
                Leave(area, ref dropped);
            }
        }

        _pages.Destroy();
        dropped.Release();
    }
}
