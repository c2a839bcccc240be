// Copies between the kernel and user memory: the only code of the kernel that touches a user address. A page fault in it goes on at the place that the table below names (UserAccess.cs), with the address
// in R10 and the error code in R11. Where the CPU keeps the kernel from user pages (SMAP), AC lets these routines through; entries clear it and IRET brings it back.

const HasSmap = 1

section ".text" exec align 64

// RAX = bytes that were not copied. RDI to, RSI from, RDX bytes, RCX where a fault is described. Blocks first; a fault in one is found again byte by byte, so that all before it is copied.
align 64
function UserCopy {
    R8 = RCX
    if dword [@UserModeFeatures] ?& #HasSmap {
        stac
    }
    .CopyWide:
    while RDX >= 128 {
        XMM0 = [RSI]
        XMM1 = [RSI + 16]
        XMM2 = [RSI + 32]
        XMM3 = [RSI + 48]
        XMM4 = [RSI + 64]
        XMM5 = [RSI + 80]
        XMM6 = [RSI + 96]
        XMM7 = [RSI + 112]
        [RDI] = XMM0
        [RDI + 16] = XMM1
        [RDI + 32] = XMM2
        [RDI + 48] = XMM3
        [RDI + 64] = XMM4
        [RDI + 80] = XMM5
        [RDI + 96] = XMM6
        [RDI + 112] = XMM7
        RSI + 128
        RDI + 128
        RDX - 128
    }
    if RDX >= 64 {
        XMM0 = [RSI]
        XMM1 = [RSI + 16]
        XMM2 = [RSI + 32]
        XMM3 = [RSI + 48]
        [RDI] = XMM0
        [RDI + 16] = XMM1
        [RDI + 32] = XMM2
        [RDI + 48] = XMM3
        RSI + 64
        RDI + 64
        RDX - 64
    }
    while RDX >= 16 {
        XMM0 = [RSI]
        [RDI] = XMM0
        RSI + 16
        RDI + 16
        RDX - 16
    }
    if RDX >= 8 {
        RAX = [RSI]
        [RDI] = RAX
        RSI + 8
        RDI + 8
        RDX - 8
    }
    .CopyBytes:
    while RDX != 0 {
        EAX = unsigned byte [RSI]
        [RDI] = AL
        RSI++
        RDI++
        RDX--
    }
    .CopyEnd:
    RAX = RDX
    goto UserAccessDone

    .CopyFault:
    [R8] = R10
    [R8 + 8] = R11
    RAX = RDX
    goto UserAccessDone
}

// RAX = bytes that were not filled with zero. RDI to, RSI bytes, RDX where a fault is described.
align 16
function UserClear {
    R8 = RDX
    RDX = RSI
    pxor XMM0, XMM0
    EAX = 0
    if dword [@UserModeFeatures] ?& #HasSmap {
        stac
    }
    .ClearWide:
    while RDX >= 64 {
        [RDI] = XMM0
        [RDI + 16] = XMM0
        [RDI + 32] = XMM0
        [RDI + 48] = XMM0
        RDI + 64
        RDX - 64
    }
    while RDX >= 8 {
        [RDI] = RAX
        RDI + 8
        RDX - 8
    }
    .ClearBytes:
    while RDX != 0 {
        [RDI] = AL
        RDI++
        RDX--
    }
    .ClearEnd:
    RAX = RDX
    goto UserAccessDone
}

// Copies up to and without a NUL: RDI to, RSI from, RDX bytes at most, RCX where the end is described. RAX = bytes copied; the third word there is 1 when a NUL was found, 2 after a fault, else 0.
// Words are read at multiples of their size, so that none reaches into a page that the string does not.
align 16
function UserCopyString {
    R8 = RCX
    R9 = RDI
    RCX = 0x8080808080808080
    qword [R8 + 16] = 0
    if dword [@UserModeFeatures] ?& #HasSmap {
        stac
    }
    .StringBegin:
    Next:
    if RDX = 0 goto Full
    if ESI ?& 7 goto One
    if RDX < 8 goto One
    RAX = [RSI]
    R10 = RAX
    R11 = 0x0101010101010101
    R10 - R11
    R11 = RAX
    R11 = ~R11
    R10 & R11
    if R10 ?& RCX goto One
    [RDI] = RAX
    RSI + 8
    RDI + 8
    RDX - 8
    goto Next
    One:
    EAX = unsigned byte [RSI]
    if AL = 0 goto Found
    [RDI] = AL
    RSI++
    RDI++
    RDX--
    goto Next
    .StringEnd:
    Found:
    qword [R8 + 16] = 1
    Full:
    RAX = RDI
    RAX - R9
    goto UserAccessDone

    .StringFault:
    [R8] = R10
    [R8 + 8] = R11
    qword [R8 + 16] = 2
    goto Full
}

