using System.Collections.Immutable;
using System.Linq;
using CosmosKernel.Analyzers.Calls;
using CosmosKernel.Analyzers.Disciplines;
using CosmosKernel.Analyzers.Locks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace CosmosKernel.Analyzers.Flow;

/// <content>Access to shared state: each discipline, verified.</content>
internal sealed partial class BodyVisitor
{
    private void CheckAccess(ISymbol member, IOperation reference, IOperation? instance)
    {
        if (!_reporting || !_scope.IsDisciplined(member, out Discipline discipline))
        {
            return;
        }

        UsageKind usage = Usage.Of(reference, out IMethodSymbol? by);
        if (usage == UsageKind.None || IsUnpublished(instance, member))
        {
            return;
        }

        // A reference that nobody can write through is a way to read.
        if (usage is UsageKind.Reference or UsageKind.ElementReference && reference.Syntax.Parent is RefExpressionSyntax && _method is { ReturnsByRefReadonly: true })
        {
            usage = UsageKind.Read;
        }

        switch (discipline.Kind)
        {
            case DisciplineKind.Guarded:
                CheckGuarded(member, discipline, reference, instance, usage, by);
                break;
            case DisciplineKind.Immutable:
                if (usage is UsageKind.Write or UsageKind.ReadWrite or UsageKind.ElementWrite || (usage is UsageKind.Reference or UsageKind.ElementReference && !IsRead(by)))
                {
                    Report(Rules.ImmutableWritten, reference.Syntax.GetLocation(), AnalysisScope.Name(member));
                }

                break;
            case DisciplineKind.Atomic:
                CheckAtomic(member, reference, usage);
                break;
            case DisciplineKind.PerCpu:
                if (!PreemptionOff && !(discipline.LockFreeReads && (usage is UsageKind.Read or UsageKind.ElementRead || IsRead(by))))
                {
                    Report(Rules.PerCpuWherePreemptible, reference.Syntax.GetLocation(), AnalysisScope.Name(member));
                }

                break;
            case DisciplineKind.TaskPrivate:
                CheckTaskPrivate(member, reference, instance);
                break;
        }
    }

    private void CheckGuarded(ISymbol member, Discipline discipline, IOperation reference, IOperation? instance, UsageKind usage, IMethodSymbol? by)
    {
        bool reads = usage is UsageKind.Read or UsageKind.ElementRead || (usage is UsageKind.Reference or UsageKind.ElementReference && IsRead(by));
        if (reads && discipline.LockFreeReads && (member is IPropertySymbol or IFieldSymbol { IsVolatile: true } || usage is UsageKind.Reference or UsageKind.ElementReference))
        {
            return;
        }

        AccessPath? start = member.IsStatic ? PathReader.This : _paths.Of(instance);
        ISymbol? missing = null;
        int satisfied = 0;
        foreach (LockName name in discipline.Locks)
        {
            ImmutableArray<ISymbol> path = LockMembers.Resolve(name.Owner ?? member.ContainingType.OriginalDefinition, name.Path);
            if (path.IsEmpty)
            {
                return;
            }

            ISymbol symbol = path[path.Length - 1];
            string key = symbol.IsStatic ? _paths.OfStatic(symbol).Key
                : name.Owner is not null || start is null ? "?" + _scope.Numbers[symbol]
                : _paths.Append(start, path).Key;
            if (IsHeld(key, symbol, reads, reference.Syntax))
            {
                satisfied++;
            }
            else
            {
                missing ??= symbol;
            }
        }

        if (missing is not null && (!reads || satisfied == 0) && !GetsLock(reference, missing))
        {
            Report(Rules.GuardNotHeld, reference.Syntax.GetLocation(), AnalysisScope.Name(member), AnalysisScope.Name(missing), OtherInstance(missing));
        }
    }

    // A method of the guarded data that is given the lock itself takes it itself.
    private static bool GetsLock(IOperation reference, ISymbol guard) => reference.Parent is IInvocationOperation call
        && ReferenceEquals(call.Instance, reference)
        && call.Arguments.Any(argument => argument.Parameter?.RefKind == RefKind.Ref && SymbolEqualityComparer.Default.Equals(SymbolOf(argument.Value)?.OriginalDefinition, guard.OriginalDefinition));

