using System;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Linq;
using System.Text.RegularExpressions;
using CosmosKernel.BootHarness;

namespace CosmosKernel.Boot;

/// <summary>The options of <c>tools/boot</c>, and how they become a machine.</summary>
internal sealed class BootOptions
{
    private readonly Option<string?> _iso = new("--iso") { Description = "CD-ROM image to boot", HelpName = "F" };
    private readonly Option<string?> _kernel = new("--kernel") { Description = "ELF to boot directly (PVH)", HelpName = "F" };
    private readonly Option<string?> _initrd = new("--initrd") { Description = "initial RAM file system for --kernel", HelpName = "F" };
    private readonly Option<string> _append = new("--append") { Description = "kernel options", HelpName = "S", DefaultValueFactory = _ => "" };
    private readonly Option<int> _cpus = new("--cpus") { Description = "processors, 1 to 255", HelpName = "N", DefaultValueFactory = _ => 1 };
    private readonly Option<int> _memory = new("--memory") { Description = "memory in MiB", HelpName = "MiB", DefaultValueFactory = _ => 512 };
    private readonly Option<MachineType> _machine = Choice<MachineType>("--machine", "chipset");
    private readonly Option<FirmwareKind> _firmware = Choice<FirmwareKind>("--firmware", "who starts the boot loader");
    private readonly Option<EmulatorKind> _emulator = Choice<EmulatorKind>("--emulator", "who plays the machine");
    private readonly Option<Accelerator> _accel = Choice<Accelerator>("--accel", "how QEMU runs guest code");
    private readonly Option<bool> _icount = new("--icount") { Description = "guest time counts instructions" };
    private readonly Option<string?> _cpu = new("--cpu") { Description = "processor model by the emulator's name", HelpName = "MODEL" };
    private readonly Option<TimeSpan?> _timeout = Duration("--timeout", "limit of the whole boot, seconds [default: 120]");
    private readonly Option<TimeSpan?> _testTimeout = Duration("--test-timeout", "limit of one in-kernel test, seconds");
    private readonly Option<InputScript?> _input = new("--input")
    {
        Description = "script that is typed at the machine",
        HelpName = "FILE",
        CustomParser = result => Convert(result, InputScript.Load),
    };

    private readonly Option<Regex?> _until = new("--until")
    {
        Description = "end with success when a line matches",
        HelpName = "REGEX",
        CustomParser = result => Convert(result, InputScript.ParseRegex),
    };

    private readonly Option<string?> _junit = new("--junit") { Description = "write the results as JUnit XML", HelpName = "FILE" };
    private readonly Option<string?> _log = new("--log") { Description = "keep everything in a file", HelpName = "FILE" };
    private readonly Option<string?> _symbols = new("--symbols")
    {
        Description = "ELF that names what the processors were doing after a hang [default: --kernel]",
        HelpName = "F",
    };

    private readonly Option<string[]> _device = Repeated("--device", "one more device of the machine, as QEMU's -device takes it; may be repeated, as the next ones", "S");
    private readonly Option<string[]> _disk = Repeated("--disk", "raw image as one more virtio disk (disk0, disk1, ...)", "F");
    private readonly Option<string[]> _drive = Repeated("--drive", "contents for a --device, as QEMU's -drive takes it; if=none is added", "S");
    private readonly Option<string[]> _chardev = Repeated("--chardev", "host side of a --device, as QEMU's -chardev takes it", "S");
    private readonly Option<string[]> _object = Repeated("--object", "host side of a --device, as QEMU's -object takes it", "S");
    private readonly Argument<string[]> _extra = new("args")
    {
        Description = "after --: arguments for the emulator as they stand",
        Arity = ArgumentArity.ZeroOrMore,
    };