// Single words. RAX = 0, or 1 after a fault. Each has its description of a fault in the last argument.

// RDI address, RSI where the value goes.
align 16
function UserLoad32 {
    R8 = RDX
    if dword [@UserModeFeatures] ?& #HasSmap {
        stac
    }
    .Load32:
    EAX = [RDI]
    .Load32End:
    [RSI] = EAX
    EAX = 0
    goto UserAccessDone
}

align 16
function UserLoad64 {
    R8 = RDX
    if dword [@UserModeFeatures] ?& #HasSmap {
        stac
    }
    .Load64:
    RAX = [RDI]
    .Load64End:
    [RSI] = RAX
    EAX = 0
    goto UserAccessDone
}

// RDI address, RSI value.
align 16
function UserStore32 {
    R8 = RDX
    if dword [@UserModeFeatures] ?& #HasSmap {
        stac
    }
    .Store32:
    [RDI] = ESI
    .Store32End:
    EAX = 0
    goto UserAccessDone
}

align 16
function UserStore64 {
    R8 = RDX
    if dword [@UserModeFeatures] ?& #HasSmap {
        stac
    }
    .Store64:
    [RDI] = RSI
    .Store64End:
    EAX = 0
    goto UserAccessDone
}

// RDI address, ESI expected, EDX new value, RCX where the value goes that was seen.
align 16
function UserCompareExchange32 {
    EAX = ESI
    if dword [@UserModeFeatures] ?& #HasSmap {
        stac
    }
    .Exchange32:
    lock cmpxchg [RDI], EDX
    .Exchange32End:
    [RCX] = EAX
    EAX = 0
    goto UserAccessDone
}

// RDI address, ESI operation (UserAtomic), EDX operand, RCX where the old value goes.
align 16
function UserAtomic32 {
    if dword [@UserModeFeatures] ?& #HasSmap {
        stac
    }
    .Atomic32:
    EAX = [RDI]
    Again:
    R9D = EDX
    if ESI = 1 {
        R9D + EAX
    } else if ESI = 2 {
        R9D | EAX
    } else if ESI = 3 {
        R9D = ~R9D
        R9D & EAX
    } else if ESI = 4 {
        R9D ^ EAX
    }
    lock cmpxchg [RDI], R9D
    if not zero goto Again
    .Atomic32End:
    [RCX] = EAX
    EAX = 0
    goto UserAccessDone
}

function WordFault naked {
    [R8] = R10
    [R8 + 8] = R11
    EAX = 1
    goto UserAccessDone
}

function UserAccessDone {
    if dword [@UserModeFeatures] ?& #HasSmap {
        clac
    }
}

export UserAccessCodeEnd:

function UserAccessCodeStartAddress {
    RAX = @UserCopy
}

function UserAccessCodeEndAddress {
    RAX = @UserAccessCodeEnd
}

function UserAccessTableAddress {
    RAX = @UserAccessTable
}

function UserAccessTableEndAddress {
    RAX = @UserAccessTableEnd
}

section ".rodata" align 8

// First address, the one after the last, where a fault between them goes on.
UserAccessTable:
    qword @CopyWide, @CopyBytes, @CopyBytes
    qword @CopyBytes, @CopyEnd, @CopyFault
    qword @ClearWide, @ClearBytes, @ClearBytes
    qword @ClearBytes, @ClearEnd, @CopyFault
    qword @StringBegin, @StringEnd, @StringFault
    qword @Load32, @Load32End, @WordFault
    qword @Load64, @Load64End, @WordFault
    qword @Store32, @Store32End, @WordFault
    qword @Store64, @Store64End, @WordFault
    qword @Exchange32, @Exchange32End, @WordFault
    qword @Atomic32, @Atomic32End, @WordFault
UserAccessTableEnd:
