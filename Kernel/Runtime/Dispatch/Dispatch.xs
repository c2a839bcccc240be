// Interface calls. Managed code calls through a cell whose address is in R10, with the arguments where the method
// will want them: RDI (the object), RSI, RDX, RCX, R8, R9, XMM0 to XMM7 and the stack. Free: RAX, R10, R11.
//
// A null object faults at the first instruction that reads it, with nothing but the return address on the stack:
// HardwareFault turns that into the caller's NullReferenceException.

const CellTable = 8
const TableCell = 0
const TableIndexMask = 8
const TableRows = 32

// The frame of the slow path: XMM0 to XMM7, 16 bytes of return values, then the argument registers in the order of CoreLib's
// TransitionBlock. RuntimeCode.cs knows its size.
const FrameSize = 0xC8
const FrameBlock = 0x80
const FrameArguments = 0x90

extern RhpCidResolve

export DispatchLeafStart:

// The first stub of every cell: asks CoreLib's resolver.
function RhpInitialDynamicInterfaceDispatch naked {
	RAX = [RDI]
	goto ResolveDispatch
}

// The stub of a cell that has a table: finds the object's class in it.
function RhpCachedInterfaceDispatch naked {
	R11 = [R10 + #CellTable]
	RAX = [RDI]
	R10D = EAX
	R10D >> 4
	R10D & [R11 + #TableIndexMask]
	R10 << 4
	R10 + R11
	if RAX != [R10 + #TableRows] goto Probe
	goto [R10 + #TableRows + 8]
Probe:
	if qword [R10 + #TableRows] = 0 goto Miss
	R10 + 16
	if RAX != [R10 + #TableRows] goto Probe
	goto [R10 + #TableRows + 8]
Miss:
	R10 = [R11 + #TableCell]
	goto ResolveDispatch
}

export DispatchLeafEnd:

// R10: the cell. Calls CoreLib's resolver and goes to the method that it names.
function ResolveDispatch naked {
	RSP - #FrameSize
	[RSP] = XMM0
	[RSP + 16] = XMM1
	[RSP + 32] = XMM2
	[RSP + 48] = XMM3
	[RSP + 64] = XMM4
	[RSP + 80] = XMM5
	[RSP + 96] = XMM6
	[RSP + 112] = XMM7
	[RSP + #FrameArguments] = RDI
	[RSP + #FrameArguments + 8] = RSI
	[RSP + #FrameArguments + 16] = RCX
	[RSP + #FrameArguments + 24] = RDX
	[RSP + #FrameArguments + 32] = R8
	[RSP + #FrameArguments + 40] = R9
	RDI = @[RSP + #FrameBlock]
	RSI = R10
	call RhpCidResolve
export RhpDispatchResolveReturn:
	XMM0 = [RSP]
	XMM1 = [RSP + 16]
	XMM2 = [RSP + 32]
	XMM3 = [RSP + 48]
	XMM4 = [RSP + 64]
	XMM5 = [RSP + 80]
	XMM6 = [RSP + 96]
	XMM7 = [RSP + 112]
	RDI = [RSP + #FrameArguments]
	RSI = [RSP + #FrameArguments + 8]
	RCX = [RSP + #FrameArguments + 16]
	RDX = [RSP + #FrameArguments + 24]
	R8 = [RSP + #FrameArguments + 32]
	R9 = [RSP + #FrameArguments + 40]
	RSP + #FrameSize
	goto RAX
}

function RhpGetDispatchResolveReturn {
	RAX = @RhpDispatchResolveReturn
}
