using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace CosmosKernel.Analyzers.Flow;

/// <content>User addresses: they go only where they are declared, and kernel addresses never there.</content>
internal sealed partial class BodyVisitor
{
    private void CheckUserAddress(IOperation operation)
    {
        switch (operation)
        {
            case IArgumentOperation { Parameter: { } parameter } argument:
                Flow(argument.Value, parameter, AnalysisScope.Name(parameter));
                break;
            case ISimpleAssignmentOperation { Target: IFieldReferenceOperation target } assignment:
                Flow(assignment.Value, target.Field, AnalysisScope.Name(target.Field));
                break;
            case ISimpleAssignmentOperation { Target: IPropertyReferenceOperation target } assignment:
                Flow(assignment.Value, target.Property, AnalysisScope.Name(target.Property));
                break;
            case IConversionOperation { Type.TypeKind: TypeKind.Pointer } conversion when conversion.Operand.Type is { TypeKind: not TypeKind.Pointer } && IsUser(conversion.Operand):
                if (!_context.UserAccess)
                {
                    Report(Rules.UserAddressUsed, conversion.Syntax.GetLocation(), conversion.Operand.Syntax.ToString(), "made a pointer");
                }

                break;
        }
    }

    private void Flow(IOperation value, ISymbol target, string name)
    {
        if (_context.UserAccess || value.Type is null)
        {
            return;
        }

        bool toUser = KernelSymbols.Has(target.OriginalDefinition, "UserAddress");
        if (toUser && IsKernelAddress(value))
        {
            Report(Rules.KernelAddressGiven, value.Syntax.GetLocation(), value.Syntax.ToString(), name);
        }
        else if (!toUser && IsUser(value) && target.ContainingType is { } type && !(target.ContainingSymbol is IMethodSymbol method && Calls.Framework.IsOfFramework(method)) && type.TypeKind != TypeKind.Delegate)
        {
            Report(Rules.UserAddressUsed, value.Syntax.GetLocation(), value.Syntax.ToString(), $"given to '{name}', which does not say [UserAddress]");
        }
    }

    private bool IsUser(IOperation operation)
    {
        operation = _paths.Source(operation);
        return operation switch
        {
            IParameterReferenceOperation parameter => KernelSymbols.Has(parameter.Parameter, "UserAddress"),
            IFieldReferenceOperation field => KernelSymbols.Has(field.Field.OriginalDefinition, "UserAddress"),
            IPropertyReferenceOperation property => KernelSymbols.Has(property.Property.OriginalDefinition, "UserAddress"),
            IInvocationOperation call => ReturnsUser(call.TargetMethod),
            IBinaryOperation { OperatorKind: BinaryOperatorKind.Add or BinaryOperatorKind.Subtract or BinaryOperatorKind.And or BinaryOperatorKind.Or } arithmetic =>
                IsUser(arithmetic.LeftOperand) != IsUser(arithmetic.RightOperand),
            _ => false,
        };
    }

    private bool IsKernelAddress(IOperation operation)
    {
        for (IOperation current = operation; current is IConversionOperation conversion; current = conversion.Operand)
        {
            if (conversion.Operand.Type is { TypeKind: TypeKind.Pointer })
            {
                return true;
            }
        }

        return _paths.Source(operation).Type is { TypeKind: TypeKind.Pointer };
    }

    private static bool ReturnsUser(IMethodSymbol method)
    {
        foreach (AttributeData attribute in method.OriginalDefinition.GetReturnTypeAttributes())
        {
            if (KernelSymbols.IsKernelAttribute(attribute.AttributeClass, "UserAddress"))
            {
                return true;
            }
        }

        return false;
    }
}
