using System;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace CosmosKernel.Tools.IlCheck;

/// <summary>Looks through the instructions and locals of one method.</summary>
internal sealed class BodyChecker(AssemblyChecker checker, MethodDefinition method)
{
    /// <summary>Reports everything unsafe in the body.</summary>
    public void Check()
    {
        MethodBody body = method.Body;
        bool hasLocalloc = false;
        foreach (VariableDefinition variable in body.Variables)
        {
            Report(null, checker.ProblemOf(variable.VariableType));
        }

        foreach (Instruction instruction in body.Instructions)
        {
            hasLocalloc |= instruction.OpCode.Code == Code.Localloc;
            CheckOpcode(instruction);
            CheckOperand(instruction);
        }

        if (!body.InitLocals && (body.HasVariables || hasLocalloc))
        {
            checker.Add(method, null, "locals without initial value (SkipLocalsInit)", "shows old stack contents");
        }

        foreach (ExceptionHandler handler in body.ExceptionHandlers)
        {
            Report(null, checker.ProblemOf(handler.CatchType));
        }
    }

    private void CheckOpcode(Instruction instruction)
    {
        string? reason = instruction.OpCode.Code switch
        {
            Code.Calli => "calls through an address that nothing checks",
            Code.Jmp => "leaves the method with arguments that nothing checks",
            Code.Localloc when !SafePatterns.IsStackAllocatedSpan(instruction) => "allocates stack memory that no span bounds",
            Code.Cpblk or Code.Initblk when !SafePatterns.IsPartOfStackAllocatedSpan(instruction) => "writes memory that nothing bounds",
            Code.Arglist or Code.Mkrefany or Code.Refanyval or Code.Refanytype => "handles values without their types",
            Code.No => "switches off the checks of the next instruction",
            Code.Ldftn or Code.Ldvirtftn when !SafePatterns.FeedsDelegate(instruction) => "takes the address of a method without making a delegate",
            Code.Conv_I or Code.Conv_U when SafePatterns.ConvertsReference(instruction) => "turns a reference into an address",
            _ => null,
        };
        if (reason is null && SafePatterns.IsAccess(instruction.OpCode.Code) && SafePatterns.AccessesNumber(instruction) && !SafePatterns.IsPartOfStackAllocatedSpan(instruction))
        {
            reason = "uses a number as an address";
        }

        if (reason is not null)
        {
            checker.Add(method, instruction, $"instruction {instruction.OpCode.Name}", reason);
        }
    }

    private void CheckOperand(Instruction instruction)
    {
        switch (instruction.Operand)
        {
            case MethodReference called:
                CheckMethod(instruction, called);
                break;
            case FieldReference field when !TypeNames.IsCompilerDetail(field.DeclaringType):
                Report(instruction, ProblemOfMember(field) ?? checker.ProblemOf(field.FieldType));
                break;
            case TypeReference type:
                Report(instruction, checker.ProblemOf(type));
                break;
            default:
                break;
        }
    }

    private void CheckMethod(Instruction instruction, MethodReference called)
    {
        if (TypeNames.IsCompilerDetail(called.DeclaringType))
        {
            return;
        }

        (string What, string Reason)? problem = ProblemOfMember(called) ?? checker.ProblemOf(called.ReturnType);
        if (called is GenericInstanceMethod generic)
        {
            foreach (TypeReference argument in generic.GenericArguments)
            {
                problem ??= checker.ProblemOf(argument);
            }
        }

        foreach (ParameterDefinition parameter in called.Parameters)
        {
            if (TypeNames.Parts(parameter.ParameterType) is { } parts)
            {
                foreach (TypeReference part in parts)
                {
                    bool pointer = part is PointerType or FunctionPointerType;
                    if (pointer && !SafePatterns.IsSpanOverConstantOrStack(instruction))
                    {
                        problem ??= ($"{TypeNames.Of((MemberReference)called)} with a pointer", "addresses are not checked");
                    }
                }
            }
        }

        Report(instruction, problem);
    }

    // An attribute class that ILC matches by name may use its own members; it is its use elsewhere that is refused.
    private (string What, string Reason)? ProblemOfMember(MemberReference member) =>
        TypeNames.Of(member.DeclaringType) == TypeNames.Of(method.DeclaringType) ? null : checker.ProblemOf(member);

    private void Report(Instruction? instruction, (string What, string Reason)? problem)
    {
        if (problem is { } found)
        {
            checker.Add(method, instruction, found.What, found.Reason);
        }
    }
}
