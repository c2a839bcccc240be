using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using CosmosKernel.Analyzers.Calls;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace CosmosKernel.Analyzers.Flow;

/// <content>Calls: what they demand, take and release.</content>
internal sealed partial class BodyVisitor
{
    // Locals that tell whether Monitor.Enter has taken its lock.
    private readonly Dictionary<string, string> _monitorFlags = new(StringComparer.Ordinal);

    // Locks that are held in what a statement encloses: a lock statement, or a foreach over the attempts of a reader.
    private readonly Dictionary<SyntaxNode, HeldLock> _statements = [];

    private bool InterruptsOff => _context.Interrupt || _state.Locks.Any(held => held.Certain && held.Kind == LockKind.InterruptsOff);

    private bool PreemptionOff => _context.Atomic || InterruptsOff || _state.Locks.Any(held => held.Certain && held.Kind is LockKind.PreemptionOff or LockKind.Bare);

    private Site SiteOf(Location place) => new(place, InterruptsOff, PreemptionOff, _context.NoAllocation || PreemptionOff, [.. _state.Locks.Where(held => held.Certain && !held.IsScope)]);

    private void CallAccessors(IPropertyReferenceOperation property)
    {
        UsageKind usage = Usage.Of(property, out _);
        if (usage == UsageKind.None || Disciplines.SharedState.IsAuto(property.Property.OriginalDefinition))
        {
            return;
        }

        if (usage is not UsageKind.Write && property.Property.GetMethod is { } get)
        {
            Call(property, get, property.Instance, property.Arguments);
        }

        if (usage is UsageKind.Write or UsageKind.ReadWrite && property.Property.SetMethod is { } set)
        {
            Call(property, set, property.Instance, property.Arguments);
        }
    }

    private void Call(IOperation call, IMethodSymbol method, IOperation? instance, ImmutableArray<IArgumentOperation> arguments)
    {
        if (method.Name == "Dispose" && GuardKey(instance) is { } guard && _guards.TryGetValue(guard, out HeldLock? guarded))
        {
            _state = _state.Remove(guarded.Key);
            return;
        }

        MethodContext context = _scope.Contexts[method];
        CheckRequired(call, method, context, instance, arguments);
        if (context.BeforePublication && !IsUnpublished(instance, method))
        {
            Report(Rules.CalledAfterPublication, call.Syntax.GetLocation(), AnalysisScope.Name(method));
        }

        if (_reporting && _facts is not null)
        {
            Site site = SiteOf(call.Syntax.GetLocation());
            if (Framework.Sleeps(method))
            {
                _facts.Sleeps.Add((AnalysisScope.Name(method), site));
            }
            else if (Framework.Allocates(method))
            {
                _facts.Allocations.Add((AnalysisScope.Name(method), site));
            }
            else if (!Framework.IsOfFramework(method) || method.MethodKind == MethodKind.DelegateInvoke)
            {
                _facts.Calls.Add((method.OriginalDefinition, site));
            }
        }

        if (CallOfDotNetLock(call, method, instance, arguments))
        {
            return;
        }

        foreach (LockEffect effect in context.Releases)
        {
            if (CalledLock(effect, call, method, instance, arguments) is { } released)
            {
                Release(released, call);
            }
        }

        foreach (LockEffect effect in context.Acquires)
        {
            if (CalledLock(effect, call, method, instance, arguments) is { } taken)
            {
                if (call.Syntax.Parent is CommonForEachStatementSyntax attempts && attempts.Expression == call.Syntax)
                {
                    _statements[attempts] = taken;
                    continue;
                }

                // Where nobody looks at the result, the call waits for as long as it takes.
                if (!effect.MayFail || (call.Parent is IExpressionStatementOperation && method.ReturnType.TypeKind == TypeKind.Enum))
                {
                    Acquire(taken, call);
                }
                else if (_reporting)
                {
                    NoteTaken(taken, call);
                }
            }
        }
    }

    private bool CallOfDotNetLock(IOperation call, IMethodSymbol method, IOperation? instance, ImmutableArray<IArgumentOperation> arguments)
    {
        bool isMonitor = method.ContainingType is { Name: "Monitor", ContainingNamespace: { Name: "Threading", ContainingNamespace.Name: "System" } };
        if (!isMonitor && !LockTypes.IsDotNetLock(method.ContainingType))
        {
            return false;
        }

        IOperation? target = isMonitor ? arguments.FirstOrDefault(argument => argument.Parameter?.Ordinal == 0)?.Value : instance;
        if (target is null || Simple(target, call) is not { } held)
        {
            return true;
        }

        if (method.Name is "Enter" or "EnterScope")
        {
            if (isMonitor && arguments.FirstOrDefault(argument => argument.Parameter?.Ordinal == 1)?.Value is ILocalReferenceOperation flag)
            {
                _monitorFlags["v" + _scope.Numbers[flag.Local]] = held.Key;
            }

            // .NET's own locks are recursive.
            if (_state.Find(held.Key) is null)
            {
                Acquire(held, call);
            }
        }
        else if (method.Name == "Exit")
        {
            _state = _state.Remove(held.Key);
        }

        return true;
    }

