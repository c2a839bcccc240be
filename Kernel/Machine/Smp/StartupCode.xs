// The way of a CPU from its start-up interrupt to C#: real mode in a page below 640 KiB, protected mode and long mode with the boot page tables,
// then the kernel's own page tables and its own stack.

// CpuStartup.StartupEntry
const EntryBytes = 32
const EntryApicId = 0
const EntryAlive = 4
const EntryStackTop = 8

// Copied to the start of a page P: CS is P * 256 and IP 0 then. Addresses are relative to the start of the code.
section ".rodata" align 16
bits 16
export StartupRealMode:
    cli
    cld
    AX = CS
    DS = AX
    // All 32 bits of the base: without "dword" real mode loads 24, and the image lies at 16 MiB.
    lgdt dword [@StartupRealModeGdtPointer - @StartupRealMode]
    EAX = CR0
    EAX | 1
    CR0 = EAX
    goto far 0x18:@StartupProtected as dword
align 8
export StartupRealModeGdtPointer:
    word 31
    dword @StartupGdt
export StartupRealModeEnd:

section ".boot.data" write align 16
var StartupGdt {
    qword 0, 0x00AF9B000000FFFF, 0x00CF93000000FFFF, 0x00CF9B000000FFFF
}

section ".boot.text" exec align 16
bits 32
// As BootEnterLongMode, but without a stack: many CPUs are here at the same time.
function StartupProtected naked {
    EAX = 0x10
    DS = AX
    ES = AX
    SS = AX
    EAX = CR4
    EAX | 0x620
    CR4 = EAX
    EAX = @BootLevel4
    CR3 = EAX
    EAX = 0x80000001
    cpuid
    EDX & 0x100000
    EDX >> 9
    ESI = EDX
    ECX = 0xC0000080
    rdmsr
    EAX | ESI
    EAX | 0x101
    wrmsr
    // INIT leaves caching as it was, which firmware may have turned off (CD, NW).
    EAX = CR0
    EAX & 0x9FFFFFFB
    EAX | 0x80010002
    CR0 = EAX
    goto far 8:@StartupLong
}

bits 64
function StartupLong naked {
    EAX = 0
    FS = AX
    GS = AX
    RAX = @StartupHigh
    goto RAX
}

section ".data" write align 8
var StartupPageTable qword
var StartupEntries qword
var StartupEntryCount qword

section ".text" exec align 16
// No stack yet. The APIC id is that of leaf 0xB where the CPU has it (32 bits), else of leaf 1.
function StartupHigh naked {
    RAX = @StartupPageTable
    RAX = [RAX]
    CR3 = RAX
    EAX = 0
    cpuid
    EAX ?= 0xB
    if below goto .ShortId
    EAX = 0xB
    ECX = 0
    cpuid
    EBX ?& EBX
    if zero goto .ShortId
    ESI = EDX
    goto .Search
    .ShortId:
    EAX = 1
    cpuid
    EBX >> 24
    ESI = EBX
    .Search:
    RDI = @StartupEntries
    RDI = [RDI]
    RCX = @StartupEntryCount
    RCX = [RCX]
    .Next:
    RCX ?& RCX
    if zero goto .Unknown
    [RDI + #EntryApicId] ?= ESI
    if equal goto .Found
    RDI + #EntryBytes
    RCX--
    goto .Next
    .Found:
    // A second start-up interrupt must not find this CPU on its way already; it is not sent to those that are alive.
    [RDI + #EntryAlive] = 1 as dword
    RSP = [RDI + #EntryStackTop]
    RBP = 0
    +RBP
    +RBP
    CpuStartupEntry()
    .Unknown:
    cli
    hlt
    goto .Unknown
}

// RDI entries, ESI their number, RDX physical address of the kernel's top-level page table.
function StartupSetTable {
    RAX = @StartupEntries
    [RAX] = RDI
    ESI = ESI
    RAX = @StartupEntryCount
    [RAX] = RSI
    RAX = @StartupPageTable
    [RAX] = RDX
}

function StartupCodeStart {
    RAX = @StartupRealMode
}

function StartupCodeEnd {
    RAX = @StartupRealModeEnd
}
