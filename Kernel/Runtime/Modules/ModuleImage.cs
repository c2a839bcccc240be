using System;
using System.Runtime;
using System.Runtime.CompilerServices;
using System.Threading;
using CosmosKernel.Machine.Images;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Paging;
using CosmosKernel.Memory.Slabs;
using CosmosKernel.Runtime.Dispatch;
using CosmosKernel.Runtime.Heap;
using CosmosKernel.Runtime.Startup;

namespace CosmosKernel.Runtime.Modules;

/// <summary>
/// A loaded module as the .NET runtime sees it: its type manager, the bases of its static fields, its start-up code. What CoreLib's start-up code does for the kernel's own image
/// (<c>StartupCodeHelpers.InitializeModules</c>) is done here for one more. Task context, one caller at a time for all modules: the loader has a mutex.
/// </summary>
[Protocol("Touched by the task that holds the loader's mutex, and by the collector with the world stopped.")]
public sealed unsafe class ModuleImage
{
    private const int GcStaticRegion = 201;
    private const int ThreadStaticRegion = 202;
    private const int TypeManagerIndirection = 204;
    private const int EagerConstructors = 205;
    private const int FrozenObjects = 206;
    private const int DehydratedData = 207;
    private const int ModuleInitializers = 213;
    private const int EmbeddedMetadata = 313;

    // The lowest two bits of a static base that was not made yet (CoreLib: GCStaticRegionConstants).
    private const long NotMade = 1;
    private const long HasInitialData = 2;

    private readonly CodeImage _code;
    private readonly nint _header;
    private readonly nint _entry;
    private nint _frozenSegment;
    private TypeManager* _manager;
    private nuint _hiddenBases;
    private nuint _holder;
    private int _fate;

    private ModuleImage(CodeImage code, ulong header, ulong entry)
    {
        _code = code;

        // Kept inverted: this object must not look like one that refers to the module.
        _header = ~(nint)header;
        _entry = ~(nint)entry;
    }

    /// <summary>Index of the module's thread statics in each thread's storage.</summary>
    public int Index { get; private set; }

    /// <summary>What starts from addresses sees.</summary>
    public CodeImage Code => _code;

    /// <summary>What is known of it. Set to going by <see cref="BeginUnload"/>, then to dead by a collection.</summary>
    public ModuleFate Fate => (ModuleFate)Volatile.Read(ref _fate);

    /// <summary>Where the last collection first found something that refers to it.</summary>
    public ModulePlace Place { get; private set; }

    /// <summary>Whose stack it is, when <see cref="Place"/> is a stack: the thread's id; 0: a processor's registers or interrupt stack.</summary>
    public ulong Thread { get; private set; }

    /// <summary>How many references to it the last collection found in objects of the heap.</summary>
    public uint References { get; private set; }

    // The objects that hold the module's static fields. Alive as long as this is, or as long as anything of the module is reached.
    internal object?[] StaticBases { get; private set; } = [];

    internal TypeManager* Manager => _manager;

    // Whether reflection looks into it.
    internal bool IsListed { get; private set; }

    // What the reader of the module's metadata in the list of modules refers to, while it is there.
    internal nuint Metadata => IsListed ? (nuint)Section(EmbeddedMetadata, out _) : 0;

    internal ref readonly CodeImage CodeField => ref _code;

    // The array of the static bases of a module that goes: no reference, so that the bases live only if the collector finds the module reached.
    internal nuint HiddenStaticBases => ~_hiddenBases;

    /// <summary>Makes the module known to the runtime. Its memory is mapped and relocated, and <paramref name="code"/> known to <see cref="CodeImages"/>.</summary>
    /// <param name="code">The image.</param>
    /// <param name="header">Address of the ready-to-run header.</param>
    /// <param name="entry">Address of the entry, managed code with the signature <c>static object Entry()</c>.</param>
    /// <param name="problem">What is wrong when the result is null.</param>
    /// <returns>Null when the module's tables are not what they should be, or memory ran out. Nothing is left registered then.</returns>
    [MightSleep]
    public static ModuleImage? TryRegister(CodeImage code, ulong header, ulong entry, out string problem)
    {
        var image = new ModuleImage(code, header, entry);
        problem = image.Register();
        if (problem.Length == 0)
        {
            return image;
        }

        image.Unregister();
        return null;
    }

