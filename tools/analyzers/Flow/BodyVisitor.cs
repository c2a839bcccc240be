using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using CosmosKernel.Analyzers.Calls;
using CosmosKernel.Analyzers.Locks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace CosmosKernel.Analyzers.Flow;

/// <summary>
/// Walks one body along its control flow: follows which locks are held, checks each expression against that, and notes what the method does for the rules that
/// look through calls. This part: the walk, and what calls do to locks.
/// </summary>
internal sealed partial class BodyVisitor
{
    private readonly AnalysisScope _scope;
    private readonly ISymbol _owner;
    private readonly IMethodSymbol? _method;
    private readonly MethodContext _context;
    private readonly MethodFacts? _facts;
    private readonly ControlFlowGraph _graph;
    private readonly Action<Diagnostic> _report;
    private readonly PathReader _paths;
    private readonly Dictionary<string, HeldLock> _guards = new(StringComparer.Ordinal);
    private FlowState _state = FlowState.Empty;
    private bool _reporting;

    private BodyVisitor(AnalysisScope scope, ISymbol owner, ControlFlowGraph graph, Action<Diagnostic> report)
    {
        _scope = scope;
        _owner = owner;
        _method = owner as IMethodSymbol;
        _graph = graph;
        _report = report;
        _paths = new PathReader(scope.Numbers);
        _context = _method is null ? new MethodContext() : scope.Contexts[_method];
        _facts = _method is null ? null : scope.Facts.GetOrAdd(_method, method => new MethodFacts(method, _context));
    }

    /// <summary>Checks a body and the lambdas and local functions in it.</summary>
    /// <param name="scope">Of the compilation.</param>
    /// <param name="owner">The method, or the field or property whose initializer it is.</param>
    /// <param name="graph">The body.</param>
    /// <param name="report">Takes what is found.</param>
    public static void Check(AnalysisScope scope, ISymbol owner, ControlFlowGraph graph, Action<Diagnostic> report)
    {
        new BodyVisitor(scope, owner, graph, report).Run();
        foreach (IMethodSymbol function in graph.LocalFunctions)
        {
            Check(scope, function, graph.GetLocalFunctionControlFlowGraph(function), report);
        }

        foreach (IFlowAnonymousFunctionOperation lambda in graph.Blocks
            .SelectMany(block => block.BranchValue is null ? block.Operations : block.Operations.Add(block.BranchValue))
            .SelectMany(operation => operation.DescendantsAndSelf())
            .OfType<IFlowAnonymousFunctionOperation>())
        {
            Check(scope, lambda.Symbol, graph.GetAnonymousFunctionControlFlowGraph(lambda), report);
        }
    }

    private void Run()
    {
        _paths.Learn(_graph);
        FlowState entry = Entry();
        var flow = new BodyFlow(_graph, Transfer, Refine);
        bool known = flow.Run(entry);
        _reporting = true;
        foreach (BasicBlock block in _graph.Blocks)
        {
            if (flow.Before(block) is { } before)
            {
                Transfer(block, before);
            }
        }

        if (known)
        {
            CheckExits(flow, entry);
        }
    }

    private FlowState Transfer(BasicBlock block, FlowState before)
    {
        _state = before;
        foreach (IOperation operation in block.Operations)
        {
            Visit(operation);
        }

        if (block.BranchValue is { } value)
        {
            Visit(value);
        }

        return _state;
    }

