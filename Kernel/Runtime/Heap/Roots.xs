// Puts the registers that a callee keeps on the stack, where the scan of this stack sees them, and marks the roots.

section ".text" exec align 16

align 16
function HeapMarkWithRegisters {
    +RBX, RBP, R12, R13, R14, R15
    RSP - 8
    RDI = RSP
    HeapMarkRoots()
    RSP + 8
    -R15, R14, R13, R12, RBP, RBX
}
