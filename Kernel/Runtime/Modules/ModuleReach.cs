using System;
using System.Runtime.CompilerServices;
using System.Threading;
using CosmosKernel.Machine.Images;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Paging;
using CosmosKernel.Machine.Threads;
using CosmosKernel.Memory.Frames;
using CosmosKernel.Runtime.Dispatch;
using CosmosKernel.Runtime.Heap;
using CosmosKernel.Runtime.Startup;

namespace CosmosKernel.Runtime.Modules;

/// <summary>
/// Finds out, in a collection, whether anything still refers to a module that was stopped: its code can then still run, and its memory must stay.
/// </summary>
/// <remarks>
/// A reference is any word that holds an address in the module, or of a <c>Type</c> object of one of its types, in any object that the collection reached (so an object of its types, a delegate to its code,
/// a string of its constants), on any stack, in any register, in a handle, in the native heap, in the kernel's own data or in another module's. The module's static fields do not count: they are like the second
/// object of a dependent handle, alive as long as the module is reached from elsewhere, and not by themselves. When nothing is found with the world stopped, nobody can ever come by such an address again.
/// World stopped, all members.
/// </remarks>
[Protocol(CollectorProtocol.WorldStopped)]
internal static unsafe class ModuleReach
{
    private const int MostModules = 32;
    private const int MostTypes = 2048;
    private const int ArrayData = 16;
    private const uint LargestReader = 32;
    private const nuint SmallestPointerComponent = 4;

    private static int s_count;
    private static Candidates s_candidates;

    // Type objects of the candidates' types, which CoreLib allocates outside of the heap for ever, and the candidate of each.
    private static int s_types;
    private static TypeTable s_typeObjects;
    private static nuint s_lowestType;
    private static nuint s_highestType;
    private static nuint s_imageType;
    private static nuint s_castCache;
    private static nuint s_holder;
    private static ModulePlace s_place;
    private static ulong s_thread;

    /// <summary>Begins, if modules go. Their thread statics are let go of: a thread that uses one again gets a new one.</summary>
    public static void Begin()
    {
        s_count = 0;
        s_types = 0;
        s_holder = 0;
        s_place = ModulePlace.Stack;
        s_lowestType = nuint.MaxValue;
        s_highestType = 0;
        foreach (ModuleImage? image in ModuleList.All)
        {
            if (image is null || image.Fate is not (ModuleFate.Going or ModuleFate.Unlisted) || s_count == MostModules)
            {
                continue;
            }

            s_candidates[s_count++] = new Candidate { Start = (nuint)image.Code.Start, End = (nuint)image.Code.End, Manager = (nuint)image.Manager, Metadata = image.Metadata };
            s_imageType = *(nuint*)*(nuint*)Unsafe.AsPointer(ref Unsafe.AsRef(in image.CodeField));
            ClearThreadStatics(image.Index);
        }

        if (s_count != 0)
        {
            s_castCache = CastCache.Table;
            FindTypeObjects();
        }
    }

    /// <summary>Says whose stack is looked at from now on.</summary>
    /// <param name="thread">Id of the thread; 0: a processor's registers or interrupt stack.</param>
    public static void SetThread(ulong thread) => s_thread = thread;

    /// <summary>Looks at a word.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Look(nuint word)
    {
        if (s_count != 0)
        {
            Judge(word);
        }
    }

    /// <summary>Looks at each aligned word of a range.</summary>
    public static void LookAtRange(nuint low, nuint high)
    {
        if (s_count == 0)
        {
            return;
        }

        // Nearly no word is a reference to a module, and there are millions: two comparisons for each.
        nuint lowestType = s_lowestType;
        nuint typeBytes = s_highestType > lowestType ? s_highestType - lowestType : 0;
        for (nuint* word = (nuint*)((low + 7) & ~(nuint)7); (nuint)(word + 1) <= high; word++)
        {
            nuint value = *word;
            if ((ulong)value - ModuleArea.Base < ModuleArea.Bytes || value - lowestType <= typeBytes)
            {
                Judge(value);
            }
        }
    }

