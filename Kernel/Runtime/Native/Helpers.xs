// Helpers that compiled code calls with register contracts of their own, and the variables that it reads.

// The collector stops threads wherever they are, so code never has to ask whether it should stop.
var RhpTrapThreads = 0

// Optional CPU features that compiled code may use beyond those that the kernel was compiled for: none.
var g_cpuFeatures = 0

// Checked at the end of methods with stack buffers. The same in each boot of an image.
var __security_cookie = $52B1F0C7A39E4D68 as qword

function RhpGcPoll {
}

// Around calls of native functions: here those are C# and X#, stoppable like all code.
function RhpPInvoke {
}

function RhpPInvokeReturn {
}

function RhpReversePInvoke {
}

function RhpReversePInvokeReturn {
}

// While finally blocks run CoreLib asks that no collection starts on this thread: that protects tables of a precise stack walk,
// which this collector does not make.
function RhpSetThreadDoNotTriggerGC {
}

// RAX = where the running thread keeps CoreLib's thread statics: a field of its block, the same on whatever CPU it runs.
function RhGetThreadStaticStorage {
	RAX = gs:[#CpuThread]
	RAX + #ThreadStatics
}

// Events for tracing tools outside the program: there are none.
function NativeRuntimeEventSource_LogExceptionThrown {
export NativeRuntimeEventSource_LogContentionLockCreated:
export NativeRuntimeEventSource_LogContentionStart:
export NativeRuntimeEventSource_LogContentionStop:
export NativeRuntimeEventSource_LogThreadPoolWorkerThreadStart:
export NativeRuntimeEventSource_LogThreadPoolWorkerThreadStop:
export NativeRuntimeEventSource_LogThreadPoolWorkerThreadWait:
export NativeRuntimeEventSource_LogThreadPoolMinMaxThreads:
export NativeRuntimeEventSource_LogThreadPoolWorkerThreadAdjustmentSample:
export NativeRuntimeEventSource_LogThreadPoolWorkerThreadAdjustmentAdjustment:
export NativeRuntimeEventSource_LogThreadPoolWorkerThreadAdjustmentStats:
export NativeRuntimeEventSource_LogThreadPoolIODequeue:
export NativeRuntimeEventSource_LogThreadPoolIOEnqueue:
export NativeRuntimeEventSource_LogThreadPoolIOPack:
export NativeRuntimeEventSource_LogThreadPoolWorkingThreadCount:
export NativeRuntimeEventSource_LogWaitHandleWaitStart:
export NativeRuntimeEventSource_LogWaitHandleWaitStop:
}

// R11: where a large frame will end. Touches each page down to it, so that a stack overflow hits the guard page and
// cannot jump over it. Changes no register but the flags.
function RhpStackProbe naked {
	+RAX
	RAX = RSP
NextPage:
	RAX - 4096
	AL ?= [RAX]
	if RAX > R11 goto NextPage
	-RAX
	ret
}

// RDI: four ints for EAX to EDX; ESI: leaf; EDX: subleaf.
function RhCpuIdEx {
	+RBX
	EAX = ESI
	ECX = EDX
	cpuid
	[RDI] = EAX
	[RDI + 4] = EBX
	[RDI + 8] = ECX
	[RDI + 12] = EDX
	-RBX
}

// RDI: where 8 random bytes go. EAX: 1 if the processor had some.
function CpuRandom {
	rdrand RCX
	EAX = 0
	AL = flag carry
	[RDI] = RCX
}

// One function for all addresses that C# asks about; EDI is RuntimeImage.Symbol.
extern __start___modules, __stop___modules, __start___managedcode, __stop___managedcode, __start___unbox, __stop___unbox
extern EhFrameHeaderStart, g_compilerEmbeddedKnobsBlob, InterruptEntry, InterruptEntriesEnd
extern DispatchLeafStart, DispatchLeafEnd, MemoryLeafStart, MemoryLeafEnd, BarrierLeafStart, BarrierLeafEnd

function RuntimeImageAddress naked {
	EDI = EDI
	RAX = @RuntimeImageSymbols
	RAX = [RAX + RDI * 8]
	ret
}

section ".rodata.runtimeimage"
align 8
var RuntimeImageSymbols {
	qword @__start___modules
	qword @__stop___modules
	qword @__start___managedcode
	qword @__stop___managedcode
	qword @__start___unbox
	qword @__stop___unbox
	qword @EhFrameHeaderStart
	qword @g_compilerEmbeddedKnobsBlob
	qword @InterruptEntry
	qword @InterruptEntriesEnd
	qword @DispatchLeafStart
	qword @DispatchLeafEnd
	qword @MemoryLeafStart
	qword @MemoryLeafEnd
	qword @BarrierLeafStart
	qword @BarrierLeafEnd
	qword @__GCSTATICSS_P_CoreLib_System_Runtime_TypeCast
	qword @__GCSTATICSS_P_CoreLib_Internal_Runtime_CompilerHelpers_StartupCodeHelpers
	qword @__NONGCSTATICSS_P_CoreLib_Internal_Runtime_CompilerHelpers_StartupCodeHelpers
	qword @__GCSTATICSS_P_TypeLoader_Internal_Runtime_TypeLoader_ModuleList
	qword @S_P_TypeLoader_Internal_Runtime_TypeLoader_ModuleList___ctor
}
section
