// Functions for Fast.cs. Arguments come in RDI, RSI, RDX, ...; results go in RAX (or XMM0).
namespace Fast

function Sum {
    RAX = @[RDI + RSI]
}

// How many bits are set.
function Bits {
    popcnt RAX, RDI
}

// The sum of count 32-bit numbers from an address on.
function SumOf {
    EAX xor EAX
    while RSI != 0 {
        RCX = signed dword [RDI]
        RAX + RCX
        RDI + 4
        RSI - 1
    }
}

// The processor's time stamp counter.
function Ticks {
    rdtsc
    RDX << 32
    RAX | RDX
}

// Reads a register of the real-time clock.
function Clock {
    EAX = EDI
    Port[$70] = AL
    AL = Port[$71]
    EAX = unsigned AL
}
