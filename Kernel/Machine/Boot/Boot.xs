// From the boot loader to the first C# instruction. Multiboot2 (GRUB, BIOS and UEFI) and PVH (qemu -kernel) both enter in
// 32-bit protected mode without paging, at the physical address of the image.

const MultibootMagic = 0xE85250D6
const PageTableBytes = 4096
const ImageVirtualBase = 0xFFFFFFFF80000000
const BootStackBytes = 65536
const ThreadBlockBytes = 256

// Multiboot2 specification 2.0, section 3.1: header within the first 32 KiB, 8-byte aligned.
section ".boot.header" align 8
var MultibootHeader {
    dword #MultibootMagic, 0, 64, 0x100000000 - (#MultibootMagic + 64)
    // Entry address tag: the ELF entry is PVH's.
    word 3, 0
    dword 12, @MultibootEntry, 0
    // Framebuffer tag, optional: any size, 32 bits.
    word 5, 1
    dword 20, 0, 0, 32, 0
    word 0, 0
    dword 8
}

// Xen's ELF note XEN_ELFNOTE_PHYS32_ENTRY.
section ".note.Xen" read note align 4
var PvhNote {
    dword 4, 4, 18
    byte "Xen", 0
    dword @PvhEntry
}

section ".boot.text" exec align 16
bits 32

function PvhEntry naked {
    cli
    cld
    EDI = 0
    ESI = EBX
    goto BootCommon
}

function MultibootEntry naked {
    cli
    cld
    EDI = EAX
    ESI = EBX
    goto BootCommon
}

// EDI loader's magic number, ESI physical address of its information.
function BootCommon naked {
    ESP = @BootSmallStackEnd
    // A CPU without long mode cannot run this kernel: say so on the serial port and the screen.
    +EDI
    +ESI
    EAX = 0x80000000
    cpuid
    EAX ?= 0x80000001
    if below goto NoLongMode
    EAX = 0x80000001
    cpuid
    EDX ?& 0x20000000
    if zero goto NoLongMode
    -ESI
    -EDI

    // The same 1 GiB pages' worth of 2 MiB entries serve the identity map, the direct map and the image.
    EBX = @BootLevel2
    EAX = 0x83
    ECX = 2048
    FillLevel2:
    [EBX] = EAX
    [EBX + 4] = 0 as dword
    EAX + 0x200000
    EBX + 8
    ECX--
    if not zero goto FillLevel2

    EBX = @BootLevel3
    EAX = @BootLevel2 + 3
    ECX = 4
    FillLevel3:
    [EBX] = EAX
    EAX + #PageTableBytes
    EBX + 8
    ECX--
    if not zero goto FillLevel3

    // The image at -2 GiB: physical 0 to 1 GiB and 1 to 2 GiB.
    EBX = @BootLevel3Image
    EAX = @BootLevel2 + 3
    [EBX + 4080] = EAX
    EAX + #PageTableBytes
    [EBX + 4088] = EAX

    EBX = @BootLevel4
    EAX = @BootLevel3 + 3
    [EBX] = EAX
    [EBX + 2048] = EAX
    EAX = @BootLevel3Image + 3
    [EBX + 4088] = EAX

    BootEnterLongMode()
    goto far 8:@BootLong
    NoLongMode:
    ESI = @NoLongModeText
    EBX = 0xB8000
    NextCharacter:
    EAX = 0
    AL = [ESI]
    EAX ?& EAX
    if zero goto Stop
    [EBX] = AL
    [EBX + 1] = 0x4F as byte
    DX = 0x3F8
    Port[DX] = AL
    ESI++
    EBX + 2
    goto NextCharacter
    Stop:
    hlt
    goto Stop
}

// Turns on SSE, PAE, long mode, NX where the CPU has it, and paging with the boot tables. Used by every CPU.
function BootEnterLongMode {
    EAX = CR4
    EAX | 0x620
    CR4 = EAX
    EAX = @BootLevel4
    CR3 = EAX
    EAX = 0x80000001
    cpuid
    EDX & 0x100000
    EDX >> 9
    +EDX
    ECX = 0xC0000080
    rdmsr
    -ECX
    EAX | ECX
    EAX | 0x101
    ECX = 0xC0000080
    wrmsr
    EAX = CR0
    EAX & 0xFFFFFFFB
    EAX | 0x80010002
    CR0 = EAX
    lgdt [@BootGdtPointer]
}

bits 64
function BootLong naked {
    EAX = 0x10
    DS = AX
    ES = AX
    SS = AX
    EAX = 0
    FS = AX
    GS = AX
    RAX = @BootHigh
    goto RAX
}

section ".boot.data" write align 16
var BootGdt {
    qword 0, 0x00AF9B000000FFFF, 0x00CF93000000FFFF
}
var BootGdtPointer {
    word 23
    qword @BootGdt
}
var NoLongModeText {
    byte "CosmosKernel needs a 64-bit x86 CPU.", 0
}

section ".boot.bss" write nobits align 4096
var BootLevel4 byte[4096]
var BootLevel3 byte[4096]
var BootLevel3Image byte[4096]
var BootLevel2 byte[16384]
var BootSmallStack byte[1024]
var BootSmallStackEnd byte[16]

section ".text" exec align 16
// The first instruction in the higher half. RDI and RSI still hold the boot loader's values.
function BootHigh naked {
    RSP = @BootStackEnd
    RBP = 0
    EDI = EDI
    ESI = ESI
    +RBP
    +RBP
    KernelMain()
    Stop:
    cli
    hlt
    goto Stop
}

function BootStackTop {
    RAX = @BootStackEnd
}

function BootStackBottom {
    RAX = @BootStack
}

// Addresses that the linker knows, in the order of ImageLayout.Symbol.
function ImageSymbolAddress {
    EDI = EDI
    RAX = @ImageSymbols
    RAX = [RAX + RDI * 8]
}

section ".rodata" align 8
var ImageSymbols {
    qword @ImageStart, @ImageBootEnd, @ImageTextStart, @ImageTextEnd, @ImageReadOnlyStart, @ImageReadOnlyEnd, @ImageDataStart, @ImageEnd
    qword @ImageSymbolsStart, @ImageSymbolsEnd, @ImageVdsoStart, @ImageVdsoEnd, @ImageExportsStart, @ImageExportsEnd
}

section ".bss" write nobits align 4096
var BootStack byte[#BootStackBytes]
// The boot thread's ThreadBlock lies above its stack.
var BootStackEnd byte[#ThreadBlockBytes]