    private void Visit(IOperation operation)
    {
        if (operation is IFlowAnonymousFunctionOperation or ILocalFunctionOperation or INameOfOperation or ITypeOfOperation)
        {
            return;
        }

        foreach (IOperation child in operation.ChildOperations)
        {
            Visit(child);
        }

        switch (operation)
        {
            case IFieldReferenceOperation field:
                CheckAccess(field.Field, field, field.Instance);
                break;
            case IEventReferenceOperation happening:
                CheckAccess(happening.Event, happening, happening.Instance);
                break;
            case IPropertyReferenceOperation property:
                CheckAccess(property.Property, property, property.Instance);
                CallAccessors(property);
                break;
            case IInvocationOperation call:
                Call(call, call.TargetMethod, call.Instance, call.Arguments);
                break;
            case IObjectCreationOperation { Constructor: { } constructor } creation:
                Call(creation, constructor, null, creation.Arguments);
                break;
            case ISimpleAssignmentOperation { Target: ILocalReferenceOperation target } assignment:
                Bind("v" + _scope.Numbers[target.Local], assignment.Value);
                break;
            case IInvalidOperation { Syntax.Parent: LockStatementSyntax statement } when LockTypes.IsDotNetLock(operation.ChildOperations.FirstOrDefault()?.Type):
                EnterLockStatement(statement, operation.ChildOperations.First(), operation);
                break;
            case IFlowCaptureOperation capture:
                Bind("f" + capture.Id.GetHashCode(), capture.Value);
                break;
        }

        if (_reporting)
        {
            CheckAllocation(operation);
            CheckCopy(operation);
            CheckUserAddress(operation);
        }
    }

    private FlowState Entry()
    {
        FlowState entry = FlowState.Empty;
        if (_method is null)
        {
            return entry;
        }

        foreach (LockEffect effect in _context.Requires.Concat(_context.Releases.Where(one => one.Path is not null)))
        {
            if (OwnLock(effect) is { } held)
            {
                entry = entry.Add(held);
            }
        }

        return entry;
    }

    // The lock that an attribute of this very method names, as this body sees it.
    private HeldLock? OwnLock(LockEffect effect)
    {
        ISymbol symbol;
        string key;
        if (effect.Path is null)
        {
            return null;
        }

        if (LockMembers.IsOfResult(_method!, effect.Path, out ImmutableArray<ISymbol> ofResult))
        {
            if (ofResult.IsEmpty)
            {
                return null;
            }

            symbol = ofResult[ofResult.Length - 1];
            key = "?" + _scope.Numbers[symbol];
        }
        else if (effect.Owner is { } owner)
        {
            ImmutableArray<ISymbol> path = LockMembers.Resolve(owner, effect.Path);
            if (path.IsEmpty)
            {
                return null;
            }

            symbol = path[path.Length - 1];
            key = symbol.IsStatic ? _paths.OfStatic(symbol).Key : "?" + _scope.Numbers[symbol];
        }
        else if (LockMembers.TryResolve(_method!, effect.Path, out IParameterSymbol? parameter, out ImmutableArray<ISymbol> members))
        {
            AccessPath path = _paths.Append(parameter is null ? PathReader.This : _paths.OfVariable(parameter), members);
            key = path.Key;
            symbol = path.Last!;
        }
        else
        {
            return null;
        }

        return new HeldLock(key, symbol, LockTypes.KindOf(LockMembers.TypeOf(symbol)), effect.Shared, certain: true, onEntry: true, null, 1);
    }

