using System;
using System.Diagnostics;
using System.Threading;
using System.Threading.Tasks;
using CosmosKernel.BootHarness.Emulators;

namespace CosmosKernel.BootHarness;

/// <summary>
/// Boots a machine and judges what it does. A boot is a process of an emulator, a serial port and a set of limits;
/// the kernel speaks over the serial port in the line protocol of docs/testing.md, and the emulator tells how the machine ended.
/// </summary>
public static class Machine
{
    /// <summary>Boots a machine, follows it to its end, and judges it.</summary>
    /// <param name="options">The machine.</param>
    /// <param name="observer">Is told what happens; null for nobody.</param>
    /// <param name="cancellation">Kills the machine.</param>
    /// <returns>What is known about the boot. An emulator that cannot be started is a result too.</returns>
    /// <exception cref="UsageException">The options describe no machine that can be booted.</exception>
    /// <exception cref="OperationCanceledException">The boot was cancelled.</exception>
    public static async Task<BootResult> BootAsync(MachineOptions options, IBootObserver? observer = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        using BootLog log = new(options.LogPath);
        BootSession session = new(options, observer, log);
        Stopwatch clock = Stopwatch.StartNew();
        EmulatorProcess emulator;
        try
        {
            emulator = await EmulatorProcess.StartAsync(options, session.SetCommandLine, session.PostEnding, cancellation).ConfigureAwait(false);
        }
        catch (EmulatorStartException e)
        {
            return session.FailedToStart(e.Message, clock.Elapsed);
        }

        await using (emulator.ConfigureAwait(false))
        {
            return await session.RunAsync(emulator, clock, cancellation).ConfigureAwait(false);
        }
    }
}