    /// <summary>Runs the module's eager class constructors and module initializers. What they throw is the caller's.</summary>
    [MightSleep]
    public void RunInitializers()
    {
        RunInitializers(EagerConstructors);
        RunInitializers(ModuleInitializers);
    }

    /// <summary>Calls the module's entry. What it throws is the caller's.</summary>
    [MightSleep]
    public object? CallEntry() => ((delegate*<object?>)(~_entry))();

    /// <summary>The module was stopped: from now on collections look whether anything refers to it. Until none does, its code may run.</summary>
    [MightSleep]
    public void BeginUnload()
    {
        if (Fate != ModuleFate.Staying)
        {
            return;
        }

        object?[] bases = StaticBases;

        // Hidden before the collector may count on it; the array is in a local until the end, so that it is not missed in between.
        _hiddenBases = ~*(nuint*)Unsafe.AsPointer(ref bases);
        StaticBases = [];
        Volatile.Write(ref _fate, (int)ModuleFate.Going);
        GC.KeepAlive(bases);
    }

    /// <summary>Makes caches forget what they know of the module, and collects. Then <see cref="Fate"/> is dead, if nothing refers to it.</summary>
    [MightSleep]
    public void Judge()
    {
        InterfaceDispatch.Forget(_code.Start, _code.End);
        ManagedHeap.Collect();
        if (Fate == ModuleFate.Quiet)
        {
            IsListed = false;
            _ = ReflectionModules.Publish();
            Volatile.Write(ref _fate, (int)ModuleFate.Unlisted);
            ManagedHeap.Collect();
        }
    }

    /// <summary>The name of the type of an object that refers to the module, while it does; empty when there is none, or a stack does.</summary>
    [MightSleep]
    public string DescribeHolder()
    {
        nuint holder = ~_holder;
        if (_holder == 0 || Fate != ModuleFate.Going)
        {
            return "";
        }

        // The objects that static fields live in have a table of no kind of type. Reflection would keep a type of a module, and with it the module, for ever.
        return !((ObjectType*)holder)->IsType ? "of static fields"
            : _code.Contains(holder) ? "one of its own" : ModuleArea.Contains(holder) ? "of another module" : Type.GetTypeFromHandle(RuntimeTypeHandle.FromIntPtr((nint)holder))?.ToString() ?? "";
    }

    internal void SetVerdict(ModuleFate fate, uint references, nuint holder, ModulePlace place, ulong thread)
    {
        Place = place;
        Thread = thread;
        References = references;
        _holder = holder == 0 ? 0 : ~holder;
        if (fate == ModuleFate.Dead)
        {
            // What was hidden is no object any more.
            _hiddenBases = ~(nuint)0;
            Volatile.Write(ref _fate, (int)(Fate == ModuleFate.Going ? ModuleFate.Quiet : ModuleFate.Dead));
        }
    }

    /// <summary>
    /// Makes the runtime forget the module. Nothing may refer to it any more. Its code image and its memory are the caller's to release, after this.
    /// </summary>
    [MightSleep]
    public void Unregister()
    {
        ModuleList.Remove(this);
        if (IsListed)
        {
            IsListed = false;
            _ = ReflectionModules.Publish();
        }

        InterfaceDispatch.Release(_code.Start, _code.End);
        if (_frozenSegment != 0)
        {
            UnregisterFrozenSegment(_frozenSegment);
            _frozenSegment = 0;
        }

        if (_manager != null)
        {
            KernelHeap.Free(_manager);
            _manager = null;
        }

        StaticBases = [];
    }