    private void CheckAtomic(ISymbol member, IOperation reference, UsageKind usage)
    {
        bool isProperty = member is IPropertySymbol;
        bool isVolatile = member is IFieldSymbol { IsVolatile: true };
        bool isArray = SharedState.IsArray(LockMembers.TypeOf(member));
        bool right = usage switch
        {
            UsageKind.Reference or UsageKind.ElementReference => true,
            UsageKind.Read => isProperty || isVolatile || isArray || member is IFieldSymbol { IsReadOnly: true },
            UsageKind.Write => isProperty || isVolatile,
            UsageKind.ReadWrite => member is IEventSymbol,
            _ => false,
        };
        if (!right)
        {
            string how = usage is UsageKind.ReadWrite ? "is read and written in two steps" : usage is UsageKind.Read or UsageKind.ElementRead ? "is read plainly" : "is written plainly";
            Report(Rules.AtomicPlainly, reference.Syntax.GetLocation(), AnalysisScope.Name(member), how);
        }
    }

    private void CheckTaskPrivate(ISymbol member, IOperation reference, IOperation? instance)
    {
        // An object that only its task has needs no look at each access.
        if (DisciplineReader.Declared(member.OriginalDefinition).Kind == DisciplineKind.None)
        {
            return;
        }

        if (_paths.Of(instance) is not { } path || path.IsCurrentTask || path.Root is PathRoot.This or PathRoot.Fresh)
        {
            return;
        }

        Report(Rules.TaskPrivateElsewhere, reference.Syntax.GetLocation(), AnalysisScope.Name(member));
    }

    // Nobody but this code sees the object yet, or any more: in its constructor, after its construction here, in a method that is declared so.
    private bool IsUnpublished(IOperation? instance, ISymbol member)
    {
        if (_context.BeforePublication)
        {
            return true;
        }

        AccessPath? path = instance is null ? null : _paths.Of(instance);
        if (path?.Root == PathRoot.Fresh)
        {
            return true;
        }

        bool isInitializer = _owner is IFieldSymbol or IPropertySymbol;
        if (member.IsStatic)
        {
            return SymbolEqualityComparer.Default.Equals(_owner.ContainingType?.OriginalDefinition, member.ContainingType?.OriginalDefinition)
                && (_method?.MethodKind == MethodKind.StaticConstructor || (isInitializer && _owner.IsStatic));
        }

        return path?.Root == PathRoot.This
            && ((isInitializer && !_owner.IsStatic) || _method is { MethodKind: MethodKind.Constructor or MethodKind.Destructor } or { IsInitOnly: true });
    }

    private static bool IsRead(IMethodSymbol? method) => method is not null && Framework.IsAtomic(method) && method.Name == "Read";

    // A lock that is a struct works only where it is.
    private void CheckCopy(IOperation operation)
    {
        if (operation is IFieldReferenceOperation { Field.RefKind: not RefKind.None } or ILocalReferenceOperation { Local.IsRef: true })
        {
            return;
        }

        if (operation is not (IFieldReferenceOperation or ILocalReferenceOperation or IParameterReferenceOperation or IArrayElementReferenceOperation or IPropertyReferenceOperation)
            || !LockTypes.IsStructLock(operation.Type))
        {
            return;
        }

        if (operation is IFieldReferenceOperation { Field: { } field } reference && operation.Parent is IInvocationOperation call && ReferenceEquals(call.Instance, operation)
            && !call.TargetMethod.IsReadOnly && IsReadOnlyHere(reference))
        {
            Report(Rules.LockCopied, operation.Syntax.GetLocation(), AnalysisScope.Name(field), "is readonly here, so that the call works on a copy");
            return;
        }

        bool isCopied = operation.Parent is IInvocationOperation received && ReferenceEquals(received.Instance, operation)
            ? operation is IPropertyReferenceOperation { Property: { ReturnsByRef: false, ReturnsByRefReadonly: false } }
            : Usage.Of(operation, out _) == UsageKind.Read
                && operation.Parent is ISimpleAssignmentOperation or IArgumentOperation { Parameter.RefKind: RefKind.None } or IVariableInitializerOperation or IReturnOperation;
        if (isCopied)
        {
            Report(Rules.LockCopied, operation.Syntax.GetLocation(), operation.Syntax.ToString(), "is copied here");
        }
    }

    private bool IsReadOnlyHere(IFieldReferenceOperation reference) =>
        (reference.Field.IsReadOnly && !IsUnpublished(reference.Instance, reference.Field))
        || (!reference.Field.IsStatic && reference.Field.ContainingType.IsValueType && reference.Instance is IInstanceReferenceOperation && _method is { IsReadOnly: true });
}
