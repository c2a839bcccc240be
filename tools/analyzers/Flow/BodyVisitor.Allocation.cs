using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace CosmosKernel.Analyzers.Flow;

/// <content>Allocation: what an expression puts on the managed heap.</content>
internal sealed partial class BodyVisitor
{
    private void CheckAllocation(IOperation operation)
    {
        if (_facts is not null && Allocated(operation) is { } what && !IsThrown(operation))
        {
            _facts.Allocations.Add((what, SiteOf(operation.Syntax.GetLocation())));
        }
    }

    private static string? Allocated(IOperation operation)
    {
        switch (operation)
        {
            case IObjectCreationOperation { IsImplicit: true, Type.Name: "SwitchExpressionException" }:
                return null;
            case IObjectCreationOperation { Type: { IsReferenceType: true } type }:
                return "new " + type.Name;
            case ITypeParameterObjectCreationOperation { Type: { IsValueType: false } type }:
                return "new " + type.Name;
            case IArrayCreationOperation array when !BecomesSpan(array):
                return array.IsImplicit ? "the array for params" : "an array";
            case ICollectionExpressionOperation { Type: { IsReferenceType: true } type }:
                return type.TypeKind == TypeKind.Array && IsEmpty(operation) ? null : "a collection";
            case IAnonymousObjectCreationOperation:
                return "an anonymous object";
            case IDelegateCreationOperation creation:
                return IsCached(creation) ? null : "a delegate";
            case IInterpolatedStringOperation { ConstantValue.HasValue: false, Type.SpecialType: SpecialType.System_String } text when text.Parent is not IInterpolatedStringHandlerCreationOperation:
                return "an interpolated string";
            case IBinaryOperation { OperatorKind: BinaryOperatorKind.Add, Type.SpecialType: SpecialType.System_String, ConstantValue.HasValue: false }:
                return "a concatenated string";
            case IConversionOperation { ConstantValue.HasValue: false } conversion when conversion.Operand.Type is { } from && conversion.GetConversion().IsBoxing && !IsConstrainedPattern(conversion):
                return $"a boxed {from.Name}";
            default:
                return null;
        }
    }

    // An array of constants that becomes a span lies in the image, and what stackalloc makes on the stack.
    private static bool BecomesSpan(IArrayCreationOperation array) =>
        array.Parent is IConversionOperation { Type: INamedTypeSymbol { Name: "ReadOnlySpan" } } && (array.Initializer?.ElementValues.All(value => value.ConstantValue.HasValue) ?? false);

    private static bool IsEmpty(IOperation operation) => !operation.ChildOperations.Any();

    // A delegate to something static, or to a lambda that captures nothing, is made once.
    private static bool IsCached(IDelegateCreationOperation creation) => creation.Target switch
    {
        IMethodReferenceOperation method => method.Method.IsStatic,
        IFlowAnonymousFunctionOperation lambda => lambda.Symbol.IsStatic,
        _ => true,
    };

    // A value that is compared with a pattern is boxed for the eye only.
    private static bool IsConstrainedPattern(IConversionOperation conversion) => conversion.Parent is IIsPatternOperation or IIsNullOperation || (conversion.IsImplicit && conversion.Parent is IIsTypeOperation);

    // What is thrown is the end of the path: what may throw where is proved on the object code.
    private static bool IsThrown(IOperation operation)
    {
        for (SyntaxNode? node = operation.Syntax; node is not null and not BlockSyntax; node = node.Parent)
        {
            if (node is ThrowStatementSyntax or ThrowExpressionSyntax)
            {
                return true;
            }
        }

        return false;
    }
}
