using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace CosmosKernel.Analyzers.Flow;

/// <summary>What an expression does with a field or property.</summary>
internal enum UsageKind
{
    /// <summary>Its value is read.</summary>
    Read,

    /// <summary>It gets a value.</summary>
    Write,

    /// <summary>It is read and written by one expression.</summary>
    ReadWrite,

    /// <summary>Its address is taken: by <c>ref</c>, <c>out</c> or <c>&amp;</c>.</summary>
    Reference,

    /// <summary>An element of the array in it is read.</summary>
    ElementRead,

    /// <summary>An element of the array, or the collection in it, is changed.</summary>
    ElementWrite,

    /// <summary>The address of an element is taken.</summary>
    ElementReference,

    /// <summary>Only its name is used.</summary>
    None,
}

/// <summary>Finds what is done with a field or property from the expression around it.</summary>
internal static class Usage
{
    /// <summary>What the expression around a reference does with it.</summary>
    /// <param name="reference">The reference.</param>
    /// <param name="by">The method whose argument or receiver it is, for references.</param>
    public static UsageKind Of(IOperation reference, out IMethodSymbol? by)
    {
        by = null;
        IOperation? parent = reference.Parent;
        switch (parent)
        {
            case INameOfOperation:
                return UsageKind.None;
            case IParenthesizedOperation:
                return Of(parent, out by);
            case ISimpleAssignmentOperation assignment when ReferenceEquals(assignment.Target, reference):
                return UsageKind.Write;
            case ISimpleAssignmentOperation { IsRef: true }:
                return UsageKind.Reference;
            case ICompoundAssignmentOperation compound when ReferenceEquals(compound.Target, reference):
            case IIncrementOrDecrementOperation:
            case ICoalesceAssignmentOperation coalesce when ReferenceEquals(coalesce.Target, reference):
            case IEventAssignmentOperation:
                return UsageKind.ReadWrite;
            case IArgumentOperation { Parameter.RefKind: RefKind.Ref or RefKind.Out } argument:
                by = (argument.Parent as IInvocationOperation)?.TargetMethod;
                return UsageKind.Reference;
            case IArgumentOperation { Parameter.RefKind: RefKind.In or RefKind.RefReadOnlyParameter } argument:
                by = (argument.Parent as IInvocationOperation)?.TargetMethod;
                return by is not null && Calls.Framework.IsAtomic(by) ? UsageKind.Reference : UsageKind.Read;
            case IAddressOfOperation:
            case IReturnOperation when reference.Syntax.Parent is RefExpressionSyntax:
                return UsageKind.Reference;
            case ITupleOperation tuple when tuple.Parent is IDeconstructionAssignmentOperation deconstruction && ReferenceEquals(deconstruction.Target, tuple):
                return UsageKind.Write;
            case IFlowCaptureOperation when IsCapturedTarget(reference):
                return reference.Syntax.Parent.IsKind(SyntaxKind.SimpleAssignmentExpression) ? UsageKind.Write : UsageKind.ReadWrite;
            case IFieldReferenceOperation outer when ReferenceEquals(outer.Instance, reference) && IsValue(reference):
                return Of(outer, out by);
            case IPropertyReferenceOperation outer when ReferenceEquals(outer.Instance, reference) && IsValue(reference):
                return Of(outer, out by) is UsageKind.Write or UsageKind.ReadWrite ? UsageKind.ReadWrite : outer.Property.ReturnsByRef ? Of(outer, out by) : UsageKind.Read;
            case IInvocationOperation call when ReferenceEquals(call.Instance, reference):
                by = call.TargetMethod;
                return IsValue(reference)
                    ? call.TargetMethod.IsReadOnly || call.TargetMethod.ContainingType.SpecialType != SpecialType.None || call.TargetMethod.ContainingType.IsReadOnly ? UsageKind.Read : UsageKind.ReadWrite
                    : ChangesCollection(call.TargetMethod) ? UsageKind.ElementWrite : UsageKind.Read;
            case IArrayElementReferenceOperation element when ReferenceEquals(element.ArrayReference, reference):
                return OfElement(element, out by);
            case IPropertyReferenceOperation indexer when ReferenceEquals(indexer.Instance, reference) && !indexer.Arguments.IsEmpty:
                return Of(indexer, out by) is UsageKind.Write or UsageKind.ReadWrite ? UsageKind.ElementWrite : UsageKind.ElementRead;
            case IInlineArrayAccessOperation inline when ReferenceEquals(inline.Instance, reference):
                return OfElement(inline, out by);
            default:
                // What a flow capture or a return took over shows only in the syntax.
                return reference.Syntax.Parent is RefExpressionSyntax || (parent is IFlowCaptureOperation && reference.Syntax.Parent is ArgumentSyntax { RefKindKeyword.RawKind: not 0 })
                    ? UsageKind.Reference
                    : UsageKind.Read;
        }
    }

    private static UsageKind OfElement(IOperation element, out IMethodSymbol? by) => Of(element, out by) switch
    {
        UsageKind.Write or UsageKind.ReadWrite => UsageKind.ElementWrite,
        UsageKind.Reference => UsageKind.ElementReference,
        _ => UsageKind.ElementRead,
    };

    private static bool IsValue(IOperation reference) => reference.Type is { IsValueType: true };

    private static bool ChangesCollection(IMethodSymbol method) => Calls.Framework.IsOfFramework(method)
        && method.Name is "Add" or "AddRange" or "Remove" or "RemoveAt" or "RemoveAll" or "RemoveRange" or "Clear" or "Insert" or "InsertRange" or "Push" or "Pop" or "TryPop"
            or "Enqueue" or "Dequeue" or "TryDequeue" or "TryAdd" or "Append" or "AppendLine" or "Sort" or "Reverse" or "AddFirst" or "AddLast" or "RemoveFirst" or "RemoveLast"
            or "UnionWith" or "ExceptWith" or "SetValue" or "EnsureCapacity" or "TrimExcess";

    // The target of a conditional assignment is captured before its value is computed.
    private static bool IsCapturedTarget(IOperation reference) => reference.Syntax.Parent is AssignmentExpressionSyntax assignment
        && assignment.Left == reference.Syntax
        && (assignment.IsKind(SyntaxKind.CoalesceAssignmentExpression) || assignment.IsKind(SyntaxKind.SimpleAssignmentExpression));
}
