using System;
using System.IO;
using System.Linq;

namespace CosmosKernel.BootHarness.Emulators;

/// <summary>The two flash images of OVMF: the firmware, and its variables.</summary>
/// <param name="Code">The firmware, read only.</param>
/// <param name="Variables">The variables; a machine writes to its own copy.</param>
public sealed record OvmfImages(string Code, string Variables)
{
    /// <summary>Where distributions put OVMF: Debian and Ubuntu, Fedora, Arch, openSUSE, Nix and hand-made installations of QEMU.</summary>
    private static readonly OvmfImages[] s_candidates =
    [
        new("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"),
        new("/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd"),
        new("/usr/share/edk2/ovmf/OVMF_CODE.fd", "/usr/share/edk2/ovmf/OVMF_VARS.fd"),
        new("/usr/share/edk2/x64/OVMF_CODE.4m.fd", "/usr/share/edk2/x64/OVMF_VARS.4m.fd"),
        new("/usr/share/edk2-ovmf/x64/OVMF_CODE.fd", "/usr/share/edk2-ovmf/x64/OVMF_VARS.fd"),
        new("/usr/share/qemu/ovmf-x86_64-code.bin", "/usr/share/qemu/ovmf-x86_64-vars.bin"),
        new("/usr/share/qemu/edk2-x86_64-code.fd", "/usr/share/qemu/edk2-i386-vars.fd"),
    ];

    /// <summary>Finds OVMF on this host: <c>BOOT_OVMF_CODE</c> with <c>BOOT_OVMF_VARS</c>, else the usual places.</summary>
    /// <exception cref="UsageException">There is none; the message says what to install.</exception>
    public static OvmfImages Find()
    {
        if (Environment.GetEnvironmentVariable("BOOT_OVMF_CODE") is { Length: > 0 } code
            && Environment.GetEnvironmentVariable("BOOT_OVMF_VARS") is { Length: > 0 } variables)
        {
            return new OvmfImages(code, variables);
        }

        return s_candidates.FirstOrDefault(images => File.Exists(images.Code) && File.Exists(images.Variables))
            ?? throw new UsageException("--firmware uefi needs OVMF: install the package 'ovmf', or name the images in BOOT_OVMF_CODE and BOOT_OVMF_VARS");
    }

    /// <summary>The same firmware with a fresh copy of the variables.</summary>
    /// <param name="folder">Where the copy goes.</param>
    public OvmfImages WithOwnVariables(string folder)
    {
        string copy = Path.Combine(folder, "vars.fd");
        File.WriteAllBytes(copy, File.ReadAllBytes(Variables));
        return this with { Variables = copy };
    }
}
