using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Text;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace CosmosKernel.Analyzers.Flow;

/// <summary>Gives each symbol of a compilation a number, so that paths are short texts. Any thread.</summary>
internal sealed class SymbolNumbers
{
    private readonly ConcurrentDictionary<ISymbol, int> _numbers = new(SymbolEqualityComparer.Default);
    private int _next;

    /// <summary>The number of a symbol, always the same.</summary>
    public int this[ISymbol symbol] => _numbers.GetOrAdd(symbol.OriginalDefinition, _ => Interlocked.Increment(ref _next));
}

/// <summary>Turns expressions of one body into paths.</summary>
/// <param name="numbers">Of the compilation.</param>
internal sealed class PathReader(SymbolNumbers numbers)
{
    private readonly Dictionary<CaptureId, IOperation> _captures = [];
    private readonly Dictionary<ISymbol, IOperation?> _locals = new(SymbolEqualityComparer.Default);
    private int _depth;

    /// <summary>Notes what captures and locals stand for; a local that is assigned more than once stands for itself.</summary>
    /// <param name="graph">The body.</param>
    public void Learn(ControlFlowGraph graph)
    {
        foreach (IOperation operation in graph.Blocks.SelectMany(block => block.BranchValue is null ? block.Operations : block.Operations.Add(block.BranchValue)))
        {
            foreach (IOperation part in operation.DescendantsAndSelf())
            {
                switch (part)
                {
                    case IFlowCaptureOperation capture:
                        // A capture with several values (of a conditional) stands for none of them.
                        _captures[capture.Id] = _captures.ContainsKey(capture.Id) ? part : capture.Value;
                        break;
                    case ISimpleAssignmentOperation { Target: ILocalReferenceOperation target } assignment:
                        Note(target.Local, assignment.Value);
                        break;
                    case ICompoundAssignmentOperation { Target: ILocalReferenceOperation target }:
                        _locals[target.Local] = null;
                        break;
                    case IIncrementOrDecrementOperation { Target: ILocalReferenceOperation target }:
                        _locals[target.Local] = null;
                        break;
                    case IArgumentOperation { Value: ILocalReferenceOperation target, Parameter.RefKind: RefKind.Ref or RefKind.Out }:
                        _locals[target.Local] = null;
                        break;
                    case IDeclarationPatternOperation { DeclaredSymbol: { } declared } pattern:
                        Note(declared, (pattern.Parent as IIsPatternOperation)?.Value);
                        break;
                    case IRecursivePatternOperation { DeclaredSymbol: { } declared } pattern:
                        Note(declared, (pattern.Parent as IIsPatternOperation)?.Value);
                        break;
                }
            }
        }
    }

    /// <summary>What an expression was made from: captures, conversions and locals that are assigned once are looked through.</summary>
    public IOperation Source(IOperation operation)
    {
        for (int i = 0; i < 16; i++)
        {
            IOperation? next = operation switch
            {
                IConversionOperation conversion => conversion.Operand,
                IParenthesizedOperation parenthesized => parenthesized.Operand,
                IFlowCaptureReferenceOperation reference => _captures.TryGetValue(reference.Id, out IOperation? value) && value is not IFlowCaptureOperation ? value : null,
                ILocalReferenceOperation local => _locals.TryGetValue(local.Local, out IOperation? value) ? value : null,
                _ => null,
            };
            if (next is null)
            {
                break;
            }

            operation = next;
        }

        return operation;
    }

    /// <summary>The path of an expression, or null when it has none.</summary>
    public AccessPath? Of(IOperation? operation)
    {
        if (operation is null || _depth > 24)
        {
            return null;
        }

        _depth++;
        try
        {
            return Read(operation);
        }
        finally
        {
            _depth--;
        }
    }

    /// <summary>A path and some members more.</summary>
    public AccessPath Append(AccessPath path, ImmutableArray<ISymbol> members)
    {
        foreach (ISymbol member in members)
        {
            path = member.IsStatic ? OfStatic(member) : new AccessPath(path.Key + "." + numbers[member], path.Root, member, path.IsCurrentTask);
        }

        return path;
    }

    /// <summary>The object whose method runs.</summary>
    public static AccessPath This { get; } = new("this", PathRoot.This, null, false);

    /// <summary>A static member.</summary>
    public AccessPath OfStatic(ISymbol member) => new("s" + numbers[member], PathRoot.Static, member, IsCurrentTask(member));

    /// <summary>A parameter or local.</summary>
    public AccessPath OfVariable(ISymbol variable) => new("v" + numbers[variable], PathRoot.Variable, variable, false);

