using System.Runtime;
using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Runtime.Startup;

namespace CosmosKernel.Runtime.Exceptions;

/// <summary>
/// Turns processor exceptions of managed code into .NET exceptions: a page fault at a low address into
/// <see cref="System.NullReferenceException"/>, a divide error into <see cref="System.DivideByZeroException"/> or <see cref="System.OverflowException"/>.
/// </summary>
public static unsafe class HardwareFault
{
    /// <summary>
    /// Addresses below this are never mapped for the kernel, so a fault there is a field access through a null reference.
    /// ILC checks explicitly before it touches larger offsets.
    /// </summary>
    public const ulong NullRegionSize = 0x1_0000;

    // The codes that CoreLib's RhThrowHwEx knows.
    private const uint NullReference = 0;
    private const uint NullReferenceInHelper = 0x42;
    private const uint DivideByZero = 0xC000_0094;
    private const uint Overflow = 0xC000_0095;

    /// <summary>
    /// Makes the interrupted code continue in the thrower of the matching exception, if the fault is one that a C# program may
    /// cause and the code is allowed to throw: in a task, interrupts on, preemption on.
    /// </summary>
    /// <param name="frame">The fault; changed only if the result is true.</param>
    /// <returns>False if the fault is a defect of the kernel: the caller panics.</returns>
    /// <remarks>Exception context, interrupts off.</remarks>
    [InterruptContext]
    public static bool TryConvert(InterruptFrame* frame)
    {
        const ulong interruptFlag = 1 << 9;
        CpuBlock* cpu = Cpu.Current;
        if (cpu->PreemptCount != 0 || cpu->InterruptDepth != 0 || (frame->Rflags & interruptFlag) == 0 || (frame->Cs & 3) != 0)
        {
            return false;
        }

        switch (frame->Vector)
        {
            case Vectors.DivideError:
                if (!RuntimeImage.IsManagedCode(frame->Rip))
                {
                    return false;
                }

                Redirect(frame, DivideInstruction.DivisorIsZero(frame) ? DivideByZero : Overflow);
                return true;
            case Vectors.PageFault:
                return TryConvertPageFault(frame);
            default:
                return false;
        }
    }

    private static bool TryConvertPageFault(InterruptFrame* frame)
    {
        if (FaultAddress() >= NullRegionSize)
        {
            return false;
        }

        if (RuntimeImage.IsManagedCode(frame->Rip) || RuntimeImage.IsUnboxingStub(frame->Rip))
        {
            Redirect(frame, NullReference);
            return true;
        }

        if (RuntimeImage.IsLeafHelper(frame->Rip))
        {
            // The helper has nothing on the stack but its return address: undo the call, and blame the caller.
            frame->Rip = *(ulong*)frame->Rsp;
            frame->Rsp += 8;
            Redirect(frame, NullReferenceInHelper);
            return true;
        }

        return false;
    }

    // RhpThrowHwEx takes the code in edi and the address in rsi, with the stack as the fault found it.
    private static void Redirect(InterruptFrame* frame, uint code)
    {
        frame->Rdi = code;
        frame->Rsi = frame->Rip;
        frame->Rip = (ulong)(delegate*<void>)&ThrowHardwareException;
    }

    [RuntimeImport("CpuReadControl2")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern ulong FaultAddress();

    [RuntimeImport("RhpThrowHwEx")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void ThrowHardwareException();
}

/// <summary>
/// Finds the divisor of the DIV or IDIV instruction at which a divide error happened: the processor reports a quotient that is too
/// large (<c>int.MinValue / -1</c>) with the same exception (Intel SDM vol. 2A, DIV, IDIV; 2.1, instruction format).
/// </summary>
internal static unsafe class DivideInstruction
{
    private const byte OperandSizePrefix = 0x66;
    private const byte Group3Byte = 0xF6;
    private const byte Group3Word = 0xF7;

    /// <summary>Whether the divisor is zero; also true if the instruction is not understood.</summary>
    public static bool DivisorIsZero(InterruptFrame* frame)
    {
        byte* code = (byte*)frame->Rip;
        int size = 4;
        int rex = 0;
        for (; ; code++)
        {
            if (*code == OperandSizePrefix)
            {
                size = 2;
            }
            else if ((*code & 0xF0) == 0x40)
            {
                rex = *code;
            }
            else
            {
                break;
            }
        }

        if ((rex & 8) != 0)
        {
            size = 8;
        }

        if (*code is not (Group3Byte or Group3Word))
        {
            return true;
        }

        if (*code == Group3Byte)
        {
            size = 1;
        }

        return Operand(frame, code + 1, rex, size) == 0;
    }

    // Value of the register or memory operand that the ModRM byte at `code` names.
    private static ulong Operand(InterruptFrame* frame, byte* code, int rex, int size)
    {
        int modRm = *code++;
        int mode = modRm >> 6;
        int register = (modRm & 7) | ((rex & 1) << 3);
        if (mode == 3)
        {
            // Without REX, byte registers 4 to 7 are ah to bh.
            return size == 1 && rex == 0 && register >= 4 ? (byte)(Register(frame, register - 4) >> 8) : Truncate(Register(frame, register), size);
        }

        ulong address;
        if ((modRm & 7) == 4)
        {
            int sib = *code++;
            int index = ((sib >> 3) & 7) | ((rex & 2) << 2);
            int baseRegister = sib & 7;
            address = index == 4 ? 0 : Register(frame, index) << (sib >> 6);
            if (mode == 0 && baseRegister == 5)
            {
                address += (ulong)(long)*(int*)code;
            }
            else
            {
                address += Register(frame, baseRegister | ((rex & 1) << 3));
            }
        }
        else if (mode == 0 && (modRm & 7) == 5)
        {
            // Relative to the next instruction, which begins behind the displacement.
            address = (ulong)(code + 4) + (ulong)(long)*(int*)code;
        }
        else
        {
            address = Register(frame, register);
        }

        address += mode switch
        {
            1 => (ulong)(long)*(sbyte*)code,
            2 => (ulong)(long)*(int*)code,
            _ => 0,
        };

        // The processor has just read this operand, so it is mapped.
        return size switch
        {
            1 => *(byte*)address,
            2 => *(ushort*)address,
            4 => *(uint*)address,
            _ => *(ulong*)address,
        };
    }

    private static ulong Truncate(ulong value, int size) => size switch
    {
        1 => (byte)value,
        2 => (ushort)value,
        4 => (uint)value,
        _ => value,
    };

    private static ulong Register(InterruptFrame* frame, int number) => number switch
    {
        0 => frame->Rax,
        1 => frame->Rcx,
        2 => frame->Rdx,
        3 => frame->Rbx,
        4 => frame->Rsp,
        5 => frame->Rbp,
        6 => frame->Rsi,
        7 => frame->Rdi,
        8 => frame->R8,
        9 => frame->R9,
        10 => frame->R10,
        11 => frame->R11,
        12 => frame->R12,
        13 => frame->R13,
        14 => frame->R14,
        _ => frame->R15,
    };
}
