using CosmosKernel.Machine.UserMode;
using CosmosKernel.Modules.Testing;

namespace CosmosKernel.Tests.UserMode;

/// <summary>To user mode and back by SYSCALL.</summary>
public static class RoundTripTests
{
    /// <summary>Numbers and arguments arrive, the result comes back in RAX, and only RCX and R11 change.</summary>
    [KernelTest("memory.user_system_call_goes_there_and_back")]
    public static void SystemCall()
    {
        // mov eax, 39; mov edi, 1; mov esi, 2; mov edx, 3; mov r10d, 4; mov r8d, 5; mov r9d, 6; syscall; mov [0x500000], rax; mov eax, 60; syscall
        using UserProgram program = new([
            0xB8, 0x27, 0, 0, 0, 0xBF, 1, 0, 0, 0, 0xBE, 2, 0, 0, 0, 0xBA, 3, 0, 0, 0, 0x41, 0xBA, 4, 0, 0, 0, 0x41, 0xB8, 5, 0, 0, 0, 0x41, 0xB9, 6, 0, 0, 0, 0x0F, 0x05,
            0x48, 0x89, 0x04, 0x25, 0, 0, 0x50, 0, 0xB8, 0x3C, 0, 0, 0, 0x0F, 0x05]);
        program.Run(context =>
        {
            Check.Equal(UserExit.SystemCall, context.Run());
            Check.Equal(39ul, context.Registers.Rax, "number");
            Check.Equal(1ul, context.Registers.Rdi, "first argument");
            Check.Equal(2ul, context.Registers.Rsi, "second argument");
            Check.Equal(3ul, context.Registers.Rdx, "third argument");
            Check.Equal(4ul, context.Registers.R10, "fourth argument");
            Check.Equal(5ul, context.Registers.R8, "fifth argument");
            Check.Equal(6ul, context.Registers.R9, "sixth argument");
            Check.Equal(UserRegisters.SystemCallVector, context.Registers.Vector, "how user mode was left");
            Check.Equal(UserProgram.StackTop, context.Registers.Rsp, "stack pointer");
            Check.Equal(UserProgram.Code + 40, context.Registers.Rip, "where it goes on");
            context.Registers.Rax = 0x1234_5678_9ABC;
            Check.Equal(UserExit.SystemCall, context.Run());
            Check.Equal(60ul, context.Registers.Rax, "second number");
            Check.Equal(0x1234_5678_9ABCul, program.ReadData(0), "result as the program saw it");
        });
    }
}