    private AccessPath? Read(IOperation operation)
    {
        switch (operation)
        {
            case IInstanceReferenceOperation:
                return This;
            case IConversionOperation conversion:
                return Of(conversion.Operand);
            case IParenthesizedOperation parenthesized:
                return Of(parenthesized.Operand);
            case IAddressOfOperation address:
                return Of(address.Reference);
            case IFlowCaptureReferenceOperation reference:
                return _captures.TryGetValue(reference.Id, out IOperation? captured) && captured is not IFlowCaptureOperation ? Of(captured) : null;
            case ILocalReferenceOperation local:
                return OfLocal(local.Local);
            case IParameterReferenceOperation parameter:
                return OfVariable(parameter.Parameter);
            case IObjectCreationOperation or IDefaultValueOperation:
                return new AccessPath("new", PathRoot.Fresh, null, false);
            case IFieldReferenceOperation field:
                return OfMember(field.Field, field.Instance);
            case IPropertyReferenceOperation property:
                return property.Arguments.IsEmpty ? OfMember(property.Property, property.Instance) : WithArguments(OfMember(property.Property, property.Instance), property.Arguments);
            case IArrayElementReferenceOperation element:
                return Of(element.ArrayReference) is { } array && Indexes(element.Indices) is { } indexes
                    ? new AccessPath(array.Key + indexes, array.Root, array.Last, array.IsCurrentTask)
                    : null;
            case IInvocationOperation invocation:
                return WithArguments(OfMember(invocation.TargetMethod, invocation.Instance), invocation.Arguments);
            case ILiteralOperation { ConstantValue: { HasValue: true, Value: { } value } }:
                return new AccessPath("c" + value, PathRoot.Static, null, false);
            default:
                // The operation of a pointer's target has no kind of its own.
                return operation.Kind == OperationKind.None && operation.ChildOperations.Count == 1 ? Of(operation.ChildOperations.First()) : null;
        }
    }

    private AccessPath OfLocal(ILocalSymbol local)
    {
        AccessPath itself = OfVariable(local);
        if (!_locals.TryGetValue(local, out IOperation? value) || value is null)
        {
            return itself;
        }

        AccessPath? source = Of(value);
        if (source is null)
        {
            return itself;
        }

        // A local is another name for what it was made from, if that cannot change meanwhile.
        return local.IsRef || source.Root == PathRoot.Fresh || IsStable(value)
            ? source
            : new AccessPath(itself.Key, PathRoot.Variable, local, source.IsCurrentTask);
    }

    private bool IsStable(IOperation operation) => operation switch
    {
        IInstanceReferenceOperation or ILiteralOperation => true,
        IConversionOperation conversion => IsStable(conversion.Operand),
        IParameterReferenceOperation parameter => parameter.Parameter.RefKind == RefKind.None,
        ILocalReferenceOperation local => _locals.TryGetValue(local.Local, out IOperation? value) && value is not null,
        IFieldReferenceOperation field => field.Field.IsReadOnly && (field.Instance is null || IsStable(field.Instance)),
        IPropertyReferenceOperation property => property.Property.SetMethod is null && property.Arguments.IsEmpty && Disciplines.SharedState.IsAuto(property.Property)
            && (property.Instance is null || IsStable(property.Instance)),
        IFlowCaptureReferenceOperation reference => _captures.TryGetValue(reference.Id, out IOperation? captured) && captured is not IFlowCaptureOperation && IsStable(captured),
        _ => false,
    };

    private AccessPath? OfMember(ISymbol member, IOperation? instance)
    {
        if (member.IsStatic || instance is null)
        {
            return OfStatic(member);
        }

        return Of(instance) is { } path ? new AccessPath(path.Key + "." + numbers[member], path.Root, member, path.IsCurrentTask) : null;
    }

    private AccessPath? WithArguments(AccessPath? path, ImmutableArray<IArgumentOperation> arguments) =>
        path is not null && Indexes(arguments.Select(argument => argument.Value)) is { } indexes
            ? new AccessPath(path.Key + indexes, path.Root, path.Last, path.IsCurrentTask)
            : null;

    private string? Indexes(IEnumerable<IOperation> operations)
    {
        var text = new StringBuilder("[");
        foreach (IOperation operation in operations)
        {
            if (Of(operation) is not { } path || path.Root == PathRoot.Fresh)
            {
                return null;
            }

            text.Append(path.Key).Append(',');
        }

        return text.Append(']').ToString();
    }

    private void Note(ISymbol local, IOperation? value) => _locals[local] = _locals.ContainsKey(local) ? null : value;

    private static bool IsCurrentTask(ISymbol member) => member is IPropertySymbol { Name: "Current", Type: INamedTypeSymbol type } && SymbolEqualityComparer.Default.Equals(type, member.ContainingType);
}