    /// <summary>Looks at everything that was marked and is no stack, and marks the static fields of the candidates that turn out to be reached.</summary>
    /// <returns>Whether it marked any, so that more may be reached.</returns>
    [RequiresLock(typeof(BlockTable), "s_lock")]
    [RequiresLock(typeof(HandleTable), "s_lock")]
    public static bool MarkReached()
    {
        if (s_count == 0)
        {
            return false;
        }

        for (int i = 0; i < s_count; i++)
        {
            s_candidates[i].Objects = 0;
        }

        s_place = ModulePlace.Object;
        LookAtHeap();
        s_place = ModulePlace.Handle;
        LookAtHandles();
        s_place = ModulePlace.NativeMemory;
        LookAtNativeMemory();
        s_holder = 0;
        s_place = ModulePlace.Image;
        LookAtImage();
        foreach (CodeImage image in CodeImages.All)
        {
            if (!IsCandidate(image))
            {
                LookAtRange((nuint)image.ReadOnlyEnd, (nuint)image.End);
            }
        }

        // What is marked from here on is no root: an object.
        s_place = ModulePlace.Object;
        bool marked = false;
        foreach (ModuleImage? image in ModuleList.All)
        {
            int candidate = image is null ? -1 : CandidateOf((nuint)image.Code.Start);
            if (candidate >= 0 && s_candidates[candidate].IsReached && !s_candidates[candidate].IsMarked)
            {
                s_candidates[candidate].IsMarked = true;

                // What a module keeps in its own data may refer to another one that goes.
                LookAtRange((nuint)image!.Code.ReadOnlyEnd, (nuint)image.Code.End);
                if (image.HiddenStaticBases != 0)
                {
                    Marker.MarkReference(image.HiddenStaticBases);
                }

                marked = true;
            }
        }

        return marked;
    }

    /// <summary>Ends: candidates that were not reached are dead.</summary>
    public static void End()
    {
        if (s_count == 0)
        {
            return;
        }

        foreach (ModuleImage? image in ModuleList.All)
        {
            int candidate = image is null ? -1 : CandidateOf((nuint)image.Code.Start);
            if (candidate < 0)
            {
                continue;
            }

            ref Candidate found = ref s_candidates[candidate];
            image!.SetVerdict(found.IsReached ? ModuleFate.Going : ModuleFate.Dead, found.Objects, found.Holder, found.Place, found.Thread);
            if (!found.IsReached)
            {
                CastCache.Forget(found.Start, found.End);
            }
        }

        s_count = 0;
    }

    private static void Judge(nuint word)
    {
        if (ModuleArea.Contains(word))
        {
            int candidate = CandidateAt(word);
            if (candidate >= 0)
            {
                Found(candidate);
            }
        }
        else if (word >= s_lowestType && word <= s_highestType)
        {
            for (int i = 0; i < s_types; i++)
            {
                if (word >= s_typeObjects[i].Start && word < s_typeObjects[i].End)
                {
                    Found(s_typeObjects[i].Candidate);
                }
            }
        }
    }

    private static void Found(int candidate)
    {
        ref Candidate found = ref s_candidates[candidate];
        if (!found.IsReached)
        {
            found.Place = s_place;
            found.Thread = s_thread;
        }

        found.IsReached = true;
        if (s_holder != 0)
        {
            found.Objects++;
            found.Holder = found.Holder == 0 ? s_holder : found.Holder;
        }
    }

    [RequiresLock(typeof(BlockTable), "s_lock")]
    private static void LookAtHeap()
    {
        BlockCursor cursor = default;
        HeapBlock* block;
        while ((block = BlockTable.NextBlock(ref cursor)) != null)
        {
            if (block->Kind is not (BlockKind.Cells or BlockKind.LargeFrames or BlockKind.LargeArea))
            {
                continue;
            }

            for (uint index = 0; index < block->CellCount; index++)
            {
                if (block->IsMarked(index))
                {
                    LookAtObject(block->ReferenceOf(index));
                }
            }
        }
    }

