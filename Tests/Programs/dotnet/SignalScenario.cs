using System;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Threading;

namespace CosmosKernel.Programs;

/// <summary>Signals of another process reach handlers in C#.</summary>
internal static class SignalScenario
{
    public static void Run()
    {
        using var came = new CountdownEvent(2);
        using (PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => Take(context, came)))
        using (PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Take(context, came)))
        {
            foreach (string signal in new[] { "-HUP", "-TERM" })
            {
                using Process sender = Process.Start("/bin/kill", [signal, $"{Environment.ProcessId}"]);
                sender.WaitForExit();
                Expect.Equal(0, sender.ExitCode, "the status of kill");
            }

            Expect.True(came.Wait(TimeSpan.FromSeconds(20)), "both signals come");
        }
    }

    private static void Take(PosixSignalContext context, CountdownEvent came)
    {
        context.Cancel = true;
        came.Signal();
    }
}
