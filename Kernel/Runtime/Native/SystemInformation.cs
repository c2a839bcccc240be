using System;
using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Time;
using CosmosKernel.Memory.Slabs;
using CosmosKernel.Runtime.Services;

namespace CosmosKernel.Runtime.Native;

/// <summary>Clocks, processors, names and identities.</summary>
internal static unsafe class SystemInformation
{
    private const ulong NanosecondsPerMillisecond = 1_000_000;
    private const int ClockTicksName = 1;
    private const int PageSizeName = 2;
    private const int X64 = 1;

    private static ReadOnlySpan<byte> ReleaseText => "CosmosKernel\0"u8;

    [RuntimeExport("SystemNative_GetTimestamp")]
    private static ulong Timestamp() => Clock.MonotonicNanoseconds;

    [RuntimeExport("RhpGetTickCount64")]
    private static ulong TickCount() => Clock.MonotonicNanoseconds / NanosecondsPerMillisecond;

    // 100 ns units since 1970.
    [RuntimeExport("SystemNative_GetSystemTimeAsTicks")]
    private static long SystemTime() => Clock.RealtimeNanoseconds / 100;

    [RuntimeExport("SystemNative_SchedGetCpu")]
    private static int CurrentCpu() => Cpu.CurrentIndex;

    [RuntimeExport("RhGetProcessCpuCount")]
    private static int CpuCount() => Cpu.Count;

    [RuntimeExport("SystemNative_SysConf")]
    private static long Configuration(int name) => name switch
    {
        ClockTicksName => 100,
        PageSizeName => 4096,
        _ => Errno.Fail(Errno.Invalid),
    };

    [RuntimeExport("SystemNative_GetOSArchitecture")]
    private static int Architecture() => X64;

    [RuntimeExport("SystemNative_GetUnixRelease")]
    private static byte* Release() => Address(ReleaseText);

    [RuntimeExport("SystemNative_GetUnixVersion")]
    private static int Version(byte* buffer, int* capacity)
    {
        int size = *capacity;
        *capacity = ReleaseText.Length;
        return CString.TryCopy(ReleaseText[..^1], buffer, size) ? 0 : Errno.Fail(Errno.Range);
    }

    [RuntimeExport("SystemNative_GetHostName")]
    private static int HostName(byte* buffer, int size) => CString.TryCopy("cosmoskernel"u8, buffer, size) ? 0 : Errno.Fail(Errno.Range);

    [RuntimeExport("SystemNative_GetProcessPath")]
    private static byte* ProcessPath()
    {
        // CoreLib frees it.
        ReadOnlySpan<byte> path = "/kernel.elf"u8;
        byte* copy = (byte*)KernelHeap.Allocate((nuint)path.Length + 1);
        _ = copy != null && CString.TryCopy(path, copy, path.Length + 1);
        return copy;
    }

    [RuntimeExport("SystemNative_GetEnv")]
    private static byte* Environment(byte* name) => CString.AsSpan(name).SequenceEqual("TERM"u8) ? Address(TerminalDescription.Name) : null;

    [RuntimeExport("SystemNative_GetEnviron")]
    private static byte** EnvironmentBlock()
    {
        // TERM alone; a null entry ends the block.
        byte** block = (byte**)KernelHeap.AllocateCleared((nuint)(2 * sizeof(byte*)));
        if (block != null)
        {
            block[0] = Address("TERM=cosmos\0"u8);
        }

        return block;
    }

    [RuntimeExport("SystemNative_FreeEnviron")]
    private static void FreeEnvironmentBlock(void* block) => KernelHeap.Free(block);

    // CoreLib's own code runs as the kernel itself: process 0, user 0.
    [RuntimeExport("SystemNative_GetPid")]
    private static int ProcessId() => 0;

    [RuntimeExport("SystemNative_GetEUid")]
    private static uint UserId() => 0;

    [RuntimeExport("SystemNative_GetEGid")]
    private static uint GroupId() => 0;

    [RuntimeExport("SystemNative_GetGroups")]
    private static int Groups(int count, uint* groups) => 0;

    // There is no user database: -1 says "no such user", which is not an error.
    [RuntimeExport("SystemNative_GetPwUidR")]
    private static int UserById(uint user, void* entry, byte* buffer, int size) => -1;

    [RuntimeExport("SystemNative_GetPwNamR")]
    private static int UserByName(byte* name, void* entry, byte* buffer, int size) => -1;

    [RuntimeExport("SystemNative_GetCpuUtilization")]
    private static double CpuUtilization(void* previous) => 0;

    [RuntimeExport("SystemNative_Abort")]
    private static void Abort() => Machine.Diagnostics.Panic.Now("CoreLib aborted"u8);

    [RuntimeExport("SystemNative_Exit")]
    private static void Exit(int exitCode)
    {
        if (RuntimeServices.Instance is { } services)
        {
            services.Exit(exitCode);
        }

        Machine.Diagnostics.Panic.Now("Boot code called Environment.Exit"u8);
    }

    private static byte* Address(ReadOnlySpan<byte> constant) => (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(constant));
}
