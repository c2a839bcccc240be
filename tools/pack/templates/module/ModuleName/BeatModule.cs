using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;

namespace SafeNamespace;

/// <summary>Counts the beats of a task that wakes up again and again.</summary>
[Module("module-id", Version = "1.0.0", License = "MIT", Author = "you", Description = "beats")]
public sealed class BeatModule : KernelModule
{
    private const ulong Millisecond = 1_000_000;

    // Shared data says what keeps it consistent; here, that it is only touched by atomic operations.
    [Atomic]
    private int _beats;

    /// <summary>Milliseconds between two beats; the boot option <c>module-id.period</c>.</summary>
    [ModuleParameter("milliseconds between two beats", Minimum = 1, Maximum = 60_000)]
    [Immutable]
    public int Period { get; set; } = 10;

    /// <inheritdoc/>
    [MightSleep]
    public override void Start(ModuleContext context)
    {
        context.StartTask("module-id", Beat);
        context.Log.Info($"one beat every {Period} ms");
    }

    /// <summary>There is one beat and another one: runs in the kernel, in the test's boot.</summary>
    [KernelTest("module-id.it_beats")]
    [MightSleep]
    public void ItBeats()
    {
        int before = Volatile.Read(ref _beats);
        while (Volatile.Read(ref _beats) < before + 2)
        {
            KernelTask.Sleep((ulong)Period * Millisecond);
        }

        Check.True(Volatile.Read(ref _beats) >= 2);
    }

    [MightSleep]
    private void Beat()
    {
        while (true)
        {
            KernelTask.Sleep((ulong)Period * Millisecond);
            Interlocked.Increment(ref _beats);
        }
    }
}
