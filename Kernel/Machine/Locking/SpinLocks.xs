// The fast paths of the spin locks: functions, because a C# method cannot reach GS, and calling these costs less than calling for each access.
// RDI is a QueuedLock (QueuedLock.cs): 0 when it is free, the holder's token in the low half while somebody holds it and nobody waits.

// Preemption off, then the lock. The tail call to C# waits for it.
function SpinLockEnter naked {
    dword gs:[#CpuPreemptCount]++
    ECX = gs:[#CpuSpinToken]
    EAX xor EAX
    lock cmpxchg [RDI], ECX
    if not zero goto QueuedLockWait
    ret
}

// The store releases: x86 makes no earlier load or store wait behind it. The request for a switch is read after the count has fallen: one that comes before
// leaves the switch to us, one after it switches at once.
function SpinLockExit naked {
    [RDI] = 0 as word
    dword gs:[#CpuPreemptCount]--
    if not zero goto Done
    dword gs:[#CpuNeedResched] ?= 0
    if not zero goto PreemptionSwitch
    Done:
    ret
}

// Interrupts off, then the lock. RAX = the flags from before.
function IrqSpinLockEnter naked {
    pushfq
    -RDX
    cli
    ECX = gs:[#CpuSpinToken]
    EAX xor EAX
    lock cmpxchg [RDI], ECX
    RAX = RDX
    if not zero goto Wait
    ret
    Wait:
    +RDX
    QueuedLockWait()
    -RAX
    ret
}

// RSI = the flags from before. A request that comes after the look at it comes with an interrupt, whose return serves it.
function IrqSpinLockExit naked {
    [RDI] = 0 as word
    if not ESI ?& $200 goto Done
    dword gs:[#CpuNeedResched] ?= 0
    if not zero goto PreemptionEnableInterrupts
    sti
    Done:
    ret
}

// The lock alone, where preemption or interrupts are off already.
function QueuedLockAcquire naked {
    ECX = gs:[#CpuSpinToken]
    EAX xor EAX
    lock cmpxchg [RDI], ECX
    if not zero goto QueuedLockWait
    ret
}
