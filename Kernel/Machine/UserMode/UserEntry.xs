// To user mode and back. Registers go straight between the CPU and the thread's context (UserContextBlock.cs): TSS.RSP0 and SYSCALL's stack pointer stand at the end of the context's register frame, so
// the entries' pushes fill it. System calls and exceptions then return from UserRun on the kernel's stack; interrupts are served and go back, unless the context wants attention.
// Time in user mode is one word: the way there subtracts the TSC from it, the way back adds it.
// In all of this RBX is the address of the register frame; the context begins ContextRegisters bytes below it.

const Pending = -0x50
const Attention = -0x4F
const KernelRsp = #ContextKernelRsp - #ContextRegisters
const FaultAddress = #ContextFaultAddress - #ContextRegisters
const Mxcsr = #ContextMxcsr - #ContextRegisters
const DebugStatus = #ContextDebugStatus - #ContextRegisters
const UserTicks = #ContextUserTicks - #ContextRegisters
const Xmm = #ContextExtendedState - #ContextRegisters + 160

const FrameR11 = 32
const FrameRcx = 96
const FrameVector = 120
const FrameErrorCode = 128
const FrameRip = 136
const FrameCs = 144
const FrameFlags = 152
const FrameSs = 168

const UserCode = 0x23
const UserData = 0x1B
const SystemCallVector = 0x100
const GeneralProtection = 13
const PageFault = 14

// UserExit.
const ExitSystemCall = 0
const ExitException = 1
const ExitAttention = 2

const InterruptFlag = 0x200
// What SYSRET gives the user back: CF PF AF ZF SF DF OF AC ID, and bit 1, which is always set.
const FlagsNotOfSysret = ~0x240CD7 & 0xFFFFFFFF
// What IRETQ may give the user: the same, and TF NT RF.
const FlagsOfUser = 0x254DD5

// UserModeCpu.cs: features of the CPU that the code here asks for.
const HasSmap = 1
const HasFsGsBase = 2
const HasXsave = 4
const HasXsaveopt = 8


align 8
var UserModeFeatures = 0 as dword

// Components of the extended state that are moved by XSAVE: all that are on but the XMM registers, which the entries move themselves.
align 8
var UserStateComponents = 0 as qword

section ".text" exec align 64

