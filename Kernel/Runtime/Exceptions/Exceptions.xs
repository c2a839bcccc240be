// The parts of exception handling that C# cannot express: taking the registers of a throw, calling a handler's
// funclet in the frame that it belongs to, and continuing there. The search for the handler is CoreLib's C#.
//
// Frame layouts here are known to RuntimeCode.cs, which unwinds through these routines.

const ExInfoSize = 416
const ContextSize = 80
const ExInfoPrevious = 0
const ExInfoContext = 8
const ExInfoException = 16
const ExInfoKind = 24
const ExInfoPass = 25
const ExInfoClause = 28

const ContextRip = 0
const ContextRsp = 8
const ContextRbp = 16
const ContextRax = 24
const ContextRbx = 32
const ContextRdx = 40
const ContextR12 = 48
const ContextR13 = 56
const ContextR14 = 64
const ContextR15 = 72

const DisplayRbx = 24
const DisplayRbp = 32
const DisplayR12 = 88
const DisplayR13 = 96
const DisplayR14 = 104
const DisplayR15 = 112
const DisplayRsp = 120

const KindNone = 0
const KindThrow = 1
const KindHardware = 2

extern RhThrowEx, RhRethrow, RhThrowHwEx

// throw. RDI: the exception. The return address is the throw site.
function RhpThrowEx naked {
	R8 = [RSP]
	R9 = @[RSP + 8]
	// One word more than the structures, so that the stack is aligned for the call.
	RSP - (#ExInfoSize + #ContextSize + 8)
	R10D = #KindThrow
	R11 = @RhThrowEx
	goto BeginDispatch
}

// throw; in a handler: the newest dispatch goes on with its exception.
function RhpRethrow naked {
	R8 = [RSP]
	R9 = @[RSP + 8]
	RSP - (#ExInfoSize + #ContextSize + 8)
	RAX = gs:[#CpuThread]
	RDI = [RAX + #ThreadExInfoHead]
	R10D = #KindNone
	R11 = @RhRethrow
	goto BeginDispatch
}

// A processor exception in managed code. EDI: what kind; RSI: the address that faulted; RSP: as it was there.
function RhpThrowHwEx naked {
	R8 = RSI
	R9 = RSP
	RSP & -16
	RSP - (#ExInfoSize + #ContextSize)
	R10D = #KindHardware
	R11 = @RhThrowHwEx
	goto BeginDispatch
}

// RSP: room for the dispatch state (ExInfo) and above it the registers of the throw. R8, R9: instruction and stack
// pointer of the throw; R10: kind; R11: CoreLib's method; RDI: its first argument.
function BeginDispatch naked {
	[RSP + #ExInfoSize + #ContextRip] = R8
	[RSP + #ExInfoSize + #ContextRsp] = R9
	[RSP + #ExInfoSize + #ContextRbp] = RBP
	[RSP + #ExInfoSize + #ContextRbx] = RBX
	[RSP + #ExInfoSize + #ContextR12] = R12
	[RSP + #ExInfoSize + #ContextR13] = R13
	[RSP + #ExInfoSize + #ContextR14] = R14
	[RSP + #ExInfoSize + #ContextR15] = R15
	EAX xor EAX
	[RSP + #ExInfoSize + #ContextRax] = RAX
	[RSP + #ExInfoSize + #ContextRdx] = RAX

	// The exception's word is a collector root: it must hold nothing stale.
	[RSP + #ExInfoException] = RAX
	[RSP + #ExInfoKind] = R10B
	byte [RSP + #ExInfoPass] = 1
	dword [RSP + #ExInfoClause] = -1
	RDX = @[RSP + #ExInfoSize]
	[RSP + #ExInfoContext] = RDX

	RAX = gs:[#CpuThread]
	RDX = [RAX + #ThreadExInfoHead]
	[RSP + #ExInfoPrevious] = RDX
	[RAX + #ThreadExInfoHead] = RSP
	RSI = RSP
	call R11
export RhpThrowReturn:
	ud2
}

// Runs a catch block and continues behind it. RDI: the exception; RSI: the funclet; RDX: the frame's registers
// (RegisterDisplay); RCX: the dispatch (ExInfo). Does not return.
function RhpCallCatchFunclet naked {
	+R15, R14, R13, R12, RBX, RBP
	RSP - 40
	[RSP] = RDX
	[RSP + 8] = RCX
	R8 = RSI
	RSI = RDI
	RAX = [RDX + #DisplayRbx]
	RBX = [RAX]
	RAX = [RDX + #DisplayRbp]
	RBP = [RAX]
	RAX = [RDX + #DisplayR12]
	R12 = [RAX]
	RAX = [RDX + #DisplayR13]
	R13 = [RAX]
	RAX = [RDX + #DisplayR14]
	R14 = [RAX]
	RAX = [RDX + #DisplayR15]
	R15 = [RAX]
	RDI = [RDX + #DisplayRsp]
	call R8
export RhpCallCatchFuncletReturn:
	// RAX: where to continue, with the callee-saved registers as they are now.
	RDX = [RSP]
	RCX = [RSP + 8]
	RDX = [RDX + #DisplayRsp]

	// Every dispatch that lies below the frame has ended with this one.
NextDispatch:
	RCX = [RCX + #ExInfoPrevious]
	RCX ?& RCX
	if = goto Found
	if RCX < RDX goto NextDispatch
Found:
	RSI = gs:[#CpuThread]
	[RSI + #ThreadExInfoHead] = RCX
	RSP = RDX
	goto RAX
}

// Runs a finally or fault block. RDI: the funclet; RSI: the frame's registers, which the block may change.
function RhpCallFinallyFunclet naked {
	+R15, R14, R13, R12, RBX, RBP
	RSP - 24
	[RSP] = RSI
	R8 = RDI
	RAX = [RSI + #DisplayRbx]
	RBX = [RAX]
	RAX = [RSI + #DisplayRbp]
	RBP = [RAX]
	RAX = [RSI + #DisplayR12]
	R12 = [RAX]
	RAX = [RSI + #DisplayR13]
	R13 = [RAX]
	RAX = [RSI + #DisplayR14]
	R14 = [RAX]
	RAX = [RSI + #DisplayR15]
	R15 = [RAX]
	RDI = [RSI + #DisplayRsp]
	call R8
export RhpCallFinallyFuncletReturn:
	RSI = [RSP]
	RAX = [RSI + #DisplayRbx]
	[RAX] = RBX
	RAX = [RSI + #DisplayRbp]
	[RAX] = RBP
	RAX = [RSI + #DisplayR12]
	[RAX] = R12
	RAX = [RSI + #DisplayR13]
	[RAX] = R13
	RAX = [RSI + #DisplayR14]
	[RAX] = R14
	RAX = [RSI + #DisplayR15]
	[RAX] = R15
	RSP + 24
	-RBP, RBX, R12, R13, R14, R15
	ret
}

// Asks a filter whether its handler wants the exception. RDI: the exception; RSI: the filter; RDX: the frame's
// registers. AL: the answer.
function RhpCallFilterFunclet naked {
	+R15, R14, R13, R12, RBX, RBP
	RSP - 8
	RAX = [RDX + #DisplayRbp]
	RBP = [RAX]
	R8 = RSI
	RSI = RDI
	RDI = [RDX + #DisplayRsp]
	call R8
export RhpCallFilterFuncletReturn:
	RSP + 8
	-RBP, RBX, R12, R13, R14, R15
	ret
}

// RDI: a LimitedContext that gets the caller's registers, as they are when this returns.
function RhpCaptureContext {
	RAX = [RSP]
	[RDI + #ContextRip] = RAX
	RAX = @[RSP + 8]
	[RDI + #ContextRsp] = RAX
	[RDI + #ContextRbp] = RBP
	[RDI + #ContextRbx] = RBX
	[RDI + #ContextR12] = R12
	[RDI + #ContextR13] = R13
	[RDI + #ContextR14] = R14
	[RDI + #ContextR15] = R15
}

// The return addresses by which a walk recognizes these routines.
function RhpGetThrowReturn {
	RAX = @RhpThrowReturn
}

function RhpGetCallCatchFuncletReturn {
	RAX = @RhpCallCatchFuncletReturn
}

function RhpGetCallFinallyFuncletReturn {
	RAX = @RhpCallFinallyFuncletReturn
}

function RhpGetCallFilterFuncletReturn {
	RAX = @RhpCallFilterFuncletReturn
}
