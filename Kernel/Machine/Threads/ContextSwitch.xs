// From one thread to another on this CPU. Only what the System V convention lets a callee keep is saved; an interrupted thread's other
// registers are in its interrupt frame.

// RDI the thread that runs, RSI the next one. Interrupts are off. Returns in the next thread.
align 16
function ContextSwitch {
    +RBX, RBP, R12, R13, R14, R15
    if qword [RDI + #ThreadUserContext] != 0 goto LeaveUser
    Left:
    if qword [RSI + #ThreadUserSpace] != 0 goto EnterUser
    Entered:
    [RDI + #ThreadRsp] = RSP
    RSP = [RSI + #ThreadRsp]
    gs:[#CpuThread] = RSI
    -R15, R14, R13, R12, RBP, RBX
    return

    // The thread that leaves has been in user mode since it came: what only user mode uses is taken from the registers.
    LeaveUser:
    RAX = [RDI + #ThreadUserContext]
    if byte [RAX] != 0 goto Left
    UserStateSave()
    goto Left

    // The thread that comes has an address space; threads of the kernel run with whichever is there.
    EnterUser:
    RAX = [RSI + #ThreadUserSpace]
    if RAX = gs:[#CpuUserSpace] goto Entered
    RBX = RDI
    RBP = RSI
    RDI = RAX
    RSP - 8
    UserSpaceLoad()
    RSP + 8
    RDI = RBX
    RSI = RBP
    goto Entered
}

// RDI a new thread's block: lays out its stack so that the first switch to it arrives at ThreadEntry.
function ContextPrepare {
    RAX = [RDI + #ThreadStackHigh]
    RAX - 16
    [RAX] = 0 as qword
    [RAX + 8] = 0 as qword
    RCX = @ThreadEntry
    [RAX - 8] = RCX
    RAX - 56
    [RAX] = 0 as qword
    [RAX + 8] = 0 as qword
    [RAX + 16] = 0 as qword
    [RAX + 24] = 0 as qword
    [RAX + 32] = 0 as qword
    [RAX + 40] = 0 as qword
    [RDI + #ThreadRsp] = RAX
}

// First code of every thread. The two zero words above are the end of its chain of frames.
function ThreadEntry naked {
    RBP = 0
    RDI = gs:[#CpuThread]
    ThreadStart()
    ud2
}
