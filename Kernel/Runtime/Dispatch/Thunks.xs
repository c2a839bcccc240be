// Thunks: code addresses that carry a context, for delegates given out as function pointers and for interfaces that an
// object implements dynamically. Each thunk is fixed code; what it carries is 16 bytes of data in a page of its own, so no page is
// ever both writable and executable. Numbers and sizes are known to Thunks.cs.

const ThunkBlocks = 4
const ThunksPerBlock = 255
const ThunkBytes = 16
const BlockBytes = 4096

// A thunk: R10 = its data (context, target), then the stub whose address is the last word of the data's page.
section ".text.thunks" exec align 4096
align 4096
export ThunkCode:
repeat 4 times as Block {
	repeat 255 times as Thunk {
		align #ThunkBytes
		R10 = @[@ThunkData + (#Block * #BlockBytes + #Thunk * #ThunkBytes)]
		goto [@ThunkData + (#Block * #BlockBytes + #BlockBytes - 8)]
	}
	align #BlockBytes
}

section ".bss.thunks" write nobits align 4096
var ThunkData byte[16384]

section

// The stub of every thunk: leaves the context where the target asks for it, and goes there. All arguments are kept.
function RhCommonStub naked {
	RAX = [R10]
	R11 = gs:[#CpuThread]
	[R11 + #ThreadRuntimeState] = RAX
	goto [R10 + 8]
}

// The target of a thunk calls this first.
function RhGetCurrentThunkContext {
	RAX = gs:[#CpuThread]
	RAX = [RAX + #ThreadRuntimeState]
}

function RhGetCommonStubAddress {
	RAX = @RhCommonStub
}

function ThunkCodeAddress {
	RAX = @ThunkCode
}

function ThunkDataAddress {
	RAX = @ThunkData
}
