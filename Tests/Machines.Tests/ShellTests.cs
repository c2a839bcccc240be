using System;
using System.Globalization;
using System.Threading.Tasks;
using CosmosKernel.BootHarness;
using Xunit;
using Xunit.Abstractions;

namespace CosmosKernel.Machines.Tests;

/// <summary>The image that users boot, with its initramfs: busybox's shell comes up as the first program, and does what a shell on Linux does.</summary>
public sealed class ShellTests(ITestOutputHelper output)
{
    /// <summary>The shell's prompt at the end of the output; the terminal's request for the cursor's place may follow.</summary>
    private const string Prompt = @"cosmos:[^\n]*# (\e\[6n)?\z";

    private const string FirstPrompt = $"""
        timeout 120
        expect {Prompt}
        """;

    [Theory]
    [InlineData(FirmwareKind.Bios, MachineType.Q35, 1)]
    [InlineData(FirmwareKind.Bios, MachineType.Pc, 2)]
    [InlineData(FirmwareKind.Uefi, MachineType.Q35, 4)]
    public Task TheShellRunsProgramsAndSwitchesOff(FirmwareKind firmware, MachineType machine, int cpus) => BootAsync(
        string.Create(CultureInfo.InvariantCulture, $"shell-{firmware}-{machine}-{cpus}").ToLowerInvariant(),
        $"""
        {FirstPrompt}
        send echo $((6 * 7)) $(nproc)
        expect 42 {cpus}\s
        expect {Prompt}
        send ls -l / | grep dev
        expect drwx\S+ +\d+ root +root .* dev\s
        expect {Prompt}
        send seq 1 1000 | sort -rn | head -n 3 | tr '\n' ' '; uname -sm
        expect 1000 999 998 \S+ x86_64
        expect {Prompt}
        send dd if=/dev/zero bs=64k count=16 2>/dev/null | wc -c > /tmp/size && cat /tmp/size
        expect 1048576
        expect {Prompt}
        send poweroff -f
        """,
        firmware,
        machine,
        cpus);

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public Task JobControlStopsAndContinues(int cpus) => BootAsync(
        $"shell-jobs-{cpus}",
        $"""
        {FirstPrompt}
        send sleep 1000 &
        expect {Prompt}
        send jobs
        expect \[1\]\+? +Running +sleep 1000
        expect {Prompt}
        send sh -c 'echo begun; exec tee /tmp/typed'
        expect \nbegun
        type hello\n
        expect hello\s+hello\s
        type \x1a
        expect Stopped
        expect {Prompt}
        send bg %1; kill %1; wait %1; echo "status $?"
        expect \nstatus 143
        expect {Prompt}
        send fg %2
        expect tee
        type world\n\x04
        expect {Prompt}
        send cat /tmp/typed | tr '\n' '+'
        expect \nhello\+world\+
        expect {Prompt}
        send sh -c 'echo begun; exec sleep 1000'
        expect \nbegun
        type \x03
        expect {Prompt}
        send echo "ended by $(($? - 128))"
        expect \nended by 2
        expect {Prompt}
        send exit
        expect switches off
        """,
        FirmwareKind.Bios,
        MachineType.Q35,
        cpus);

    [Fact]
    public Task ScriptsTrapSignalsAndWaitForTheirChildren() => BootAsync(
        "shell-scripts",
        $$"""
        {{FirstPrompt}}
        send sh -c 'trap "echo caught; exit 3" TERM; : > /tmp/trapped; while :; do sleep 1; done' & until [ -e /tmp/trapped ]; do sleep 1; done; kill $!; wait $!; echo "status $?"
        expect \ncaught
        expect \nstatus 3
        expect {{Prompt}}
        send for i in 1 2 3; do (sleep 1; echo child $i) & done; wait; echo all of them
        expect \nall of them
        expect {{Prompt}}
        send mkdir /tmp/t; cd /tmp/t; for i in $(seq 200); do echo line $i > f$i; done; tar cf ../t.tar . && mkdir ../u && tar xf ../t.tar -C ../u && diff -r . ../u && find . -name 'f*' | wc -l
        expect 200\s
        expect {{Prompt}}
        send cd; awk 'BEGIN { for (i = 0; i < 5; i++) printf "%d ", i * i; print "" }' | sed 's/16/sixteen/'
        expect 0 1 4 9 sixteen
        expect {{Prompt}}
        send ps -o pid,comm | head -n 2; top -b -n 1 | head -n 4
        expect 1 init
        expect Load average
        expect {{Prompt}}
        send poweroff -f
        """,
        FirmwareKind.Bios,
        MachineType.Q35,
        2);

    private Task BootAsync(string name, string script, FirmwareKind firmware, MachineType machine, int cpus) => TestMachine.ExpectAsync(
        Verdict.PoweredOff,
        name,
        new MachineOptions
        {
            Iso = TestMachine.Iso,
            Firmware = firmware,
            Machine = machine,
            Cpus = cpus,
            Timeout = TimeSpan.FromMinutes(5),
            Input = InputScript.Parse(script),
        },
        output);
}