    /// <summary>The command with all options.</summary>
    public RootCommand MakeCommand()
    {
        RootCommand command = new("Boots one machine, shows its serial output, and says by its exit status how it ended (docs/testing.md).");
        Option[] options =
        [
            _iso, _kernel, _initrd, _append, _cpus, _memory, _machine, _firmware, _emulator, _accel, _icount, _cpu,
            _timeout, _testTimeout, _input, _until, _junit, _log, _symbols,
            _device, _disk, _drive, _chardev, _object,
        ];
        foreach (Option option in options)
        {
            command.Options.Add(option);
        }

        command.Arguments.Add(_extra);
        command.Validators.Add(result =>
        {
            // Without this, a mistyped value without its option would reach the emulator.
            if (result.GetResult(_extra) is { Tokens.Count: > 0 } extra && !result.Tokens.Any(token => token.Type == TokenType.DoubleDash) && !DashesGiven)
            {
                result.AddError($"'{extra.Tokens[0].Value}' belongs to no option; arguments for the emulator come after --");
            }
        });
        return command;
    }

    /// <summary>True if the command line holds <c>--</c>.</summary>
    public bool DashesGiven { get; init; }

    /// <summary>The machine that was asked for.</summary>
    public MachineOptions MakeMachine(ParseResult parsed) => new()
    {
        Iso = parsed.GetValue(_iso),
        Kernel = parsed.GetValue(_kernel),
        Initrd = parsed.GetValue(_initrd),
        Append = parsed.GetValue(_append)!,
        Cpus = parsed.GetValue(_cpus),
        MemoryMiB = parsed.GetValue(_memory),
        Machine = parsed.GetValue(_machine),
        Firmware = parsed.GetValue(_firmware),
        Emulator = parsed.GetValue(_emulator),
        Accelerator = parsed.GetValue(_accel),
        InstructionCounting = parsed.GetValue(_icount),
        CpuModel = parsed.GetValue(_cpu),
        Timeout = parsed.GetValue(_timeout) ?? TimeSpan.FromSeconds(120),
        TestTimeout = parsed.GetValue(_testTimeout),
        Input = parsed.GetValue(_input),
        Until = parsed.GetValue(_until),
        LogPath = parsed.GetValue(_log),
        Symbols = parsed.GetValue(_symbols),
        Devices = parsed.GetValue(_device) ?? [],
        Disks = parsed.GetValue(_disk) ?? [],
        Drives = parsed.GetValue(_drive) ?? [],
        CharacterDevices = parsed.GetValue(_chardev) ?? [],
        Objects = parsed.GetValue(_object) ?? [],
        ExtraArguments = parsed.GetValue(_extra) ?? [],
    };

    /// <summary>Where the JUnit XML goes; null for nowhere.</summary>
    public string? JUnitPath(ParseResult parsed) => parsed.GetValue(_junit);

    /// <summary>An option whose values are those of an enumeration in lower case; the first is the default.</summary>
    private static Option<T> Choice<T>(string name, string description)
        where T : struct, Enum => new(name)
        {
            Description = $"{description} [default: {Lower(default(T))}]",
            HelpName = string.Join('|', Enum.GetValues<T>().Select(Lower)),
            CustomParser = result =>
            {
                string text = result.Tokens[^1].Value;
                foreach (T value in Enum.GetValues<T>())
                {
                    if (Lower(value) == text)
                    {
                        return value;
                    }
                }

                result.AddError($"{name}: '{text}' is none of {string.Join(", ", Enum.GetValues<T>().Select(Lower))}");
                return default;
            },
        };

    private static string Lower<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static Option<string[]> Repeated(string name, string description, string helpName) => new(name)
    {
        Description = description,
        HelpName = helpName,
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    private static Option<TimeSpan?> Duration(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "S",
        CustomParser = ParseSeconds,
    };

    private static TimeSpan? ParseSeconds(ArgumentResult result)
    {
        string text = result.Tokens[^1].Value;
        if (double.TryParse(text, System.Globalization.NumberStyles.AllowDecimalPoint, System.Globalization.CultureInfo.InvariantCulture, out double seconds)
            && seconds is > 0 and < 10_000_000)
        {
            return TimeSpan.FromSeconds(seconds);
        }

        result.AddError($"'{text}' is no number of seconds");
        return null;
    }

    private static T? Convert<T>(ArgumentResult result, Func<string, T> parse)
        where T : class
    {
        try
        {
            return parse(result.Tokens[^1].Value);
        }
        catch (Exception e) when (e is FormatException or UsageException)
        {
            result.AddError(e.Message);
            return null;
        }
    }
}