    private static void LookAtObject(nuint reference)
    {
        nuint word = *(nuint*)reference;
        if (ObjectType.IsHalfMade(word) || word == s_imageType || reference == s_castCache || IsMetadataReader(reference, word))
        {
            return;
        }

        var type = (ObjectType*)word;
        s_holder = word;
        if (ModuleArea.Contains(word))
        {
            Judge(word);
        }

        // Bytes and characters hold no pointers: managed code cannot put one there whole.
        if (!type->IsVariable || type->ContainsReferences || type->ComponentSize >= SmallestPointerComponent)
        {
            LookAtRange(reference + 8, reference + type->SizeOf(reference) - HeapBlock.HeaderSize);
        }
    }

    // CoreLib's NativeReader of the module's metadata, which the list of modules has: an object of an address and a length.
    private static bool IsMetadataReader(nuint reference, nuint type)
    {
        if (((ObjectType*)type)->IsVariable || ((ObjectType*)type)->BaseSize > LargestReader || ModuleArea.Contains(type))
        {
            return false;
        }

        for (int i = 0; i < s_count; i++)
        {
            nuint metadata = s_candidates[i].Metadata;
            if (metadata != 0 && (((nuint*)reference)[1] == metadata || (((ObjectType*)type)->BaseSize == LargestReader && ((nuint*)reference)[2] == metadata)))
            {
                return true;
            }
        }

        return false;
    }

    [RequiresLock(typeof(HandleTable), "s_lock")]
    private static void LookAtHandles()
    {
        s_holder = 0;
        HandleTable.VisitTargets<SlotLook>(HandleKind.Strong);
        HandleTable.VisitTargets<SlotLook>(HandleKind.WeakShort);
        HandleTable.VisitTargets<SlotLook>(HandleKind.WeakLong);
        HandleTable.VisitTargets<SlotLook>(HandleKind.Dependent);
    }

    // Types that CoreLib makes at run time, threads' blocks, and whatever else somebody keeps there.
    private static void LookAtNativeMemory()
    {
        s_holder = 0;
        ulong end = FrameTable.End;
        for (ulong section = 0; section < end; section += FrameTable.SectionBytes)
        {
            if (!FrameTable.HasDescriptor(section))
            {
                continue;
            }

            for (ulong physical = section; physical < section + FrameTable.SectionBytes;)
            {
                Frame* frame = FrameTable.OfPhysical(physical);
                ulong frames = frame->Count == 0 ? 1 : frame->Count;
                if (frame->Use is FrameUse.Slab or FrameUse.NativeHeap)
                {
                    nuint start = (nuint)FrameTable.AddressOf(frame);
                    LookAtNativeRange(start, start + ((nuint)frames * Frame.Size));
                }

                physical += frames * Frame.Size;
            }
        }
    }

    private static void LookAtNativeRange(nuint low, nuint high)
    {
        for (nuint* word = (nuint*)low; word < (nuint*)high; word++)
        {
            if (ModuleArea.Contains(*word) || (*word >= s_lowestType && *word <= s_highestType))
            {
                int candidate = CandidateAt(*word);
                bool own = candidate >= 0 && (nuint)word >= s_candidates[candidate].Manager && (nuint)word < s_candidates[candidate].Manager + (nuint)sizeof(TypeManager);
                if (!own && (candidate < 0 || !InterfaceDispatch.IsNoReference((nuint)word)))
                {
                    Judge(*word);
                }
            }
        }
    }

