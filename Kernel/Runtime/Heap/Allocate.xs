// Allocation without a lock: take the first cell from this CPU's free list of exactly this size. The list's head and the link in each cell's
// MethodTable word have bit 0 set; 0 and 1 mean that the list is empty. From reading the head to storing the next one the code is a restartable
// sequence: an interrupted one begins again, so nobody else can have changed the list in between. The memory is zero but for the link, which the
// store of the type replaces: until then the collector sees an odd word and does not look into the object.

const LargestFast = 512
const TypeBaseSize = 4
const ObjectLength = 8

section ".restartable.text" exec align 64

// RDI type. Returns the object in RAX.
align 32
function RhpNewFast naked {
    ECX = [RDI + #TypeBaseSize]
    if ECX > #LargestFast goto Slow
    .ObjectBegin:
    RAX = gs:[RCX + #CpuAllocationLists]
    if RAX <= 1 goto Slow
    RDX = [RAX - 1]
    gs:[RCX + #CpuAllocationLists] = RDX
    .ObjectEnd:
    [RAX - 1] = RDI
    RAX--
    ret
    Slow:
    ESI = 0
    RDX = @HeapNewObjectSlow
    goto AllocateSlowly
}

// RDI type of an array or string, ESI number of elements. Returns the object in RAX.
align 32
function RhpNewArray naked {
    export RhNewString:
    if ESI > #LargestFast goto Slow
    ECX = unsigned word [RDI]
    ECX * ESI
    EDX = [RDI + #TypeBaseSize]
    ECX = @[RCX + RDX + 7]
    ECX & -8
    if ECX > #LargestFast goto Slow
    .ArrayBegin:
    RAX = gs:[RCX + #CpuAllocationLists]
    if RAX <= 1 goto Slow
    RDX = [RAX - 1]
    gs:[RCX + #CpuAllocationLists] = RDX
    .ArrayEnd:
    [RAX + (#ObjectLength - 1)] = ESI
    [RAX - 1] = RDI
    RAX--
    ret
    Slow:
    RDX = @HeapNewArraySlow
    goto AllocateSlowly
}

section ".text" exec align 16

// RDI type. Returns the object in RAX.
align 16
function RhpNewFinalizable naked {
    ESI = 0
    RDX = @HeapNewFinalizableSlow
    goto AllocateSlowly
}

// RDI type, RSI length, RDX a C# function of (type, length, stack pointer) that returns an object or null. The registers that a callee keeps go onto the
// stack first: if the call collects, this stack is scanned from here, so that what dead calls left in the heap's own frames keeps nothing alive.
// An exception starts only when this frame is gone, because it has no unwind information.
align 16
function AllocateSlowly naked {
    +RBX, RBP, R12, R13, R14, R15
    +RSI
    RSP - 16
    [RSP] = RDI
    RAX = RDX
    RDX = RSP
    call RAX
    RDI = [RSP]
    RSI = [RSP + 16]
    RSP + 72
    RAX ?& RAX
    if zero goto Failed
    ret
    Failed:

    // RhExceptionHandling_FailedAllocation(type, overflow): a negative length is an overflow.
    ESI >> 31
    goto RhExceptionHandling_FailedAllocation
}

// EDI generation, ESI mode, EDX low memory: all the same here.
align 16
function RhpCollect {
    export HeapCollectNow:
    +RBX, RBP, R12, R13, R14, R15
    RSP - 8
    RDI = RSP
    HeapCollectFrom()
    RSP + 56
}

section ".restartable" align 8
var AllocationSequences {
    qword @.ObjectBegin, @.ObjectEnd
    qword @.ArrayBegin, @.ArrayEnd
}
