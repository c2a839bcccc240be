// The vDSO (vdso(7)): code that every program gets mapped and that runs in user mode, so that reading a clock needs no system call. It is linked to a shared object of its own (tools/build/link-vdso.sh)
// and becomes part of the kernel's image as data. The page of clocks lies right below its first page; UserClockPage.cs writes it and has the same offsets.
// No function here touches the stack, so one rule describes all of them to who unwinds: the return address is at the stack pointer.

const Sequence = 0
const Origin = 8
const Timezone = 16
const Records = 64
const RecordShift = 5
const Factor = 0
const Base = 8
const Resolution = 16
const Clocks = 12

// The segment whose limit holds the CPU's number, and above bit 12 its node: DescriptorTables.cs.
const CpuNumberSegment = 0x7B

const CallGetTimeOfDay = 96
const CallTime = 201
const CallClockGetTime = 228
const CallClockGetResolution = 229

const NanosecondsPerSecond = 1000000000

section ".text" exec align 64
CodeStart:

// RAX = nanoseconds of the clock whose record is at R9; the page is at R8. RCX = 0: the TSC does not tell, the kernel must be asked. Changes RDX, R10, R11.
align 64
function ReadClock naked {
    Again:
    R10D = [R8 + #Sequence]
    if R10D ?& 1 goto Busy
    R11 = [R9 + #Base]
    RCX = [R9 + #Factor]
    RCX ?& RCX
    if zero goto Done
    // Not before the loads above: a reading older than what it is reckoned with could seem to go back.
    lfence
    rdtsc
    RDX << 32
    RAX | RDX
    RAX - [R8 + #Origin]
    // Ticks times a number with 32 bits behind the point: the same sum as the kernel's (TickScale.cs), to the nanosecond.
    mul RCX
    shrd RAX, RDX, 32
    RAX + R11
    if R10D != [R8 + #Sequence] goto Again
    Done:
    ret
    Busy:
    pause
    goto Again
}

// RDX = seconds, RAX = nanoseconds within the second, of the nanoseconds in RAX. Division by 2^9 * 5^9 as a multiplication. Changes RCX.
align 16
function Split naked {
    R10 = RAX
    RAX >> 9
    RCX = 0x44B82FA09B5A53
    mul RCX
    RDX >> 11
    RCX = RDX * #NanosecondsPerSecond
    RAX = R10
    RAX - RCX
    ret
}

// EDI clock, RSI struct timespec: clock_gettime(2).
align 64
function __vdso_clock_gettime naked {
    if EDI >= #Clocks goto Call
    R9D = EDI
    R9 << #RecordShift
    R8 = @ClockPage
    R9 = @[R8 + R9 * 1 + #Records]
    ReadClock()
    RCX ?& RCX
    if zero goto Call
    Split()
    [RSI] = RDX
    [RSI + 8] = RAX
    EAX xor EAX
    ret
    Call:
    EAX = #CallClockGetTime
    syscall
    ret
}

// RDI struct timeval or 0, RSI struct timezone or 0: gettimeofday(2).
align 16
function __vdso_gettimeofday naked {
    R8 = @ClockPage
    RDI ?& RDI
    if zero goto Zone
    R9 = @[R8 + #Records]
    ReadClock()
    RCX ?& RCX
    if zero goto Call
    Split()
    [RDI] = RDX
    // Division by 1000 of a number below 2^30.
    RAX * 274877907
    RAX >> 38
    [RDI + 8] = RAX
    Zone:
    RSI ?& RSI
    if zero goto Done
    RAX = [R8 + #Timezone]
    [RSI] = RAX
    Done:
    EAX xor EAX
    ret
    Call:
    EAX = #CallGetTimeOfDay
    syscall
    ret
}

// RAX = seconds, and to RDI if that is not 0: time(2).
align 16
function __vdso_time naked {
    R8 = @ClockPage
    R9 = @[R8 + #Records]
    ReadClock()
    RCX ?& RCX
    if zero goto Call
    Split()
    RAX = RDX
    RDI ?& RDI
    if zero goto Done
    [RDI] = RAX
    Done:
    ret
    Call:
    EAX = #CallTime
    syscall
    ret
}

// EDI clock, RSI struct timespec or 0: clock_getres(2). No clock of the page has a resolution of a second or more.
align 16
function __vdso_clock_getres naked {
    if EDI >= #Clocks goto Call
    R9D = EDI
    R9 << #RecordShift
    R8 = @ClockPage
    RAX = [R8 + R9 * 1 + (#Records + #Resolution)]
    RAX ?& RAX
    if zero goto Call
    RSI ?& RSI
    if zero goto Done
    qword [RSI] = 0
    [RSI + 8] = RAX
    Done:
    EAX xor EAX
    ret
    Call:
    EAX = #CallClockGetResolution
    syscall
    ret
}

// RDI where the CPU's number goes, RSI where its node's goes, either 0: getcpu(2).
align 16
function __vdso_getcpu naked {
    ECX = #CpuNumberSegment
    lsl EAX, ECX
    RDI ?& RDI
    if not zero {
        ECX = EAX
        ECX & 0xFFF
        [RDI] = ECX
    }
    RSI ?& RSI
    if not zero {
        EAX >> 12
        [RSI] = EAX
    }
    EAX xor EAX
    ret
}
CodeEnd:

// How to unwind (System V ABI, AMD64 supplement, 3.7): at every instruction the caller's frame begins 8 above the stack pointer, and the return address lies below it.
section ".eh_frame" align 8
CommonStart:
var CommonInformation {
    dword @CommonEnd - @CommonId
}
CommonId:
var CommonRules {
    dword 0
    byte 1, 'zR', 0
    byte 1, 0x78, 16
    byte 1, 0x1B
    byte 0x0C, 7, 8
    byte 0x90, 1
    byte 0, 0
}
CommonEnd:
var FunctionRules {
    dword @FunctionEnd - @FunctionId
}
FunctionId:
var FunctionRange {
    dword @FunctionId - @CommonStart
    dword @CodeStart - @here
    dword @CodeEnd - @CodeStart
    byte 0, 0, 0, 0
}
FunctionEnd:
dword 0
