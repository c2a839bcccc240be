using CosmosKernel.Machine.Time;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;

namespace Heartbeat;

/// <summary>Counts the beats of a task that wakes up again and again: the module of docs/modules.md.</summary>
[Module("heartbeat", Description = "beats", License = "MIT", Author = "you")]
public sealed class HeartbeatModule : KernelModule
{
    private const ulong Millisecond = 1_000_000;
    private volatile int _beats;

    /// <summary>Milliseconds between two beats; the boot option <c>heartbeat.period</c>.</summary>
    [ModuleParameter("milliseconds between two beats", Minimum = 1, Maximum = 60_000)]
    public int Period { get; set; } = 10;

    /// <inheritdoc/>
    public override void Start(ModuleContext context)
    {
        context.StartTask("heartbeat", Beat);
        context.Log.Info($"one beat every {Period} ms");
    }

    /// <summary>After ten periods there were beats, and no more than there was time for.</summary>
    [KernelTest("module.heartbeat_keeps_its_period")]
    public void KeepsItsPeriod()
    {
        ulong period = (ulong)Period * Millisecond;
        ulong begin = Clock.MonotonicNanoseconds;
        int before = _beats;
        while (_beats == before)
        {
            KernelTask.Sleep(10 * period);
        }

        int beats = _beats - before;
        Check.InRange(1, (int)((Clock.MonotonicNanoseconds - begin) / period) + 1, beats);
    }

    private void Beat()
    {
        while (true)
        {
            KernelTask.Sleep((ulong)Period * Millisecond);
            _beats = _beats + 1;
        }
    }
}
