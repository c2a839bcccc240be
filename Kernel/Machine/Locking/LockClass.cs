namespace CosmosKernel.Machine.Locking;

/// <summary>
/// All locks of one kind, which are used by the same rules: every lock is made with its class, and the lock validator, the lock statistics and
/// <c>docs/locks.md</c> speak of classes. <b>The list is the lock order</b>: while a lock is held, only locks further down may be taken. Two locks of one
/// class are never held together, unless the class says by <see cref="NestsAscendingAttribute"/> in which order.
/// Classes of modules are not in this list: they come from <see cref="LockClasses.Register"/>, and their order is the one that the validator sees first.
/// </summary>
/// <remarks>
/// To add one: a member here, at its place in the order, and its name in <see cref="DeclaredLockClasses"/>, which a unit test compares. 0 is what a lock has that was made without a class,
/// and the validator refuses it.
/// </remarks>
public enum LockClass : ushort
{
    /// <summary>A lock that was made by <c>default</c>: refused.</summary>
    None = 0,

    /// <summary>A lock whose class could not be registered for want of room: it is not checked.</summary>
    Unclassified,

    /// <summary>A lock that only a test takes, for what no other class fits.</summary>
    Test,

    // Sleeping locks come here, before all spin locks.

    // Registries, in task context.

    /// <summary>The scheduling classes that are registered.</summary>
    SchedulingClasses,

    /// <summary>The state of the random number generator.</summary>
    RandomNumbers,

    /// <summary>The caches of interface dispatch.</summary>
    InterfaceDispatch,

    /// <summary>Drivers that take part in a panic's report.</summary>
    PanicOutput,

    // Devices and interrupts.

    /// <summary>The two ports of PCI configuration space.</summary>
    PciPorts,

    /// <summary>Vectors and lines of device interrupts.</summary>
    DeviceInterrupts,

    /// <summary>The index register of an I/O APIC.</summary>
    IoApic,

    /// <summary>The index port of the CMOS clock.</summary>
    CmosClock,

    /// <summary>What an input device reports. Who receives it takes locks of modules and wakes tasks.</summary>
    InputDevice,

    // The managed heap. A collection takes all of them, in this order, before it stops the world.

    /// <summary>One size class of the heap.</summary>
    [NestsAscending("index of the size class")]
    HeapSizeClass,

    /// <summary>The heap's objects above the largest size class.</summary>
    HeapLarge,

    /// <summary>The heap's table of blocks.</summary>
    HeapBlocks,

    /// <summary>The heap's handles.</summary>
    HeapHandles,

    /// <summary>Objects with finalizers.</summary>
    HeapFinalization,

    /// <summary>The memory that the heap keeps for exceptions.</summary>
    HeapReserve,

    // Processes. Locks of terminals, which send signals, come before them; those of poll queues, which signals wake, after them.

    /// <summary>Who is whose parent, and which process is in which group and session.</summary>
    ProcessTree,

    /// <summary>The table of ids of threads, processes, groups and sessions.</summary>
    ProcessIds,

    /// <summary>A process's pending signals, its threads and its job-control state.</summary>
    ProcessSignals,

    /// <summary>One timer of a process.</summary>
    ProcessTimer,

    /// <summary>What one or several processes do about signals.</summary>
    SignalHandlers,

    /// <summary>What each user has of what is limited by user.</summary>
    UserAccounts,

    // Files of user space. Their events wake tasks.

    /// <summary>The entries below one directory in the cache of names.</summary>
    DirectoryEntries,

    /// <summary>The pages of one file of tmpfs.</summary>
    FilePages,

    /// <summary>The cached pages of one block device, and their states.</summary>
    BlockPages,

    /// <summary>The requests of one hardware queue of a disk, and what waits for them.</summary>
    BlockHardwareQueue,

    /// <summary>What the tasks of one CPU have handed in for a disk.</summary>
    BlockSoftwareQueue,

    /// <summary>Transfers between the block cache and disks that are free for use.</summary>
    BlockTransfers,

    /// <summary>The events of one inotify instance.</summary>
    NotificationQueue,

    /// <summary>Who waits for a moment of real time.</summary>
    RealtimeWatchers,

