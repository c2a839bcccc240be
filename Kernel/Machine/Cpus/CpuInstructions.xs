// Instructions that C# cannot express, as functions with the System V calling convention: arguments in RDI, RSI, RDX; result in RAX.

function CpuReadTsc {
    rdtsc
    RDX << 32
    RAX | RDX
}

function CpuPause {
    pause
}

function CpuFence {
    mfence
}

function CpuBreakpoint {
    int3
}

function CpuEnableInterruptsAndHalt {
    // What a call may change is cleared: an idle CPU stays here for long, and its registers, which interrupts save, are scanned conservatively all the while.
    EAX xor EAX
    ECX xor ECX
    EDX xor EDX
    ESI xor ESI
    EDI xor EDI
    R8D xor R8D
    R9D xor R9D
    R10D xor R10D
    R11D xor R11D
    XMM0 = RAX
    XMM1 = XMM0
    XMM2 = XMM0
    XMM3 = XMM0
    XMM4 = XMM0
    XMM5 = XMM0
    XMM6 = XMM0
    XMM7 = XMM0
    XMM8 = XMM0
    XMM9 = XMM0
    XMM10 = XMM0
    XMM11 = XMM0
    XMM12 = XMM0
    XMM13 = XMM0
    XMM14 = XMM0
    XMM15 = XMM0
    sti
    hlt
}

function CpuHaltForever naked {
    Again:
    cli
    hlt
    goto Again
}

// EDI leaf, ESI subleaf, RDX four 32-bit results.
function CpuIdentify {
    +RBX
    R8 = RDX
    EAX = EDI
    ECX = ESI
    cpuid
    [R8] = EAX
    [R8 + 4] = EBX
    [R8 + 8] = ECX
    [R8 + 12] = EDX
    -RBX
}

function CpuReadMsr {
    ECX = EDI
    rdmsr
    RDX << 32
    RAX | RDX
}

function CpuWriteMsr {
    ECX = EDI
    EAX = ESI
    RDX = RSI
    RDX >> 32
    wrmsr
}

function CpuReadControl0 {
    RAX = CR0
}

function CpuWriteControl0 {
    CR0 = RDI
}

function CpuReadControl2 {
    RAX = CR2
}

function CpuReadControl3 {
    RAX = CR3
}

function CpuWriteControl3 {
    CR3 = RDI
}

function CpuReadControl4 {
    RAX = CR4
}

function CpuWriteControl4 {
    CR4 = RDI
}

function CpuInvalidatePage {
    invlpg [RDI]
}

// Loads the table and reloads the segment registers; CS through a far return. GS's base is set by the caller afterwards.
function CpuLoadGdt {
    lgdt [RDI]
    EAX = 0x10
    DS = AX
    ES = AX
    SS = AX
    EAX = 0
    FS = AX
    GS = AX
    -RAX
    +8
    +RAX
    retf
}

function CpuLoadIdt {
    lidt [RDI]
}

function CpuLoadTaskRegister {
    ltr DI
}

function CpuDisableInterrupts {
    pushfq
    -RAX
    cli
}

function CpuRestoreInterrupts {
    +RDI
    popfq
}

function CpuEnableInterrupts {
    sti
}

function CpuReadFlags {
    pushfq
    -RAX
}

function CpuReadStackPointer {
    RAX = @[RSP + 8]
}

function CpuReadFramePointer {
    RAX = RBP
}

function CpuBlockPointer {
    RAX = gs:[#CpuSelf]
}

function CpuCurrentThread {
    RAX = gs:[#CpuThread]
}

// One instruction each: a thread that is moved between reading GS and reading the block would see another CPU's count.
function CpuReadPreemptCount {
    EAX = gs:[#CpuPreemptCount]
}

function CpuReadInterruptDepth {
    EAX = gs:[#CpuInterruptDepth]
}

function CpuPreemptDisable {
    dword gs:[#CpuPreemptCount]++
}

function CpuPreemptDisableHere {
    dword gs:[#CpuPreemptCount]++
    EAX = gs:[#CpuIndex]
}

function CpuPreemptEnableNoCheck {
    dword gs:[#CpuPreemptCount]--
}

// Not 0 when the count reached 0 and a reschedule is wanted or deferred work waits.
// The request is read after the count has fallen: one that comes before that leaves the switch to us, one after it switches at once.
function CpuPreemptEnable {
    EAX = 0
    dword gs:[#CpuPreemptCount]--
    if not zero return
    EAX = gs:[#CpuNeedResched]
}

// A read-side section of RCU begins: see ReadSection.cs.
function ReadSectionBegin {
    RAX = gs:[#CpuThread]
    dword [RAX + #ThreadReadNesting]++
}

// It ends. The count of a watched thread is so much higher that the end of its outermost section overflows, which no other end does.
function ReadSectionEnd {
    RAX = gs:[#CpuThread]
    dword [RAX + #ThreadReadNesting]--
    if overflow goto ReadSectionEndWatched
}

function PortIn8 {
    EDX = EDI
    EAX = 0
    AL = Port[DX]
}

function PortIn16 {
    EDX = EDI
    EAX = 0
    AX = Port[DX]
}

function PortIn32 {
    EDX = EDI
    EAX = Port[DX]
}

function PortOut8 {
    EDX = EDI
    EAX = ESI
    Port[DX] = AL
}

function PortOut16 {
    EDX = EDI
    EAX = ESI
    Port[DX] = AX
}

function PortOut32 {
    EDX = EDI
    EAX = ESI
    Port[DX] = EAX
}
