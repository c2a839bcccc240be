using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;
using CosmosKernel.Machine.Boot;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Paging;

namespace CosmosKernel.Memory.Tests
{
    /// <summary>
    /// A machine for the tests: physical memory is a sparse memory file, mapped once as the direct map and page by page into the virtual areas, so that guard
    /// pages, aliases and reuse are the processor's own. One at a time, since the kernel's structures are static.
    /// </summary>
    internal sealed unsafe class HostMachine : IDisposable
    {
        private const int ReadWrite = 3;
        private const int Shared = 1;
        private const int PrivateAnonymousNoReserve = 0x4022;
        private const int SharedFixed = 0x11;
        private const int PrivateAnonymousNoReserveFixed = 0x4032;

        private readonly int _file;
        private readonly nuint _physicalBytes;
        private readonly byte* _descriptors;
        private readonly byte* _areas;

        public HostMachine(IReadOnlyList<MemoryRange> map, IReadOnlyList<MemoryRange> reserved, int cpus)
        {
            Current = this;
            Map = map;
            Reserved = reserved;
            Cpus = cpus;
            _physicalBytes = (nuint)map.Max(range => range.End);
            _file = memfd_create("memory", 0);
            if (_file < 0 || ftruncate(_file, (nint)_physicalBytes) != 0)
            {
                throw new InvalidOperationException("The host gives no memory file.");
            }

            DirectMapBase = (ulong)Reserve(_physicalBytes, _file);
            DescriptorBytes = _physicalBytes / 4096 * 32;
            _descriptors = Reserve(DescriptorBytes, -1);
            _areas = Reserve(AreaBytes, -1);
            if (mprotect(_areas, AreaBytes, 0) != 0)
            {
                throw new InvalidOperationException("The host does not protect memory.");
            }
        }

        public static HostMachine Current { get; private set; } = null!;

        /// <summary>CPU number of the running thread; set by each test thread.</summary>
        [field: ThreadStatic]
        public static int CpuIndex { get; set; }

        public static nuint AreaBytes => (nuint)1 << 36;

        public IReadOnlyList<MemoryRange> Map { get; }

        public IReadOnlyList<MemoryRange> Reserved { get; }

        public int Cpus { get; set; }

        public ulong DirectMapBase { get; }

        public ulong PhysicalBytes => _physicalBytes;

        public nuint DescriptorBytes { get; }

        public ulong DescriptorBase => (ulong)_descriptors;

        public ulong AreaBase => (ulong)_areas;

        /// <summary>What is mapped in the virtual areas: physical address by page.</summary>
        public ConcurrentDictionary<ulong, ulong> Mapped { get; } = new();

        /// <summary>Descriptor pages that were mapped.</summary>
        public HashSet<ulong> DescriptorPages { get; } = [];

        /// <summary>Called for each shoot-down: first address, pages.</summary>
        public Action<ulong, ulong>? OnShootDown { get; set; }

        /// <summary>Called when a page of the virtual areas is mapped, and when one is unmapped: address, physical address.</summary>
        public Action<ulong, ulong>? OnMap { get; set; }

        public Action<ulong, ulong>? OnUnmap { get; set; }

        /// <summary>Called where a CPU waits for another one.</summary>
        public Action? OnPause { get; set; }

        /// <summary>A failure to inject: mapping this many more pages succeeds.</summary>
        public int MapsUntilFailure { get; set; } = int.MaxValue;

        public ulong EarlyNext { get; set; }

        public ulong EarlyStart { get; set; }

        public bool MapPage(ulong address, ulong physical)
        {
            if (address - DescriptorBase < DescriptorBytes)
            {
                return DescriptorPages.Add(address);
            }

            if (MapsUntilFailure-- <= 0 || !Mapped.TryAdd(address, physical))
            {
                return false;
            }

            OnMap?.Invoke(address, physical);
            return mmap((void*)address, 4096, ReadWrite, SharedFixed, _file, (nint)physical) == (void*)address;
        }

        public ulong UnmapPage(ulong address)
        {
            if (!Mapped.TryRemove(address, out ulong physical))
            {
                return 0;
            }

            OnUnmap?.Invoke(address, physical);
            if (mmap((void*)address, 4096, 0, PrivateAnonymousNoReserveFixed, -1, 0) != (void*)address)
            {
                throw new InvalidOperationException("The host does not unmap.");
            }

            return physical;
        }

        public void Dispose()
        {
            munmap((void*)DirectMapBase, _physicalBytes);
            munmap(_descriptors, DescriptorBytes);
            munmap(_areas, AreaBytes);
            close(_file);
        }

        private static byte* Reserve(nuint bytes, int file)
        {
            void* memory = mmap(null, bytes, ReadWrite, file < 0 ? PrivateAnonymousNoReserve : Shared | 0x4000, file, 0);
            return (nint)memory == -1 ? throw new InvalidOperationException("The host gives no addresses.") : (byte*)memory;
        }