    // The lock that an attribute of a called method names, as the caller sees it.
    private HeldLock? CalledLock(LockEffect effect, IOperation call, IMethodSymbol method, IOperation? instance, ImmutableArray<IArgumentOperation> arguments)
    {
        AccessPath? path;
        ISymbol? symbol;
        if (effect.Path is null)
        {
            if ((effect.Owner ?? (method.ContainingType.IsStatic ? method.ContainingType : null)) is { } scope)
            {
                return new HeldLock("t" + _scope.Numbers[scope], scope, LockTypes.KindOf(scope), false, true, false, call.Syntax.GetLocation(), 1);
            }

            path = _paths.Of(instance);
            symbol = path?.Last ?? SymbolOf(instance) ?? method.ContainingType;
        }
        else if (LockMembers.IsOfResult(method.OriginalDefinition, effect.Path, out ImmutableArray<ISymbol> ofResult))
        {
            symbol = ofResult.IsEmpty ? null : ofResult[ofResult.Length - 1];
            path = call.Parent is ISimpleAssignmentOperation { Target: ILocalReferenceOperation result } ? _paths.Append(_paths.OfVariable(result.Local), ofResult) : null;
        }
        else if (effect.Owner is { } owner)
        {
            ImmutableArray<ISymbol> members = LockMembers.Resolve(owner, effect.Path);
            if (members.IsEmpty)
            {
                return null;
            }

            symbol = members[members.Length - 1];
            path = symbol.IsStatic ? _paths.OfStatic(symbol) : null;
        }
        else if (LockMembers.TryResolve(method.OriginalDefinition, effect.Path, out IParameterSymbol? parameter, out ImmutableArray<ISymbol> members))
        {
            symbol = members.IsEmpty ? null : members[members.Length - 1];
            AccessPath? start = parameter is not null ? _paths.Of(arguments.FirstOrDefault(argument => argument.Parameter?.Ordinal == parameter.Ordinal)?.Value)
                : members[0].IsStatic || instance is null ? PathReader.This
                : _paths.Of(instance);
            path = start is null ? null : _paths.Append(start, members);
            symbol ??= path?.Last;
        }
        else
        {
            return null;
        }

        if (symbol is null)
        {
            return null;
        }

        // A lock that no path describes is known by its declaration only.
        string key = path?.Key ?? "?" + _scope.Numbers[symbol];
        ITypeSymbol? type = effect.Path is null ? method.ContainingType : LockMembers.TypeOf(symbol);
        return new HeldLock(key, symbol, LockTypes.KindOf(type), effect.Shared, certain: true, onEntry: false, call.Syntax.GetLocation(), 1);
    }

    private static ISymbol? SymbolOf(IOperation? operation) => operation switch
    {
        IFieldReferenceOperation field => field.Field,
        IPropertyReferenceOperation property => property.Property,
        IConversionOperation conversion => SymbolOf(conversion.Operand),
        _ => null,
    };

    // Remembers which guard holds which lock.
    private void Bind(string variable, IOperation value)
    {
        if (_paths.Source(value) is IInvocationOperation call && TakenBy(call) is { } taken)
        {
            _guards[variable] = taken;
        }
    }

    private HeldLock? TakenBy(IInvocationOperation call)
    {
        if (LockTypes.IsDotNetLock(call.TargetMethod.ContainingType) && call.TargetMethod.Name == "EnterScope")
        {
            return Simple(call.Instance!, call);
        }

        LockEffect? effect = _scope.Contexts[call.TargetMethod].Acquires.FirstOrDefault();
        return effect is null ? null : CalledLock(effect, call, call.TargetMethod, call.Instance, call.Arguments);
    }

    // An object that code locks with Monitor, or a .NET lock.
    private HeldLock? Simple(IOperation target, IOperation call)
    {
        IOperation source = _paths.Source(target);
        ISymbol? symbol = SymbolOf(source) ?? (source as ILocalReferenceOperation)?.Local;
        return symbol is null ? null
            : new HeldLock(_paths.Of(target)?.Key ?? "?" + _scope.Numbers[symbol], symbol, LockKind.Sleeping, false, true, false, call.Syntax.GetLocation(), 1);
    }

    private string? GuardKey(IOperation? instance) => instance switch
    {
        ILocalReferenceOperation local => "v" + _scope.Numbers[local.Local],
        IFlowCaptureReferenceOperation capture => "f" + capture.Id.GetHashCode(),
        IConversionOperation conversion => GuardKey(conversion.Operand),
        IParenthesizedOperation parenthesized => GuardKey(parenthesized.Operand),
        _ => null,
    };

    private static Diagnostic Make(DiagnosticDescriptor rule, Location place, params object[] arguments) => Diagnostic.Create(rule, place, arguments);

    private void Report(DiagnosticDescriptor rule, Location place, params object[] arguments)
    {
        if (_reporting)
        {
            _report(Make(rule, place, arguments));
        }
    }
}
