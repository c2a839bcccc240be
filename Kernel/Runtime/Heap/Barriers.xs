// Stores of references. Collections stop the world, so there is nothing to record: each barrier is the store alone. That they stay functions is where
// concurrent marking will come in. The labels named AVLocation are where a null reference faults: the exception belongs to the caller.

section ".text" exec align 16

export BarrierLeafStart:
// RDI where, RSI what. Changes no register.
align 16
function RhpAssignRef {
    export RhpAssignRefAVLocation:
    [RDI] = RSI
}

// The same for a destination that may not be in the heap.
align 16
function RhpCheckedAssignRef {
    export RhpCheckedAssignRefAVLocation:
    [RDI] = RSI
}

// RDI where, RSI address of what. Both move on by 8; only RCX is changed besides.
align 16
function RhpByRefAssignRef {
    export RhpByRefAssignRefAVLocation1:
    RCX = [RSI]
    export RhpByRefAssignRefAVLocation2:
    [RDI] = RCX
    RDI + 8
    RSI + 8
}

// RDI where, RSI new, RDX expected. Returns what was there.
align 16
function RhpCheckedLockCmpXchg {
    RAX = RDX
    export RhpCheckedLockCmpXchgAVLocation:
    lock cmpxchg [RDI], RSI
}

// RDI where, RSI new. Returns what was there.
align 16
function RhpCheckedXchg {
    RAX = RSI
    export RhpCheckedXchgAVLocation:
    xchg [RDI], RAX
}

// RDI where, RSI from where, RDX bytes: memmove never tears an aligned reference, and there is nothing to record.
align 16
function RhBulkMoveWithWriteBarrier naked {
    goto memmove
}
export BarrierLeafEnd:
