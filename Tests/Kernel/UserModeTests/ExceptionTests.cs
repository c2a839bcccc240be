using System;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;

namespace CosmosKernel.Tests.UserMode;

/// <summary>What user code must not do comes back as an exception with the right data, and harms nothing.</summary>
public static class ExceptionTests
{
    private const ulong Unmapped = 0x60_0000;

    // It names the entry of the interrupt table, and emulators differ from the SDM there.
    private const ulong AnyErrorCode = ulong.MaxValue;

    /// <summary>A page fault tells address and kind of access, and the instruction is repeated when the page has come.</summary>
    [KernelTest("memory.user_page_fault_tells_where_and_why")]
    public static void PageFaults()
    {
        using UserProgram program = new(UserCode.Load);
        program.Run(context =>
        {
            context.Registers.Rbx = Unmapped + 8;
            ExpectFault(context, Unmapped + 8, 4, UserProgram.Code);
            program.Map(Unmapped, UserRights.Read).Write(8, BitConverter.GetBytes(0xCAFEul));
            Check.Equal(UserExit.SystemCall, context.Run());
            Check.Equal(0xCAFEul, context.Registers.Rdx, "what it read at last");

            program.CodePage.Write(0, UserCode.Store);
            context.Registers.Rip = UserProgram.Code;
            ExpectFault(context, Unmapped + 8, 7, UserProgram.Code);
            program.Table.Protect(Unmapped, Unmapped + Page.Size, UserRights.None);
            ExpectFault(context, Unmapped + 8, 6, UserProgram.Code);
            context.Registers.Rbx = 0xFFFF_8000_0000_0000;
            ExpectFault(context, 0xFFFF_8000_0000_0000, 7, UserProgram.Code);
            context.Registers.Rip = UserProgram.Data;
            ExpectFault(context, UserProgram.Data, 0x15, UserProgram.Data);
            context.Registers.Rip = 0xFFFF_8000_0000_0000;
            ExpectFault(context, 0xFFFF_8000_0000_0000, 0x15, 0xFFFF_8000_0000_0000);
        });
    }

    /// <summary>Each instruction that user mode must not execute, and each error of arithmetic, raises its exception at its address.</summary>
    [KernelTest("memory.user_exceptions_are_reported_by_vector")]
    public static void Vectors()
    {
        ReadOnlySpan<(byte[] Code, ulong Vector, ulong ErrorCode, int Offset)> cases =
        [
            ([0x0F, 0x0B], 6, 0, 0), // ud2
            ([0x31, 0xC9, 0xF7, 0xF1], 0, 0, 2), // xor ecx, ecx; div ecx
            ([0xF4], 13, 0, 0), // hlt
            ([0xFA], 13, 0, 0), // cli
            ([0xE6, 0x80], 13, 0, 0), // out 0x80, al
            ([0x0F, 0x30], 13, 0, 0), // wrmsr
            ([0x0F, 0x20, 0xC0], 13, 0, 0), // mov rax, cr0
            ([0xCD, 0x80], 13, AnyErrorCode, 0), // int 0x80
            ([0xCD, 0x0E], 13, AnyErrorCode, 0), // int 14
            ([0xCC], 3, 0, 1), // int3
            ([0xCD, 0x04], 4, 0, 2), // int 4
            ([0x48, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x48, 0x8B, 0x00], 13, 0, 10), // mov rax, 1 << 63; mov rax, [rax]
            ([0xDB, 0xE3, 0xC7, 0x44, 0x24, 0xF8, 0, 0, 0, 0, 0xD9, 0x6C, 0x24, 0xF8, 0xD9, 0xEE, 0xD9, 0xEE, 0xDE, 0xF9, 0x9B], 16, 0, 20), // fninit; mov dword [rsp-8], 0; fldcw [rsp-8]; fldz; fldz; fdivp; fwait
            ([0x8E, 0xD0], 13, 0, 0), // mov ss, eax with RAX = 0x28
            ([0x0F, 0x01, 0xD8], 6, 0, 0), // vmrun
        ];
        foreach ((byte[] code, ulong vector, ulong errorCode, int offset) in cases)
        {
            using UserProgram program = new(code);
            program.Run(context =>
            {
                context.Registers.Rax = vector == 13 && code[0] == 0x8E ? 0x28ul : 0;
                Check.Equal(UserExit.Exception, context.Run(), $"why {code[0]:x} left user mode");
                ulong expected = code[0] == 0x8E ? 0x28 : errorCode;
                string what = $"after {Convert.ToHexString(code)}";
                Check.Equal(vector, context.Registers.Vector, $"vector {what}");
                if (errorCode != AnyErrorCode)
                {
                    Check.Equal(expected, context.Registers.ErrorCode, $"error code {what}");
                }

                Check.Equal(UserProgram.Code + (ulong)offset, context.Registers.Rip, $"address {what}");
                Check.Equal(UserProgram.StackTop, context.Registers.Rsp, $"stack pointer {what}");
            });
        }
    }

