using System;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Interrupts;

namespace CosmosKernel.Machine.Diagnostics;

/// <summary>Prints the registers of an interrupt frame, for panics.</summary>
internal static unsafe class RegisterDump
{
    public static void Write(InterruptFrame* frame)
    {
        Row("rip"u8, frame->Rip, "rsp"u8, frame->Rsp, "flags"u8, frame->Rflags);
        Row("rax"u8, frame->Rax, "rbx"u8, frame->Rbx, "rcx"u8, frame->Rcx);
        Row("rdx"u8, frame->Rdx, "rsi"u8, frame->Rsi, "rdi"u8, frame->Rdi);
        Row("rbp"u8, frame->Rbp, "r8"u8, frame->R8, "r9"u8, frame->R9);
        Row("r10"u8, frame->R10, "r11"u8, frame->R11, "r12"u8, frame->R12);
        Row("r13"u8, frame->R13, "r14"u8, frame->R14, "r15"u8, frame->R15);
        Row("cr2"u8, CpuInstructions.ReadControl2(), "cr3"u8, CpuInstructions.ReadControl3(), "error"u8, frame->ErrorCode);
    }

    private static void Row(ReadOnlySpan<byte> first, ulong firstValue, ReadOnlySpan<byte> second, ulong secondValue, ReadOnlySpan<byte> third, ulong thirdValue)
    {
        Column(first, firstValue);
        Column(second, secondValue);
        Column(third, thirdValue);
        EarlyConsole.Write("\n"u8);
    }

    private static void Column(ReadOnlySpan<byte> name, ulong value)
    {
        EarlyConsole.Write("      "u8[name.Length..]);
        EarlyConsole.Write(" "u8);
        EarlyConsole.Write(name);
        EarlyConsole.Write(" "u8);
        EarlyConsole.WriteHex(value);
    }
}
