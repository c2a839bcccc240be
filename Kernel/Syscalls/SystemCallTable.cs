using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory;
using CosmosKernel.Modules;
using CosmosKernel.Processes;
using CosmosKernel.Runtime.Heap;
using CosmosKernel.Tasks;

namespace CosmosKernel.Syscalls;

/// <summary>
/// All system calls by number. A number without one gives ENOSYS, and is counted. Each folder beside this file is a domain, whose <c>Register</c> adds its calls; the compiler collects these and
/// the numbers (tools/analyzers/Generation), so that a call is added in two places only: its class, and its domain's <c>Register</c>.
/// </summary>
public sealed partial class SystemCallTable : SystemCallDispatcher
{
    // Above the highest number of Linux 6.1 there is room for the next ones.
    private const int Numbers = 512;

    [Immutable]
    private readonly SystemCall?[] _calls = new SystemCall?[Numbers];

    [Atomic]
    private long _unknown;

    [Protocol("Counted at boot, before the table is published.")]
    private int _added;

    /// <summary>How many times a number was called that no system call has.</summary>
    public long UnknownCalls => Volatile.Read(ref _unknown);

    /// <summary>Makes the table of all system calls and puts it to work. At boot, once, before the first process.</summary>
    /// <exception cref="InvalidOperationException">A class says that it is a system call, and its domain does not add it.</exception>
    [BeforePublication]
    public static void Install()
    {
        var table = new SystemCallTable();
        RegisterDomains(table);
        if (table._added != DeclaredCalls)
        {
            throw new InvalidOperationException($"{DeclaredCalls} classes are declared as system calls, and {table._added} were added.");
        }

        Instance = table;
    }

    /// <summary>Adds a system call under the number that its <see cref="SystemCallAttribute"/> says. At boot.</summary>
    /// <exception cref="InvalidOperationException">It has no attribute, or another one has the number.</exception>
    [BeforePublication]
    public void Add(SystemCall call)
    {
        int number = NumberOf(call.GetType());
        if ((uint)number >= Numbers || _calls[number] is not null)
        {
            throw new InvalidOperationException($"{call.GetType().Name} has no number of a system call, or one that is taken: {number}.");
        }

        _calls[number] = call;
        _added++;
    }

    /// <summary>Whether there is a system call with a number.</summary>
    public bool Has(int number) => (uint)number < Numbers && _calls[number] is not null;

    /// <inheritdoc/>
    [MightSleep]
    public override long Dispatch(UserThread thread, ref UserRegisters registers)
    {
        // The number is the lower half of RAX, as Linux takes it.
        uint number = (uint)registers.Rax;
        SystemCall?[] calls = _calls;
        if (number < (uint)calls.Length && calls[number] is { } call)
        {
            return FaultInjection.IsEnabled && FaultInjection.Begin() ? InvokeCounted(call, thread, ref registers) : Invoke(call, thread, ref registers);
        }

        Interlocked.Increment(ref _unknown);
        return -(long)Errno.ENOSYS;
    }

    [MightSleep]
    private static long InvokeCounted(SystemCall call, UserThread thread, ref UserRegisters registers)
    {
        ManagedHeap.CountAllocations();
        long result = Invoke(call, thread, ref registers);
        FaultInjection.End();
        return result;
    }

    // The managed heap's memory is the one thing that a call may fail for by an exception.
    [MightSleep]
    private static long Invoke(SystemCall call, UserThread thread, ref UserRegisters registers)
    {
        try
        {
            return call.Invoke(thread, ref registers);
        }
        catch (OutOfMemoryException)
        {
            return -(long)Errno.ENOMEM;
        }
        catch (Exception exception) when (exception is not TaskKilledException)
        {
            // Code of a module that the kernel called on the way, such as a file system's: its fault, and the caller's error. Anything else is the kernel's own.
            if (ModuleFaults.OwnerOf(exception) is { } module)
            {
                ModuleFaults.Report(module, $"system call {registers.Rax}", exception);
                return -(long)Errno.EIO;
            }

            throw;
        }
    }
}