    private void CheckRequired(IOperation call, IMethodSymbol method, MethodContext context, IOperation? instance, ImmutableArray<IArgumentOperation> arguments)
    {
        if (!_reporting || context.Requires.IsEmpty || IsUnpublished(instance, method))
        {
            return;
        }

        foreach (LockEffect effect in context.Requires)
        {
            if (CalledLock(effect, call, method, instance, arguments) is { } needed && !IsHeld(needed.Key, needed.Symbol, needed.Shared, call.Syntax))
            {
                Report(Rules.RequiredLockNotHeld, call.Syntax.GetLocation(), AnalysisScope.Name(method), AnalysisScope.Name(needed.Symbol), OtherInstance(needed.Symbol));
            }
        }
    }

    // The flow graph of some compilers does not know the lock statement on a System.Threading.Lock: such a lock is held in what the statement encloses.
    private void EnterLockStatement(LockStatementSyntax statement, IOperation target, IOperation operation)
    {
        if (Simple(target, operation) is { } held)
        {
            _statements[statement] = held;
        }

        if (_reporting)
        {
            _facts?.Sleeps.Add(("Lock.EnterScope", SiteOf(operation.Syntax.GetLocation())));
        }
    }

    private bool IsHeldByStatement(string key, bool sharedIsEnough, SyntaxNode place)
    {
        for (SyntaxNode? node = place.Parent; node is not null and not (MemberDeclarationSyntax or AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax); node = node.Parent)
        {
            StatementSyntax? enclosed = (node as LockStatementSyntax)?.Statement ?? (node as CommonForEachStatementSyntax)?.Statement;
            if (enclosed is not null && _statements.TryGetValue(node, out HeldLock? held) && held.Key == key && (sharedIsEnough || !held.Shared) && enclosed.Span.Contains(place.Span))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsHeld(string key, ISymbol symbol, bool sharedIsEnough, SyntaxNode place)
    {
        if (_statements.Count > 0 && IsHeldByStatement(key, sharedIsEnough, place))
        {
            return true;
        }

        string byDeclaration = "?" + _scope.Numbers[symbol];
        foreach (HeldLock held in _state.Locks)
        {
            if (held.Certain && (sharedIsEnough || !held.Shared)
                && (held.Key == key || held.Key == byDeclaration || (key == byDeclaration && SymbolEqualityComparer.Default.Equals(held.Symbol.OriginalDefinition, symbol.OriginalDefinition))))
            {
                return true;
            }
        }

        return false;
    }

    private string OtherInstance(ISymbol symbol) =>
        _state.Locks.Any(held => SymbolEqualityComparer.Default.Equals(held.Symbol.OriginalDefinition, symbol.OriginalDefinition))
            ? _state.Locks.Any(held => SymbolEqualityComparer.Default.Equals(held.Symbol.OriginalDefinition, symbol.OriginalDefinition) && held.Certain)
                ? "; that of another object is held"
                : "; it is held on some paths only"
            : "";

    private void Acquire(HeldLock taken, IOperation call)
    {
        if (!taken.IsScope && taken.Key[0] != '?' && _state.Find(taken.Key) is { } there)
        {
            Report(Rules.TakenTwice, call.Syntax.GetLocation(), AnalysisScope.Name(taken.Symbol), there.Certain ? "is held" : "may be held");
            _state = there.Certain ? _state : _state.Add(taken);
            return;
        }

        if (_reporting)
        {
            NoteTaken(taken, call);
        }

        _state = _state.Add(taken);
    }

    private void NoteTaken(HeldLock taken, IOperation call)
    {
        if (_facts is null || taken.IsScope || taken.Kind == LockKind.Bare)
        {
            return;
        }

        Site site = SiteOf(call.Syntax.GetLocation());
        _facts.Takes.Add((taken.Symbol.OriginalDefinition, taken.Kind, site));
        if (taken.Kind == LockKind.Sleeping && (call as IInvocationOperation)?.TargetMethod is { } method && !Framework.Sleeps(method) && !_scope.Contexts[method].MightSleep && !_scope.Contexts[method].Acquires.Any(one => one.MayFail))
        {
            _facts.Sleeps.Add((AnalysisScope.Name(method), site));
        }
    }

    private void Release(HeldLock released, IOperation call)
    {
        if (_reporting && !released.IsScope && _state.Find(released.Key) is null
            && !LockTypes.IsImplementation(_owner)
            && !_state.Locks.Any(held => SymbolEqualityComparer.Default.Equals(held.Symbol.OriginalDefinition, released.Symbol.OriginalDefinition) && (held.Key[0] == '?' || released.Key[0] == '?')))
        {
            Report(Rules.ReleasedNotHeld, call.Syntax.GetLocation(), AnalysisScope.Name(released.Symbol), OtherInstance(released.Symbol));
        }

        // A lock that one side knows by its declaration only is the one of that declaration that is held.
        string key = released.Key;
        if (_state.Find(key) is null)
        {
            key = _state.Locks.LastOrDefault(held => SymbolEqualityComparer.Default.Equals(held.Symbol.OriginalDefinition, released.Symbol.OriginalDefinition) && (held.Key[0] == '?' || key[0] == '?'))?.Key ?? key;
        }

        _state = _state.Remove(key);
    }

    private FlowState Refine(BasicBlock block, FlowState state, bool value)
    {
        IOperation? condition = block.BranchValue;
        while (condition is IUnaryOperation { OperatorKind: UnaryOperatorKind.Not } not)
        {
            condition = not.Operand;
            value = !value;
        }

        if (condition is ILocalReferenceOperation flag && _monitorFlags.TryGetValue("v" + _scope.Numbers[flag.Local], out string? monitor))
        {
            return value ? state : state.Remove(monitor);
        }

        if (condition is null)
        {
            return state;
        }

        HeldLock? taken = null;
        switch (_paths.Source(condition))
        {
            case IPropertyReferenceOperation { Property.Name: "Taken", Instance: { } instance } when GuardKey(instance) is { } guard && _guards.TryGetValue(guard, out HeldLock? guarded):
                taken = guarded;
                break;
            case IInvocationOperation call:
                taken = MayBeTakenBy(call);
                break;
            case IBinaryOperation { OperatorKind: BinaryOperatorKind.Equals or BinaryOperatorKind.NotEquals } comparison when IsZero(comparison.RightOperand):
                taken = _paths.Source(comparison.LeftOperand) is IInvocationOperation compared ? MayBeTakenBy(compared) : null;
                value = comparison.OperatorKind == BinaryOperatorKind.Equals ? value : !value;
                break;
            case IIsPatternOperation { Pattern: IConstantPatternOperation constant } match when IsZero(constant.Value):
                taken = _paths.Source(match.Value) is IInvocationOperation matched ? MayBeTakenBy(matched) : null;
                break;
        }

        return taken is not null && value && state.Find(taken.Key) is null ? state.Add(taken) : state;
    }

    private HeldLock? MayBeTakenBy(IInvocationOperation call) =>
        _scope.Contexts[call.TargetMethod].Acquires.FirstOrDefault(effect => effect.MayFail) is { } effect
            ? CalledLock(effect, call, call.TargetMethod, call.Instance, call.Arguments)
            : null;

    private static bool IsZero(IOperation operation) => operation.ConstantValue is { HasValue: true, Value: 0 or (byte)0 or (ushort)0 or 0u or 0L or 0ul };

    private void CheckExits(BodyFlow flow, FlowState entry)
    {
        if (_method is null || (LockTypes.IsImplementation(_owner) && _context.Acquires.Concat(_context.Releases).Any(effect => effect.Path is null)))
        {
            return;
        }

        List<HeldLock> acquired = [.. _context.Acquires.Select(OwnLock).OfType<HeldLock>()];
        List<HeldLock> released = [.. _context.Releases.Select(OwnLock).OfType<HeldLock>()];
        var reported = new HashSet<string>(StringComparer.Ordinal);
        foreach ((ControlFlowBranch _, FlowState state) in flow.Exits)
        {
            foreach (HeldLock held in state.Locks)
            {
                bool expected = held.IsScope || ((held.OnEntry || entry.Find(held.Key) is not null) && released.All(one => one.Key != held.Key)) || acquired.Any(one => one.Key == held.Key || Same(one, held));
                if (!expected && reported.Add(held.Key))
                {
                    Location place = held.Place ?? _method.Locations[0];
                    Report(Rules.HeldAtReturn, place, AnalysisScope.Name(held.Symbol), held.Certain ? "is still held" : "may still be held", AnalysisScope.Name(_method));
                }
            }

            foreach (HeldLock held in entry.Locks.Where(held => released.All(one => one.Key != held.Key)).Concat(acquired.Where((_, i) => !_context.Acquires[i].MayFail)))
            {
                if (!state.Locks.Any(one => one.Certain && (one.Key == held.Key || Same(one, held))) && reported.Add("-" + held.Key))
                {
                    Report(Rules.NotHeldAtReturn, _method.Locations[0], AnalysisScope.Name(_method), AnalysisScope.Name(held.Symbol));
                }
            }
        }
    }

    private static bool Same(HeldLock one, HeldLock other) => (one.Key[0] == '?' || other.Key[0] == '?') && SymbolEqualityComparer.Default.Equals(one.Symbol.OriginalDefinition, other.Symbol.OriginalDefinition);
}