    /// <summary>Addresses that the kernel is asked to return to, and that are none, raise #GP or #PF in user mode and nothing in the kernel.</summary>
    [KernelTest("memory.user_return_to_a_bad_address_is_the_users_fault")]
    public static void BadReturn()
    {
        using UserProgram program = new(UserCode.Calls);
        program.Run(context =>
        {
            context.Registers.R15 = 1000;
            foreach (ulong address in (ReadOnlySpan<ulong>)[0x8000_0000_0000_0000, 0x0000_8000_0000_0000, 0xFFFF_7FFF_FFFF_FFFF])
            {
                context.Registers.Rip = UserProgram.Code;
                Check.Equal(UserExit.SystemCall, context.Run());
                context.Registers.Rip = address;
                context.Registers.Rcx = address;
                Check.Equal(UserExit.Exception, context.Run());
                Check.Equal(13ul, context.Registers.Vector, $"vector after a return to {address:x}");
                Check.Equal(address, context.Registers.Rip, "where");
            }

            foreach (ulong address in (ReadOnlySpan<ulong>)[0xFFFF_8000_0000_0000, 0xFFFF_FFFF_8100_0000, 0x0000_7FFF_FFFF_F000, 0])
            {
                context.Registers.Rip = UserProgram.Code;
                Check.Equal(UserExit.SystemCall, context.Run());
                context.Registers.Rip = address;
                context.Registers.Rcx = address;
                Check.Equal(UserExit.Exception, context.Run());
                Check.Equal(14ul, context.Registers.Vector, $"vector after a return to {address:x}");
                UserProgram.CheckAddress(address, context.FaultAddress, "where");
            }
        });
    }

    /// <summary>AC, DF, NT, ID and TF of user mode do not reach the kernel, and come back; the flags of the kernel cannot be set.</summary>
    [KernelTest("memory.user_flags_stay_in_user_mode")]
    public static void Flags()
    {
        const ulong direction = 1 << 10;
        const ulong nested = 1 << 14;
        const ulong alignment = 1 << 18;
        const ulong identification = 1 << 21;
        const ulong privileged = 3 << 12;
        using UserProgram program = new(UserCode.Flags);
        foreach (ulong flags in (ReadOnlySpan<ulong>)[direction, nested, alignment, identification, direction | nested | alignment | identification, 0x8D5, privileged])
        {
            program.Run(context =>
            {
                context.Registers.Rbx = flags | 2;
                context.Registers.Rbp = UserProgram.Data;
                Check.Equal(UserExit.SystemCall, context.Run());
                Check.Equal((flags & ~privileged) | 0x202, context.Registers.Rflags, $"flags that the kernel saw for {flags:x}");

                // Work that would fail with DF set, and a switch.
                byte[] bytes = new byte[5000];
                bytes.AsSpan().Fill(7);
                KernelTask.Sleep(100_000);
                Check.Equal(7, bytes[4999]);
                Check.Equal(UserExit.SystemCall, context.Run());
                Check.Equal((flags & ~privileged) | 0x202, program.ReadData(0), $"flags after the call for {flags:x}");
                context.Registers.Rip = UserProgram.Code;
                context.Registers.Rbx = 2;
                context.Registers.Rflags = ulong.MaxValue & ~(1ul << 8);
                Check.Equal(UserExit.SystemCall, context.Run());
                Check.Equal(0x202ul, context.Registers.Rflags, "flags after the kernel was asked for all of them");
            });
        }
    }

    /// <summary>TF stops after each instruction of user mode and in none of the kernel's.</summary>
    [KernelTest("memory.user_single_step_stays_in_user_mode")]
    public static void SingleStep()
    {
        using UserProgram program = new(UserCode.Calls);
        program.Run(context =>
        {
            const ulong trap = 1 << 8;
            context.Registers.R15 = 3;
            context.Registers.Rflags = trap;
            int steps = 0;
            int calls = 0;
            while (true)
            {
                UserExit exit = context.Run();
                if (exit == UserExit.SystemCall)
                {
                    calls++;
                    if (context.Registers.Rax == 60)
                    {
                        break;
                    }

                    continue;
                }

                Check.Equal(UserExit.Exception, exit);
                Check.Equal(1ul, context.Registers.Vector, "vector");
                Check.Equal(1ul << 14, context.DebugStatus & (1ul << 14), "single-step bit of DR6");
                steps++;
            }

            Check.Equal(4, calls);
            Check.InRange(10, 14, steps, "instructions that were stopped after");
        });
    }

    /// <summary>An alignment check is user mode's own: the kernel copies unaligned while AC is set.</summary>
    [KernelTest("memory.user_alignment_check_is_reported")]
    public static void AlignmentCheck()
    {
        using UserProgram program = new(UserCode.Load);
        program.Run(context =>
        {
            const ulong alignment = 1 << 18;
            context.Registers.Rbx = UserProgram.Data + 1;
            context.Registers.Rflags = alignment;
            UserExit exit = context.Run();
            if (exit == UserExit.SystemCall)
            {
                Check.Skip("this CPU does not check alignment, as some emulators do not");
            }

            Check.Equal(17ul, context.Registers.Vector, "vector");
        });
    }

    private static void ExpectFault(UserContext context, ulong address, ulong errorCode, ulong rip)
    {
        Check.Equal(UserExit.Exception, context.Run());
        Check.Equal(14ul, context.Registers.Vector, "vector");
        UserProgram.CheckAddress(address, context.FaultAddress, "address of the fault");
        Check.Equal(errorCode, context.Registers.ErrorCode, $"error code of the fault at {address:x}");
        Check.Equal(rip, context.Registers.Rip, "address of the instruction");
    }
}