// EAX = UserRun(context in RDI). Preemption and interrupts are on.
align 64
function UserRun naked {
    +RBX, RBP, R12, R13, R14, R15
    cli
    [RDI + #ContextKernelRsp] = RSP
    RBX = @[RDI + #ContextRegisters]

    // From here on the kernel's registers are all on its stack: UserEntriesStart to UserEntriesEnd is code whose registers hold nothing that the collector must see.
    export UserEntriesStart:
    .Leave:
    // Interrupts are off until user mode turns them on, so a request for attention is either seen here or brings an interrupt there.
    if dword [RBX + #Pending] != 0 goto NotReady
    Ready:
    ldmxcsr [RBX + #Mxcsr]
    XMM0 = [RBX + (#Xmm + 0)]
    XMM1 = [RBX + (#Xmm + 16)]
    XMM2 = [RBX + (#Xmm + 32)]
    XMM3 = [RBX + (#Xmm + 48)]
    XMM4 = [RBX + (#Xmm + 64)]
    XMM5 = [RBX + (#Xmm + 80)]
    XMM6 = [RBX + (#Xmm + 96)]
    XMM7 = [RBX + (#Xmm + 112)]
    XMM8 = [RBX + (#Xmm + 128)]
    XMM9 = [RBX + (#Xmm + 144)]
    XMM10 = [RBX + (#Xmm + 160)]
    XMM11 = [RBX + (#Xmm + 176)]
    XMM12 = [RBX + (#Xmm + 192)]
    XMM13 = [RBX + (#Xmm + 208)]
    XMM14 = [RBX + (#Xmm + 224)]
    XMM15 = [RBX + (#Xmm + 240)]

    rdtsc
    RDX << 32
    RAX | RDX
    RCX = [RBX + #UserTicks]
    [RCX] - RAX

    // SYSRET takes RIP from RCX and the flags from R11, and with a RIP that is not canonical it would fault in the kernel on the user's stack (Intel SDM vol. 2B, SYSRET).
    RCX = [RBX + #FrameRip]
    R11 = [RBX + #FrameFlags]
    if RCX != [RBX + #FrameRcx] goto ByIret
    if R11 != [RBX + #FrameR11] goto ByIret
    RAX = RCX
    RAX >> 47
    if not zero goto ByIret
    EAX = R11D
    EAX ^ #InterruptFlag
    if EAX ?& #FlagsNotOfSysret goto ByIret
    RSP = RBX
    -R15, R14, R13, R12, R11, R10, R9, R8, RBP, RDI, RSI, RDX, RCX, RBX, RAX
    RSP = [RSP + 40]
    swapgs
    sysretq

    ByIret:
    RAX = RCX
    RAX << 16
    signed RAX >> 16
    if RAX != RCX goto BadRip
    qword [RBX + #FrameCs] = #UserCode
    qword [RBX + #FrameSs] = #UserData
    R11 & #FlagsOfUser
    R11 | (#InterruptFlag | 2)
    [RBX + #FrameFlags] = R11
    RSP = RBX
    -R15, R14, R13, R12, R11, R10, R9, R8, RBP, RDI, RSI, RDX, RCX, RBX, RAX
    RSP + 16
    swapgs
    iretq

    // As the CPU would report it, if user code had jumped there.
    BadRip:
    qword [RBX + #FrameVector] = #GeneralProtection
    qword [RBX + #FrameErrorCode] = 0
    rdtsc
    RDX << 32
    RAX | RDX
    RCX = [RBX + #UserTicks]
    [RCX] + RAX
    EAX = #ExitException
    ldmxcsr [@DefaultMxcsr]
    goto Return

    NotReady:
    if byte [RBX + #Attention] != 0 {
        byte [RBX + #Attention] = 0
        EAX = #ExitAttention
        goto Return
    }
    RDI = @[RBX + #Pending]
    RSP - 8
    UserContextLoad()
    RSP + 8
    goto Leave

    // EAX = why. Nothing of the user's stays in registers that the collector might take for references.
    .Return:
    RSP = [RBX + #KernelRsp]
    qword [RBX + #KernelRsp] = 0
    ECX xor ECX
    EDX xor EDX
    ESI xor ESI
    EDI xor EDI
    R8D xor R8D
    R9D xor R9D
    R10D xor R10D
    R11D xor R11D
    goto LeaveEntries
}

// A hard interrupt in user mode; RSP is in the context, where the stub has pushed the vector. The handlers run on the CPU's interrupt stack.
align 16
function UserInterruptEntry naked {
    swapgs
    +RAX, RBX, RCX, RDX, RSI, RDI, RBP, R8, R9, R10, R11, R12, R13, R14, R15
    RBX = RSP
    cld
    if dword [@UserModeFeatures] ?& #HasSmap {
        clac
    }
    rdtsc
    RDX << 32
    RAX | RDX
    R14 = RAX
    RCX = [RBX + #UserTicks]
    [RCX] + RAX
    stmxcsr [RBX + #Mxcsr]
    [RBX + (#Xmm + 0)] = XMM0
    [RBX + (#Xmm + 16)] = XMM1
    [RBX + (#Xmm + 32)] = XMM2
    [RBX + (#Xmm + 48)] = XMM3
    [RBX + (#Xmm + 64)] = XMM4
    [RBX + (#Xmm + 80)] = XMM5
    [RBX + (#Xmm + 96)] = XMM6
    [RBX + (#Xmm + 112)] = XMM7
    [RBX + (#Xmm + 128)] = XMM8
    [RBX + (#Xmm + 144)] = XMM9
    [RBX + (#Xmm + 160)] = XMM10
    [RBX + (#Xmm + 176)] = XMM11
    [RBX + (#Xmm + 192)] = XMM12
    [RBX + (#Xmm + 208)] = XMM13
    [RBX + (#Xmm + 224)] = XMM14
    [RBX + (#Xmm + 240)] = XMM15
    ldmxcsr [@DefaultMxcsr]

    // See InterruptEntry.
    lock dword gs:[#CpuInterruptDepth]++
    RAX = [RBX + #KernelRsp]
    gs:[#CpuInterruptedRsp] = RAX
    RSP = gs:[#CpuInterruptStackTop]
    RDI = RBX
    InterruptDispatch()
    RSP = [RBX + #KernelRsp]
    gs:[#CpuInterruptedRsp] = 0 as qword
    dword gs:[#CpuInterruptDepth]--
    rdtsc
    RDX << 32
    RAX | RDX
    RAX - R14
    RCX = gs:[#CpuThread]
    RAX + [RCX + #ThreadInterruptTicks]
    [RCX + #ThreadInterruptTicks] = RAX

    // The switch, if one is due, on the kernel's stack of the thread: user code never holds preemption off.
    EAX = gs:[#CpuNeedResched]
    EAX ?& EAX
    if zero goto Leave
    RSP - 8
    InterruptReschedule()
    RSP + 8
    goto Leave
}

// An exception in user mode; RSP is in the context, where the stub has pushed the error code and the vector.
align 16
function UserExceptionEntry naked {
    swapgs
    +RAX, RBX, RCX, RDX, RSI, RDI, RBP, R8, R9, R10, R11, R12, R13, R14, R15
    RBX = RSP
    cld
    .ExceptionSaved:
    if dword [@UserModeFeatures] ?& #HasSmap {
        clac
    }
    if qword [RBX + #FrameVector] = #PageFault {
        RAX = CR2
        [RBX + #FaultAddress] = RAX
    }
    rdtsc
    RDX << 32
    RAX | RDX
    RCX = [RBX + #UserTicks]
    [RCX] + RAX
    EAX = #ExitException
    goto SaveVectorsAndReturn
}

// A debug exception in user mode. It arrives on its own stack, because in the kernel it may come anywhere; from here on it is like any other.
align 16
function UserDebugEntry naked {
    swapgs
    +RAX, RCX
    RAX = gs:[#CpuKernelSyscallRsp]
    RCX = [RSP + 16]
    [RAX - 56] = RCX
    RCX = [RSP + 24]
    [RAX - 48] = RCX
    RCX = [RSP + 32]
    [RAX - 40] = RCX
    RCX = [RSP + 40]
    [RAX - 32] = RCX
    RCX = [RSP + 48]
    [RAX - 24] = RCX
    RCX = [RSP + 56]
    [RAX - 16] = RCX
    RCX = [RSP + 64]
    [RAX - 8] = RCX
    RCX = [RSP + 8]
    [RAX - 64] = RCX
    RCX = [RSP]
    RSP = @[RAX - 64]
    +RBX, RCX, RDX, RSI, RDI, RBP, R8, R9, R10, R11, R12, R13, R14, R15
    RBX = RSP
    cld
    RAX = DR6
    [RBX + #DebugStatus] = RAX
    EAX = 0
    DR6 = RAX
    goto ExceptionSaved
}

// SYSCALL: RCX is the user's RIP, R11 its flags; interrupts are off and DF, TF, NT and AC clear (SFMASK).
align 64
function SystemCallEntry naked {
    swapgs
    gs:[#CpuUserRsp] = RSP
    RSP = gs:[#CpuKernelSyscallRsp]
    +#UserData
    +gs:[#CpuUserRsp]
    +R11
    +#UserCode
    +RCX
    +0
    +#SystemCallVector
    +RAX, RBX, RCX, RDX, RSI, RDI, RBP, R8, R9, R10, R11, R12, R13, R14, R15
    RBX = RSP
    rdtsc
    RDX << 32
    RAX | RDX
    RCX = [RBX + #UserTicks]
    [RCX] + RAX
    EAX = #ExitSystemCall
    .SaveVectorsAndReturn:
    stmxcsr [RBX + #Mxcsr]
    [RBX + (#Xmm + 0)] = XMM0
    [RBX + (#Xmm + 16)] = XMM1
    [RBX + (#Xmm + 32)] = XMM2
    [RBX + (#Xmm + 48)] = XMM3
    [RBX + (#Xmm + 64)] = XMM4
    [RBX + (#Xmm + 80)] = XMM5
    [RBX + (#Xmm + 96)] = XMM6
    [RBX + (#Xmm + 112)] = XMM7
    [RBX + (#Xmm + 128)] = XMM8
    [RBX + (#Xmm + 144)] = XMM9
    [RBX + (#Xmm + 160)] = XMM10
    [RBX + (#Xmm + 176)] = XMM11
    [RBX + (#Xmm + 192)] = XMM12
    [RBX + (#Xmm + 208)] = XMM13
    [RBX + (#Xmm + 224)] = XMM14
    [RBX + (#Xmm + 240)] = XMM15
    ldmxcsr [@DefaultMxcsr]

    // What .Return does, without the jumps.
    RSP = [RBX + #KernelRsp]
    qword [RBX + #KernelRsp] = 0
    ECX xor ECX
    EDX xor EDX
    ESI xor ESI
    EDI xor EDI
    R8D xor R8D
    R9D xor R9D
    R10D xor R10D
    R11D xor R11D

    .LeaveEntries:
    export UserEntriesEnd:
    sti
    -R15, R14, R13, R12, RBP, RBX
    ret
}

// The thread whose block is in RDI leaves this CPU, and its context in RAX is loaded here: takes what the entries do not save. Interrupts are off. Changes RAX, RCX, RDX and XMM registers.
align 16
function UserStateSave {
    R8 = RAX
    EAX = [@UserModeFeatures]
    if EAX ?& #HasFsGsBase {
        rdfsbase RCX
        [R8 + #ContextFsBase] = RCX
        swapgs
        rdgsbase RCX
        swapgs
        [R8 + #ContextGsBase] = RCX
    }
    R9D = EAX
    EAX = [@UserStateComponents]
    EDX = [@UserStateComponents + 4]
    if R9D ?& #HasXsaveopt {
        xsaveopt64 [R8 + #ContextExtendedState]
        byte [R8] = 1
        return
    }
    if R9D ?& #HasXsave {
        xsave64 [R8 + #ContextExtendedState]
        byte [R8] = 1
        return
    }

    // FXSAVE takes the kernel's XMM registers too: they go into a second image, of which the x87 part is kept.
    fxsave64 [R8 + (#ContextExtendedState + 512)]
    XMM0 = [R8 + (#ContextExtendedState + 512)]
    [R8 + #ContextExtendedState] = XMM0
    RCX = [R8 + (#ContextExtendedState + 512 + 16)]
    [R8 + (#ContextExtendedState + 16)] = RCX
    ECX = 32
    while ECX < 160 {
        XMM0 = [R8 + RCX * 1 + (#ContextExtendedState + 512)]
        [R8 + RCX * 1 + #ContextExtendedState] = XMM0
        ECX + 16
    }
    byte [R8] = 1
}

// RDI context: its x87 and vector state goes into the registers. MXCSR is the kernel's in every image.
align 16
function UserStateRestore {
    EAX = [@UserStateComponents]
    EDX = [@UserStateComponents + 4]
    if dword [@UserModeFeatures] ?& #HasXsave {
        xrstor64 [RDI + #ContextExtendedState]
        return
    }
    fxrstor64 [RDI + #ContextExtendedState]
}

// RDI, RSI: user bases of FS and GS.
align 16
function UserBasesWriteFast {
    wrfsbase RDI
    swapgs
    wrgsbase RSI
    swapgs
}

// RDI context, loaded on this CPU; interrupts are off: all of its state is in memory afterwards.
align 16
function UserStateStore {
    RAX = RDI
    UserStateSave()
}

function UserModeSetFeatures {
    [@UserModeFeatures] = EDI
    [@UserStateComponents] = RSI
}

// What SYSCALL jumps to, and the ends of the code between the kernel's stack and user mode.
function UserEntryAddress {
    RAX = @SystemCallEntry
}

function UserEntriesStartAddress {
    RAX = @UserEntriesStart
}

function UserEntriesEndAddress {
    RAX = @UserEntriesEnd
}

// RDI 512 bytes at a multiple of 16.
function CpuStoreLegacyState {
    fxsave64 [RDI]
}

function CpuWriteExtendedControl0 {
    ECX = 0
    EAX = EDI
    RDX = RDI
    RDX >> 32
    xsetbv
}