        [DllImport("libc", SetLastError = true)]
        private static extern int memfd_create([MarshalAs(UnmanagedType.LPStr)] string name, uint flags);

        [DllImport("libc", SetLastError = true)]
        private static extern int ftruncate(int file, nint bytes);

        [DllImport("libc", SetLastError = true)]
        private static extern void* mmap(void* address, nuint bytes, int protection, int flags, int file, nint offset);

        [DllImport("libc", SetLastError = true)]
        private static extern int mprotect(void* address, nuint bytes, int protection);

        [DllImport("libc")]
        private static extern int munmap(void* address, nuint bytes);

        [DllImport("libc")]
        private static extern int close(int file);
    }
}

namespace CosmosKernel.Machine.Diagnostics
{
    /// <summary>What the kernel would have said last.</summary>
    public sealed class PanicException(string message) : Exception(message);

    public static class Panic
    {
        [DoesNotReturn]
        public static void Now(ReadOnlySpan<byte> message) => throw new PanicException(Encoding.UTF8.GetString(message));
    }
}

namespace CosmosKernel.Machine.Cpus
{
    using System.Threading;
    using CosmosKernel.Memory.Tests;

    public static class Cpu
    {
        public const int Maximum = 255;

        public static int Count => HostMachine.Current.Cpus;

        public static int CurrentIndex => HostMachine.CpuIndex;
    }

    public static class CpuInstructions
    {
        public static void Pause()
        {
            HostMachine.Current.OnPause?.Invoke();
            Thread.Yield();
        }
    }
}

namespace CosmosKernel.Machine.Boot
{
    using CosmosKernel.Memory.Tests;

    public static class FirmwareMemoryMap
    {
        private static MemoryRange s_copy;

        public static int Count => HostMachine.Current.Map.Count;

        public static ref readonly MemoryRange Get(int index)
        {
            s_copy = HostMachine.Current.Map[index];
            return ref s_copy;
        }
    }

    public static class BootReservations
    {
        public static int Count => HostMachine.Current.Reserved.Count + 1;

        public static MemoryRange Get(int index) => index < HostMachine.Current.Reserved.Count
            ? HostMachine.Current.Reserved[index]
            : new() { Start = HostMachine.Current.EarlyStart, End = HostMachine.Current.EarlyNext };
    }

    public static class EarlyFrames
    {
        public static ulong Allocate(ulong count)
        {
            ulong physical = HostMachine.Current.EarlyNext;
            HostMachine.Current.EarlyNext += count << 12;
            return physical;
        }
    }
}

namespace CosmosKernel.Machine.Paging
{
    using CosmosKernel.Memory.Tests;

    [Flags]
    public enum PageRights : ulong
    {
        Read = 1,
        Write = 2,
        WriteCombining = 8,
        Uncached = 0x18,
        Global = 0x100,
    }

    public static unsafe class DirectMap
    {
        public static void* ToVirtual(ulong physical) => (void*)(HostMachine.Current.DirectMapBase + physical);

        public static ulong ToPhysical(void* address) => (ulong)address - HostMachine.Current.DirectMapBase;

        public static bool Contains(ulong address) => address - HostMachine.Current.DirectMapBase < HostMachine.Current.PhysicalBytes;
    }

    public static class MachineArea
    {
        public static ulong Base => HostMachine.Current.AreaBase;

        public static ulong Bytes => 1ul << 30;
    }

    public static unsafe class PageTables
    {
        public static ulong FrameDescriptorBase => HostMachine.Current.DescriptorBase;

        public static ulong VirtualAreaBase => HostMachine.Current.AreaBase;

        public static ulong VirtualAreaBytes => HostMachine.AreaBytes;

        public static delegate*<ulong> FrameSource { get; private set; }

        public static void SetFrameSource(delegate*<ulong> source) => FrameSource = source;

        public static bool Map(ulong address, ulong physical, PageRights rights) => HostMachine.Current.MapPage(address, physical);

        public static bool TryTranslate(ulong address, out ulong physical) => HostMachine.Current.Mapped.TryGetValue(address, out physical);

        public static ulong Unmap(ulong address) => HostMachine.Current.UnmapPage(address);
    }
}

namespace CosmosKernel.Machine.Smp
{
    using CosmosKernel.Machine.Diagnostics;
    using CosmosKernel.Memory.Tests;

    public static class TlbShootdown
    {
        public static void Flush(ulong address, ulong pages)
        {
            if (IrqSpinLock.HeldHere != 0)
            {
                Panic.Now("A TLB shoot-down waits with a lock held"u8);
            }

            HostMachine.Current.OnShootDown?.Invoke(address, pages);
        }
    }
}