    private string Register()
    {
        var header = (ReadyToRunHeader*)(~_header);
        if (!IsInside((ulong)header, (ulong)sizeof(ReadyToRunHeader))
            || header->Signature != ReadyToRunHeader.ExpectedSignature
            || header->MajorVersion != ReadyToRunHeader.ExpectedMajorVersion
            || header->EntrySize != sizeof(ModuleSection)
            || !IsInside((ulong)(header + 1), (ulong)header->SectionCount * (ulong)sizeof(ModuleSection)))
        {
            return "its ready-to-run header is not the one that the runtime was written for";
        }

        var rows = (ModuleSection*)(header + 1);
        for (int i = 0; i < header->SectionCount; i++)
        {
            ulong end = (rows[i].Flags & ModuleSection.HasEnd) != 0 ? (ulong)rows[i].End : (ulong)rows[i].Start + 8;
            if (end < (ulong)rows[i].Start || !IsInside((ulong)rows[i].Start, end - (ulong)rows[i].Start))
            {
                return $"section {rows[i].Kind} of its ready-to-run header is outside of it";
            }
        }

        _manager = (TypeManager*)KernelHeap.AllocateCleared((nuint)sizeof(TypeManager));
        if (_manager == null)
        {
            return "memory ran out";
        }

        // No image of the operating system: names for stack traces come from the symbol table (CodeImages), not from metadata, which caches for ever what it has read.
        *_manager = ModuleFunctions.ManagerOf(0, header);
        if (Section(DehydratedData, out _) != null)
        {
            return "its data is dehydrated: it was not compiled for this loader";
        }

        byte* slot = Section(TypeManagerIndirection, out int length);
        if (slot == null || !IsInside((ulong)slot, 16))
        {
            return "it has no type manager slot";
        }

        Index = ModuleList.Add(this);
        *(TypeManager**)slot = _manager;
        *(int*)(slot + 8) = Index;
        _hiddenBases = ~(nuint)0;
        string problem = MakeStaticBases();
        if (problem.Length > 0)
        {
            return problem;
        }

        IsListed = true;
        if (!ReflectionModules.Publish())
        {
            return "this kernel's CoreLib keeps its table of modules elsewhere";
        }

        byte* frozen = Section(FrozenObjects, out length);
        if (frozen != null && length > 0)
        {
            _frozenSegment = RegisterFrozenSegment(frozen, (nuint)length, (nuint)length, (nuint)length);
            if (_frozenSegment == 0)
            {
                return "memory ran out";
            }
        }

        return "";
    }

    // As StartupCodeHelpers.InitializeStatics: each cell holds the relative address of the method table of its base, with flags, until the base is made.
    private string MakeStaticBases()
    {
        byte* region = Section(GcStaticRegion, out int length);
        int count = length / sizeof(int);
        StaticBases = new object?[count];
        for (int i = 0; i < count; i++)
        {
            nint* cell = (nint*)Relative(region + (i * sizeof(int)));
            if (!IsData((ulong)cell))
            {
                // The kernel's, or that of a module it depends on, which has it already: each type exists once.
                continue;
            }

            long type = (long)Relative((byte*)cell);
            if ((type & NotMade) == 0)
            {
                continue;
            }

            object? made = null;
            AllocateNewObject((ObjectType*)(type & ~3L), 0, (nuint*)Unsafe.AsPointer(ref made));
            if (made is null)
            {
                return "memory ran out";
            }

            StaticBases[i] = made;
            byte* fields = *(byte**)Unsafe.AsPointer(ref made) + 8;
            if ((type & HasInitialData) != 0)
            {
                byte* initial = Relative((byte*)cell + sizeof(int));
                nuint bytes = ((ObjectType*)(type & ~3L))->BaseSize - 16;
                if (!IsInside((ulong)initial, bytes))
                {
                    return "the first values of static fields are outside of it";
                }

                // References to frozen objects, so no barrier; in whole words, so that the collector sees none in halves.
                for (nuint at = 0; at < bytes; at += 8)
                {
                    *(nuint*)(fields + at) = *(nuint*)(initial + at);
                }
            }

            *cell = (nint)(fields - 8);
        }

        return "";
    }

    private void RunInitializers(int kind)
    {
        byte* at = Section(kind, out int length);
        for (byte* end = at + length; at < end; at += sizeof(int))
        {
            ((delegate*<void>)Relative(at))();
        }
    }

    private byte* Section(int kind, out int length) => (byte*)_manager->Section(kind, out length);

    private bool IsInside(ulong address, ulong bytes) => address >= _code.Start && address <= _code.End && bytes <= _code.End - address;

    private bool IsData(ulong address) => address >= _code.ReadOnlyEnd && IsInside(address, 8);

    private static byte* Relative(byte* place) => place + *(int*)place;

    [RuntimeImport("RhAllocateNewObject")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void AllocateNewObject(ObjectType* type, uint flags, nuint* result);

    [RuntimeImport("RhRegisterFrozenSegment")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern nint RegisterFrozenSegment(byte* start, nuint allocated, nuint committed, nuint reserved);

    [RuntimeImport("RhUnregisterFrozenSegment")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void UnregisterFrozenSegment(nint segment);
}
