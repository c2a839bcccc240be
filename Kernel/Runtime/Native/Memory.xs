// memmove, memcpy, memset, memcmp by their C names, for compiled code and for CoreLib. Copies and fills of 8 bytes and
// more touch memory in units of 8 or 16 bytes only, so an aligned reference is never seen half written.

export MemoryLeafStart:

// RDI: destination; RSI: source; RDX: bytes; the ranges may overlap. RAX: destination.
function memmove naked {
export memcpy:
	RAX = RDI
	if RDX > 16 goto Over16
	if RDX >= 8 goto From8
	if RDX >= 4 goto From4
	if RDX = 0 goto Done
	// 1 to 3 bytes: first, last, and the middle of three.
	ECX = unsigned byte [RSI]
	R8D = unsigned byte [RSI + RDX - 1]
	R9 = RDX
	R9 >> 1
	R10D = unsigned byte [RSI + R9]
	[RDI + R9] = R10B
	[RDI] = CL
	[RDI + RDX - 1] = R8B
Done:
	ret
From4:
	ECX = [RSI]
	R8D = [RSI + RDX - 4]
	[RDI] = ECX
	[RDI + RDX - 4] = R8D
	ret
From8:
	RCX = [RSI]
	R8 = [RSI + RDX - 8]
	[RDI] = RCX
	[RDI + RDX - 8] = R8
	ret
Over16:
	if RDX > 32 goto Over32
	XMM0 = [RSI]
	XMM1 = [RSI + RDX - 16]
	[RDI] = XMM0
	[RDI + RDX - 16] = XMM1
	ret
Over32:
	if RDX > 64 goto Over64
	XMM0 = [RSI]
	XMM1 = [RSI + 16]
	XMM2 = [RSI + RDX - 32]
	XMM3 = [RSI + RDX - 16]
	[RDI] = XMM0
	[RDI + 16] = XMM1
	[RDI + RDX - 32] = XMM2
	[RDI + RDX - 16] = XMM3
	ret
Over64:
	// A destination inside the source is filled from its end.
	RCX = RDI
	RCX - RSI
	if RCX < RDX goto Backward

	// The last 64 bytes are read first, since the loop may overwrite them.
	XMM4 = [RSI + RDX - 64]
	XMM5 = [RSI + RDX - 48]
	XMM6 = [RSI + RDX - 32]
	XMM7 = [RSI + RDX - 16]
	R8 = @[RDI + RDX - 64]
Forward:
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
	if RDI < R8 goto Forward
	[R8] = XMM4
	[R8 + 16] = XMM5
	[R8 + 32] = XMM6
	[R8 + 48] = XMM7
	ret
Backward:
	XMM4 = [RSI]
	XMM5 = [RSI + 16]
	XMM6 = [RSI + 32]
	XMM7 = [RSI + 48]
	R8 = @[RDI + 64]
	RSI + RDX
	RDI + RDX
Back:
	XMM0 = [RSI - 64]
	XMM1 = [RSI - 48]
	XMM2 = [RSI - 32]
	XMM3 = [RSI - 16]
	[RDI - 64] = XMM0
	[RDI - 48] = XMM1
	[RDI - 32] = XMM2
	[RDI - 16] = XMM3
	RSI - 64
	RDI - 64
	if RDI > R8 goto Back
	[RAX] = XMM4
	[RAX + 16] = XMM5
	[RAX + 32] = XMM6
	[RAX + 48] = XMM7
	ret
}

// RDI: destination; ESI: the byte; RDX: bytes. RAX: destination.
function memset naked {
	RAX = RDI
	ESI = unsigned SIL
	RCX = $0101010101010101
	RSI * RCX
	if RDX > 16 goto FillOver16
	if RDX >= 8 goto FillFrom8
	if RDX >= 4 goto FillFrom4
	if RDX = 0 goto FillDone
	[RDI] = SIL
	[RDI + RDX - 1] = SIL
	RDX >> 1
	[RDI + RDX] = SIL
FillDone:
	ret
FillFrom4:
	[RDI] = ESI
	[RDI + RDX - 4] = ESI
	ret
FillFrom8:
	[RDI] = RSI
	[RDI + RDX - 8] = RSI
	ret
FillOver16:
	XMM0 = RSI
	punpcklqdq XMM0, XMM0
	R8 = @[RDI + RDX - 16]
	if RDX <= 64 goto FillTail
	R9 = @[RDI + RDX - 64]
Fill:
	[RDI] = XMM0
	[RDI + 16] = XMM0
	[RDI + 32] = XMM0
	[RDI + 48] = XMM0
	RDI + 64
	if RDI < R9 goto Fill
	[R9] = XMM0
	[R9 + 16] = XMM0
	[R9 + 32] = XMM0
	[R9 + 48] = XMM0
	ret
FillTail:
	[RDI] = XMM0
	RDI + 16
	if RDI < R8 goto FillTail
	[R8] = XMM0
	ret
}

// RDI, RSI: two ranges; RDX: bytes. EAX: negative, 0 or positive as the first differing byte (unsigned) says.
function memcmp naked {
	if RDX < 8 goto Bytes
Words:
	RAX = [RDI]
	RCX = [RSI]
	if RAX != RCX goto Differ
	RDI + 8
	RSI + 8
	RDX - 8
	if RDX >= 8 goto Words
Bytes:
	RDX ?& RDX
	if = goto Equal
NextByte:
	EAX = unsigned byte [RDI]
	ECX = unsigned byte [RSI]
	EAX - ECX
	if not zero goto Return
	RDI++
	RSI++
	RDX--
	if not zero goto NextByte
Equal:
	EAX xor EAX
Return:
	ret
Differ:
	bswap RAX
	bswap RCX
	EDX xor EDX
	RAX ?= RCX
	DL = flag above
	EAX = @[RDX + RDX - 1]
	ret
}

// RDI: an int; ESI: new value; EDX: expected value. EAX: the value found.
function RhpLockCmpXchg32 {
	EAX = EDX
	lock cmpxchg [RDI], ESI
}

// RDI: a long; RSI: new value; RDX: expected value. RAX: the value found.
function RhpLockCmpXchg64 {
	RAX = RDX
	lock cmpxchg [RDI], RSI
}

export MemoryLeafEnd:
