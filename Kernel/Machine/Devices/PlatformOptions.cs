using System;

namespace CosmosKernel.Machine.Devices;

/// <summary>
/// The boot options that this part of the kernel obeys. Names and meanings are Linux's (Documentation/admin-guide/kernel-parameters.txt), but for <c>spinlocks</c>.
/// </summary>
public struct PlatformOptions
{
    /// <summary><c>maxcpus=N</c>, <c>nosmp</c>: the most CPUs to run, the boot CPU included, from 1.</summary>
    public int MaximumCpus;

    /// <summary><c>acpi=off</c>: use no ACPI table.</summary>
    public bool NoAcpi;

    /// <summary><c>nox2apic</c>: leave the APICs in xAPIC mode.</summary>
    public bool NoX2Apic;

    /// <summary><c>noapictimer</c>: the local APIC's timer must not be used.</summary>
    public bool NoApicTimer;

    /// <summary><c>lapic=notscdeadline</c>: the local APIC's timer must not use TSC-deadline mode.</summary>
    public bool NoTscDeadline;

    /// <summary><c>hpet=disable</c>: the HPET must not be used.</summary>
    public bool NoHpet;

    /// <summary><c>tsc=unstable</c>, <c>clocksource=hpet</c>, <c>clocksource=acpi_pm</c>: the clock must not count the TSC.</summary>
    public bool NoTscClock;

    /// <summary><c>tsc=reliable</c>, <c>clocksource=tsc</c>: the TSC is steady whatever the CPU says.</summary>
    public bool TscIsReliable;

    /// <summary><c>clocksource=acpi_pm</c>: the clock counts the power management timer.</summary>
    public bool ClockIsPmTimer;

    /// <summary><c>spinlocks=queued</c>: CPUs queue for spin locks even under a hypervisor.</summary>
    public bool SpinLocksAreQueued;

    /// <summary><c>spinlocks=unfair</c>: CPUs do not queue for spin locks even without a hypervisor.</summary>
    public bool SpinLocksAreUnfair;

    /// <summary>Reads a command line. Options that are not in the list above are left to others.</summary>
    /// <param name="commandLine">Options parted by spaces.</param>
    /// <param name="malformed">The last option that has one of these names and a value that makes no sense; empty when there is none. It is ignored.</param>
    public static PlatformOptions Parse(ReadOnlySpan<byte> commandLine, out ReadOnlySpan<byte> malformed)
    {
        PlatformOptions options = new() { MaximumCpus = Cpus.Cpu.Maximum };
        malformed = default;
        int position = 0;
        while (position < commandLine.Length)
        {
            int end = position;
            while (end < commandLine.Length && commandLine[end] > (byte)' ')
            {
                end++;
            }

            ReadOnlySpan<byte> option = commandLine[position..end];
            if (option.Length != 0 && !options.Apply(option))
            {
                malformed = option;
            }

            position = end + 1;
        }

        return options;
    }

    private bool Apply(ReadOnlySpan<byte> option)
    {
        if (Equals(option, "nosmp"u8))
        {
            MaximumCpus = 1;
            return true;
        }

        if (Equals(option, "nox2apic"u8))
        {
            NoX2Apic = true;
            return true;
        }

        if (Equals(option, "noapictimer"u8))
        {
            NoApicTimer = true;
            return true;
        }

        if (StartsWith(option, "maxcpus="u8))
        {
            return TryParseCpus(option[8..]);
        }

        if (StartsWith(option, "acpi="u8))
        {
            NoAcpi = Equals(option[5..], "off"u8);
            return NoAcpi;
        }

        if (StartsWith(option, "lapic="u8))
        {
            NoTscDeadline = Equals(option[6..], "notscdeadline"u8);
            return NoTscDeadline;
        }

        if (StartsWith(option, "hpet="u8))
        {
            NoHpet = Equals(option[5..], "disable"u8);
            return NoHpet;
        }

        if (StartsWith(option, "tsc="u8))
        {
            TscIsReliable = Equals(option[4..], "reliable"u8);
            NoTscClock = Equals(option[4..], "unstable"u8);
            return TscIsReliable || NoTscClock;
        }

        if (StartsWith(option, "spinlocks="u8))
        {
            SpinLocksAreQueued = Equals(option[10..], "queued"u8);
            SpinLocksAreUnfair = Equals(option[10..], "unfair"u8);
            return SpinLocksAreQueued || SpinLocksAreUnfair;
        }

        return !StartsWith(option, "clocksource="u8) || TryParseClock(option[12..]);
    }

    private bool TryParseClock(ReadOnlySpan<byte> name)
    {
        TscIsReliable = Equals(name, "tsc"u8);
        ClockIsPmTimer = Equals(name, "acpi_pm"u8);
        NoTscClock = ClockIsPmTimer || Equals(name, "hpet"u8);
        return TscIsReliable || NoTscClock;
    }

    private bool TryParseCpus(ReadOnlySpan<byte> digits)
    {
        int value = 0;
        foreach (byte digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'9')
            {
                return false;
            }

            value = (value * 10) + (digit - (byte)'0');
            if (value > Cpus.Cpu.Maximum)
            {
                value = Cpus.Cpu.Maximum;
            }
        }

        if (digits.Length == 0)
        {
            return false;
        }

        // As in Linux, 0 means the same as nosmp.
        MaximumCpus = value == 0 ? 1 : value;
        return true;
    }

    private static bool StartsWith(ReadOnlySpan<byte> option, ReadOnlySpan<byte> prefix)
    {
        return option.Length >= prefix.Length && Equals(option[..prefix.Length], prefix);
    }

    private static bool Equals(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        if (left.Length != right.Length)
        {
            return false;
        }

        for (int i = 0; i < left.Length; i++)
        {
            if (left[i] != right[i])
            {
                return false;
            }
        }

        return true;
    }
}