    /// <summary>The page from which programs read the clocks themselves.</summary>
    UserClockPage,

    /// <summary>Datagram sockets that wait for room at others.</summary>
    SocketPeers,

    /// <summary>Watchers of poll and epoll at one file. Epolls that watch each other have ascending numbers.</summary>
    [NestsAscending("nesting of epolls, 0 for other files")]
    PollQueue,

    /// <summary>The files of one epoll for which something has happened.</summary>
    EpollReady,

    /// <summary>The count of one eventfd or timerfd.</summary>
    EventFile,

    /// <summary>The system calls that wait at one seccomp listener.</summary>
    SeccompListener,

    // Waiting and running.

    /// <summary>What the console has read and nobody has taken.</summary>
    ConsoleInput,

    /// <summary>The items and workers of a pool of work queues.</summary>
    WorkerPool,

    /// <summary>Which grace periods of RCU are wanted.</summary>
    GracePeriods,

    /// <summary>Callbacks of RCU whose grace period has ended.</summary>
    RcuReady,

    /// <summary>Callbacks of RCU that were handed in on one CPU.</summary>
    RcuCallbacks,

    /// <summary>The waiters of futexes of one hash value.</summary>
    [NestsAscending("number of the bucket")]
    FutexBucket,

    /// <summary>The PI futexes that one thread owns.</summary>
    FutexOwner,

    /// <summary>One shared memory segment, semaphore set or message queue of System V.</summary>
    IpcObject,

    /// <summary>One POSIX message queue.</summary>
    MessageQueue,

    /// <summary>A wait queue's waiters.</summary>
    WaitQueue,

    /// <summary>A completion's state and waiters.</summary>
    Completion,

    /// <summary>A semaphore's count and waiters.</summary>
    Semaphore,

    /// <summary>A mutex's waiters.</summary>
    MutexWaiters,

    /// <summary>A condition variable's waiters.</summary>
    ConditionVariable,

    /// <summary>The state and waiters of a lock in Kernel/Locking: event counter, reader-writer semaphore, barrier.</summary>
    LockWaiters,

    /// <summary>Who waits for whom through locks with priority inheritance.</summary>
    PriorityInheritance,

    /// <summary>The table of tasks by pid.</summary>
    TaskTable,

    /// <summary>Who created whom.</summary>
    TaskTree,

    /// <summary>Tasks that ended and wait to be released.</summary>
    Reaper,

    /// <summary>A task's leaving of a sleeping state.</summary>
    TaskWake,

    /// <summary>A CPU's run queue.</summary>
    [NestsAscending("number of the CPU")]
    RunQueue,

    /// <summary>Tasks that one CPU saw inside a read-side section of RCU.</summary>
    BlockedReaders,

    /// <summary>How much of each CPU is promised to deadline tasks.</summary>
    DeadlineBandwidth,

    /// <summary>One CPU's timers. Free while a timer's handler runs.</summary>
    TimerQueue,

    /// <summary>The timer that wakes CPUs whose own stops.</summary>
    BroadcastTimer,

    // Memory.

    /// <summary>The pages of shared anonymous memory.</summary>
    SharedMemoryPages,

    /// <summary>The list of all threads.</summary>
    ThreadList,

    /// <summary>Stacks that are kept for reuse.</summary>
    KernelStacks,

    /// <summary>The ranges of the area for virtual mappings.</summary>
    VirtualAreas,

    /// <summary>The kernel's page tables.</summary>
    PageTables,

    /// <summary>The tables of one user address space.</summary>
    UserPageTable,

    /// <summary>Frames that are kept for page tables.</summary>
    PageTableFrames,

    /// <summary>A CPU's stock of objects of one slab cache.</summary>
    SlabMagazine,

    /// <summary>The slabs of one cache.</summary>
    SlabCache,

    /// <summary>A CPU's stock of frames.</summary>
    FrameCache,

    /// <summary>DMA memory that no buffer uses at the moment.</summary>
    DmaMemory,

    /// <summary>The free frames of one zone.</summary>
    BuddyZone,

    /// <summary>The number of classes above. Not a class.</summary>
    DeclaredCount,
}