    // The tables of this class name what they look for; they are no references.
    private static void LookAtImage()
    {
        nuint candidates = (nuint)Unsafe.AsPointer(ref s_candidates);
        nuint types = (nuint)Unsafe.AsPointer(ref s_typeObjects);
        (nuint first, nuint firstEnd) = (candidates, candidates + (nuint)sizeof(Candidates));
        (nuint second, nuint secondEnd) = (types, types + (nuint)sizeof(TypeTable));
        if (second < first)
        {
            (first, firstEnd, second, secondEnd) = (second, secondEnd, first, firstEnd);
        }

        LookAtRange((nuint)ImageLayout.DataStart, first);
        LookAtRange(firstEnd, second);
        LookAtRange(secondEnd, (nuint)ImageLayout.End);
    }

    // CoreLib makes the Type object of a type once, outside of the heap, and stores it in the type's own data.
    private static void FindTypeObjects()
    {
        for (int i = 0; i < s_count; i++)
        {
            CodeImage? image = CodeImages.Find(s_candidates[i].Start);
            if (image is null)
            {
                continue;
            }

            for (nuint* word = (nuint*)image.ReadOnlyEnd; word < (nuint*)image.End; word++)
            {
                // An object whose only interesting word points back to a type of the module.
                if (*word >= PageTables.VirtualAreaBase && *word < PageTables.VirtualAreaBase + PageTables.VirtualAreaBytes && (*word & 7) == 0
                    && BlockTable.FindAny(*word) == null && PageTables.TryTranslate(*word, out _) && PageTables.TryTranslate(*word + 24, out _)
                    && (CandidateAt(((nuint*)*word)[1]) == i || CandidateAt(((nuint*)*word)[2]) == i))
                {
                    AddTypeObject(*word, i);
                }
            }
        }
    }

    private static void AddTypeObject(nuint reference, int candidate)
    {
        if (s_types == MostTypes)
        {
            // More than can be looked for: the module stays.
            s_candidates[candidate].IsReached = true;
            return;
        }

        nuint end = reference + ((ObjectType*)*(nuint*)reference)->BaseSize - HeapBlock.HeaderSize;
        s_typeObjects[s_types++] = new TypeObject { Start = reference, End = end, Candidate = candidate };

        // Both bounds lie outside of the objects, since the image's data is looked at, too.
        s_lowestType = Math.Min(s_lowestType, reference - HeapBlock.HeaderSize);
        s_highestType = Math.Max(s_highestType, end);
    }

    // CoreLib's object[][] by module index, each thread's.
    private static void ClearThreadStatics(int index)
    {
        for (ThreadBlock* thread = ThreadList.First; thread != null; thread = thread->Next)
        {
            nuint storage = (nuint)thread->ThreadStatics;
            if (storage != 0 && (uint)index < *(uint*)(storage + ObjectType.LengthOffset))
            {
                *(nuint*)(storage + ArrayData + ((nuint)index * 8)) = 0;
            }
        }
    }

    private static bool IsCandidate(CodeImage image) => CandidateAt((nuint)image.Start) >= 0;

    private static int CandidateAt(nuint word)
    {
        for (int i = 0; i < s_count; i++)
        {
            if (word >= s_candidates[i].Start && word < s_candidates[i].End)
            {
                return i;
            }
        }

        return -1;
    }

    private static int CandidateOf(nuint start)
    {
        int candidate = CandidateAt(start);
        return candidate >= 0 && s_candidates[candidate].Start == start ? candidate : -1;
    }

    private readonly struct SlotLook : ISlotVisitor
    {
        public static void Visit(nuint* first, nuint* end) => LookAtRange((nuint)first, (nuint)end);
    }

    private struct Candidate
    {
        public nuint Start;
        public nuint End;
        public nuint Manager;
        public nuint Metadata;
        public nuint Holder;
        public uint Objects;
        public ModulePlace Place;
        public ulong Thread;
        public bool IsReached;
        public bool IsMarked;
    }

    private struct TypeObject
    {
        public nuint Start;
        public nuint End;
        public int Candidate;
    }

    [InlineArray(MostModules)]
    private struct Candidates
    {
        private Candidate _first;
    }

    [InlineArray(MostTypes)]
    private struct TypeTable
    {
        private TypeObject _first;
    }
}
