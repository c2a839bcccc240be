// Interrupt and exception entries. Frame layout: InterruptFrame.cs; contract: docs/architecture.md, "Interrupts and exceptions".

const FrameVector = 120
const FrameRip = 136
const FrameFlags = 152
const FrameBytes = 176
const VectorStateBytes = 512
// Where FXSAVE has them.
const MxcsrOffset = 24
const XmmOffset = 160
const GsBaseMsr = 0xC0000101
const StubBytes = 16

section ".rodata" align 16
var DefaultMxcsr {
    dword 0x1F80
}

section ".text" exec align 16

// RAX = address of the stub of vector EDI.
function InterruptStubAddress {
    EDI = EDI
    RDI << 4
    RAX = @InterruptStubs
    RAX + RDI
}

// One stub a vector, 16 bytes each: an error code where the CPU pushes none, the vector, and on to the common code.
align 16
function InterruptStubs naked {
    align #StubBytes
    +0
    +0
    goto ExceptionEntry
    align #StubBytes
    +0
    +1
    goto ParanoidEntry
    align #StubBytes
    +0
    +2
    goto ParanoidEntry
    align #StubBytes
    +0
    +3
    goto ExceptionEntry
    align #StubBytes
    +0
    +4
    goto ExceptionEntry
    align #StubBytes
    +0
    +5
    goto ExceptionEntry
    align #StubBytes
    +0
    +6
    goto ExceptionEntry
    align #StubBytes
    +0
    +7
    goto ExceptionEntry
    align #StubBytes
    +8
    goto ParanoidEntry
    align #StubBytes
    +0
    +9
    goto ExceptionEntry
    align #StubBytes
    +10
    goto ExceptionEntry
    align #StubBytes
    +11
    goto ExceptionEntry
    align #StubBytes
    +12
    goto ExceptionEntry
    align #StubBytes
    +13
    goto ExceptionEntry
    align #StubBytes
    +14
    goto ExceptionEntry
    align #StubBytes
    +0
    +15
    goto ExceptionEntry
    align #StubBytes
    +0
    +16
    goto ExceptionEntry
    align #StubBytes
    +17
    goto ExceptionEntry
    align #StubBytes
    +0
    +18
    goto ParanoidEntry
    align #StubBytes
    +0
    +19
    goto ExceptionEntry
    align #StubBytes
    +0
    +20
    goto ExceptionEntry
    align #StubBytes
    +21
    goto ExceptionEntry
    align #StubBytes
    +0
    +22
    goto ExceptionEntry
    align #StubBytes
    +0
    +23
    goto ExceptionEntry
    align #StubBytes
    +0
    +24
    goto ExceptionEntry
    align #StubBytes
    +0
    +25
    goto ExceptionEntry
    align #StubBytes
    +0
    +26
    goto ExceptionEntry
    align #StubBytes
    +0
    +27
    goto ExceptionEntry
    align #StubBytes
    +0
    +28
    goto ExceptionEntry
    align #StubBytes
    +29
    goto ExceptionEntry
    align #StubBytes
    +30
    goto ExceptionEntry
    align #StubBytes
    +0
    +31
    goto ExceptionEntry
    repeat 224 times as Device {
        align #StubBytes
        +0
        +(#Device + 32)
        goto InterruptEntry
    }
}

// RBX = frame. When the interrupted code was inside a restartable sequence, it begins that sequence again: nothing that it read
// may still be true. The table holds the start and the end of each sequence.
function RestartInterruptedSequence {
    RAX = [RBX + #FrameRip]
    RCX = @RestartableTableBegin
    RDX = @RestartableTableEnd
    Next:
    if RCX >= RDX return
    if RAX > [RCX] {
        if RAX < [RCX + 8] {
            RAX = [RCX]
            [RBX + #FrameRip] = RAX
            return
        }
    }
    RCX + 16
    goto Next
}

// All entries: what interrupted user mode goes on in UserEntry.xs. AC, which is set while the kernel copies from and to user memory where the CPU keeps it from that otherwise (SMAP), is cleared; IRET
// brings it back.
// Of the vector and x87 state only what the kernel uses is kept, XMM registers and MXCSR: the rest belongs to the user thread whose state was loaded last, which need not be the same one when an interrupt
// that switched threads returns.

// Hard interrupt: runs on the CPU's interrupt stack with interrupts off.
align 16
function InterruptEntry naked {
    if byte [RSP + 24] ?& 3 goto UserInterruptEntry
    +RAX, RBX, RCX, RDX, RSI, RDI, RBP, R8, R9, R10, R11, R12, R13, R14, R15
    RBX = RSP
    cld
    if dword [@UserModeFeatures] ?& 1 {
        clac
    }

    // The time of the interrupt, from here to where its handlers have returned, is counted in the thread that it interrupts.
    rdtsc
    RDX << 32
    RAX | RDX
    R14 = RAX
    RAX = [RBX + #FrameRip]
    RCX = @RestartableBegin
    RDX = @RestartableEnd
    if RAX >= RCX {
        if RAX < RDX {
            RestartInterruptedSequence()
        }
    }
    RSP - #VectorStateBytes
    RSP & -16
    stmxcsr [RSP + #MxcsrOffset]
    [RSP + (#XmmOffset + 0)] = XMM0
    [RSP + (#XmmOffset + 16)] = XMM1
    [RSP + (#XmmOffset + 32)] = XMM2
    [RSP + (#XmmOffset + 48)] = XMM3
    [RSP + (#XmmOffset + 64)] = XMM4
    [RSP + (#XmmOffset + 80)] = XMM5
    [RSP + (#XmmOffset + 96)] = XMM6
    [RSP + (#XmmOffset + 112)] = XMM7
    [RSP + (#XmmOffset + 128)] = XMM8
    [RSP + (#XmmOffset + 144)] = XMM9
    [RSP + (#XmmOffset + 160)] = XMM10
    [RSP + (#XmmOffset + 176)] = XMM11
    [RSP + (#XmmOffset + 192)] = XMM12
    [RSP + (#XmmOffset + 208)] = XMM13
    [RSP + (#XmmOffset + 224)] = XMM14
    [RSP + (#XmmOffset + 240)] = XMM15
    R12 = RSP
    ldmxcsr [@DefaultMxcsr]
    // Locked: what the handlers read is read after others can see that this CPU is not idle any more (GracePeriods.IsIdle).
    lock dword gs:[#CpuInterruptDepth]++
    gs:[#CpuInterruptedRsp] = RSP
    RSP = gs:[#CpuInterruptStackTop]
    RDI = RBX
    InterruptDispatch()
    RSP = R12
    gs:[#CpuInterruptedRsp] = 0 as qword
    dword gs:[#CpuInterruptDepth]--
    rdtsc
    RDX << 32
    RAX | RDX
    RAX - R14
    RCX = gs:[#CpuThread]
    RAX + [RCX + #ThreadInterruptTicks]
    [RCX + #ThreadInterruptTicks] = RAX

    // The switch or deferred work, if one is due: on the thread's own stack, as if the thread had called it.
    EAX = gs:[#CpuPreemptCount]
    EAX ?& EAX
    if not zero goto Leave
    EAX = gs:[#CpuNeedResched]
    EAX ?& EAX
    if zero goto Leave
    InterruptReschedule()
    Leave:
    ldmxcsr [RSP + #MxcsrOffset]
    XMM0 = [RSP + (#XmmOffset + 0)]
    XMM1 = [RSP + (#XmmOffset + 16)]
    XMM2 = [RSP + (#XmmOffset + 32)]
    XMM3 = [RSP + (#XmmOffset + 48)]
    XMM4 = [RSP + (#XmmOffset + 64)]
    XMM5 = [RSP + (#XmmOffset + 80)]
    XMM6 = [RSP + (#XmmOffset + 96)]
    XMM7 = [RSP + (#XmmOffset + 112)]
    XMM8 = [RSP + (#XmmOffset + 128)]
    XMM9 = [RSP + (#XmmOffset + 144)]
    XMM10 = [RSP + (#XmmOffset + 160)]
    XMM11 = [RSP + (#XmmOffset + 176)]
    XMM12 = [RSP + (#XmmOffset + 192)]
    XMM13 = [RSP + (#XmmOffset + 208)]
    XMM14 = [RSP + (#XmmOffset + 224)]
    XMM15 = [RSP + (#XmmOffset + 240)]
    RSP = RBX
    -R15, R14, R13, R12, R11, R10, R9, R8, RBP, RDI, RSI, RDX, RCX, RBX, RAX
    RSP + 16
    iretq
}

// Exception: runs on the stack of the code that caused it.
align 16
function ExceptionEntry naked {
    if byte [RSP + 24] ?& 3 goto UserExceptionEntry
    +RAX, RBX, RCX, RDX, RSI, RDI, RBP, R8, R9, R10, R11, R12, R13, R14, R15
    RBX = RSP
    cld
    if dword [@UserModeFeatures] ?& 1 {
        clac
    }
    RestartInterruptedSequence()
    RSP - #VectorStateBytes
    RSP & -16
    stmxcsr [RSP + #MxcsrOffset]
    [RSP + (#XmmOffset + 0)] = XMM0
    [RSP + (#XmmOffset + 16)] = XMM1
    [RSP + (#XmmOffset + 32)] = XMM2
    [RSP + (#XmmOffset + 48)] = XMM3
    [RSP + (#XmmOffset + 64)] = XMM4
    [RSP + (#XmmOffset + 80)] = XMM5
    [RSP + (#XmmOffset + 96)] = XMM6
    [RSP + (#XmmOffset + 112)] = XMM7
    [RSP + (#XmmOffset + 128)] = XMM8
    [RSP + (#XmmOffset + 144)] = XMM9
    [RSP + (#XmmOffset + 160)] = XMM10
    [RSP + (#XmmOffset + 176)] = XMM11
    [RSP + (#XmmOffset + 192)] = XMM12
    [RSP + (#XmmOffset + 208)] = XMM13
    [RSP + (#XmmOffset + 224)] = XMM14
    [RSP + (#XmmOffset + 240)] = XMM15
    ldmxcsr [@DefaultMxcsr]
    RDI = RBX
    ExceptionDispatch()
    ldmxcsr [RSP + #MxcsrOffset]
    XMM0 = [RSP + (#XmmOffset + 0)]
    XMM1 = [RSP + (#XmmOffset + 16)]
    XMM2 = [RSP + (#XmmOffset + 32)]
    XMM3 = [RSP + (#XmmOffset + 48)]
    XMM4 = [RSP + (#XmmOffset + 64)]
    XMM5 = [RSP + (#XmmOffset + 80)]
    XMM6 = [RSP + (#XmmOffset + 96)]
    XMM7 = [RSP + (#XmmOffset + 112)]
    XMM8 = [RSP + (#XmmOffset + 128)]
    XMM9 = [RSP + (#XmmOffset + 144)]
    XMM10 = [RSP + (#XmmOffset + 160)]
    XMM11 = [RSP + (#XmmOffset + 176)]
    XMM12 = [RSP + (#XmmOffset + 192)]
    XMM13 = [RSP + (#XmmOffset + 208)]
    XMM14 = [RSP + (#XmmOffset + 224)]
    XMM15 = [RSP + (#XmmOffset + 240)]
    RSP = RBX
    -R15, R14, R13, R12, R11, R10, R9, R8, RBP, RDI, RSI, RDX, RCX, RBX, RAX
    RSP + 16
    iretq
}

// NMI, debug, double fault and machine check: on a stack of their own, from anywhere, so GS is taken from the word above the frame.
align 16
function ParanoidEntry naked {
    if byte [RSP + 24] ?& 3 {
        if qword [RSP] = 1 goto UserDebugEntry
    }
    +RAX, RBX, RCX, RDX, RSI, RDI, RBP, R8, R9, R10, R11, R12, R13, R14, R15
    RBX = RSP
    cld
    if dword [@UserModeFeatures] ?& 1 {
        clac
    }
    ECX = #GsBaseMsr
    rdmsr
    RDX << 32
    RAX | RDX
    R13 = RAX
    RAX = [RBX + #FrameBytes]
    RDX = RAX
    RDX >> 32
    ECX = #GsBaseMsr
    wrmsr
    RestartInterruptedSequence()
    RSP - #VectorStateBytes
    RSP & -16
    fxsave64 [RSP]
    ldmxcsr [@DefaultMxcsr]
    RDI = RBX
    ParanoidDispatch()
    fxrstor64 [RSP]
    RAX = R13
    RDX = R13
    RDX >> 32
    ECX = #GsBaseMsr
    wrmsr
    RSP = RBX
    -R15, R14, R13, R12, R11, R10, R9, R8, RBP, RDI, RSI, RDX, RCX, RBX, RAX
    RSP + 16
    iretq
}

// A return address between InterruptEntry and here belongs to one of the entries above, with the frame in RBX.
export InterruptEntriesEnd:
