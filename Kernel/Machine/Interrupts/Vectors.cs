namespace CosmosKernel.Machine.Interrupts;

/// <summary>Interrupt vectors. 0 to 31 are exceptions, from <see cref="FirstDevice"/> to <see cref="LastDevice"/> devices, above them the kernel's own.</summary>
public static class Vectors
{
    /// <summary>#DE.</summary>
    public const int DivideError = 0;

    /// <summary>#DB.</summary>
    public const int Debug = 1;

    /// <summary>Non-maskable interrupt.</summary>
    public const int Nmi = 2;

    /// <summary>#BP, which user code may raise by INT3.</summary>
    public const int Breakpoint = 3;

    /// <summary>#OF, which user code may raise by INT 4.</summary>
    public const int Overflow = 4;

    /// <summary>#DF.</summary>
    public const int DoubleFault = 8;

    /// <summary>#GP.</summary>
    public const int GeneralProtection = 13;

    /// <summary>#PF.</summary>
    public const int PageFault = 14;

    /// <summary>#MC.</summary>
    public const int MachineCheck = 18;

    /// <summary>First vector for devices; the legacy lines of the 8259, if it ever fires, lie below at 32 to 47.</summary>
    public const int FirstDevice = 48;

    /// <summary>Last vector for devices.</summary>
    public const int LastDevice = 0xEF;

    /// <summary>The local timer.</summary>
    public const int Timer = 0xF0;

    /// <summary>Another CPU wants this one to reschedule.</summary>
    public const int Reschedule = 0xF1;

    /// <summary>Another CPU wants a function called here.</summary>
    public const int CallFunction = 0xF2;

    /// <summary>A thread that is in user mode here is wanted in the kernel: the return from the interrupt sees to it.</summary>
    public const int Attention = 0xF3;

    /// <summary>The local APIC reports an error of its own.</summary>
    public const int ApicError = 0xFE;

    /// <summary>Spurious interrupt of the local APIC: no end of interrupt.</summary>
    public const int Spurious = 0xFF;
}
