using System.Collections.Concurrent;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace CosmosKernel.Analyzers.Locks;

/// <summary>The class that a lock is made with: a member of the enumeration LockClass, whose order is the lock order, or one that a module registers.</summary>
/// <param name="name">The member's name, or the registered one.</param>
/// <param name="order">The member's value; 0 for a registered class, which has no declared place.</param>
/// <param name="nests">In which order several locks of the class are taken; null: never two.</param>
public sealed class LockClass(string name, int order, string? nests)
{
    /// <summary>The member's name, or the registered one.</summary>
    public string Name { get; } = name;

    /// <summary>The member's value; 0 for a registered class, which has no declared place.</summary>
    public int Order { get; } = order;

    /// <summary>In which order several locks of the class are taken; null: never two.</summary>
    public string? Nests { get; } = nests;

    /// <summary>Notes the class of the lock that an expression makes, if it makes one for a field or property.</summary>
    public static void Note(IObjectCreationOperation creation, ConcurrentDictionary<ISymbol, LockClass> classes)
    {
        if (creation.Type is null || !Disciplines.SharedState.IsLock(creation.Type) || Made(creation) is not { } member)
        {
            return;
        }

        foreach (IArgumentOperation argument in creation.Arguments)
        {
            if (Read(argument.Value) is { } found)
            {
                classes[member.OriginalDefinition] = found;
            }
        }
    }

    private static LockClass? Read(IOperation value)
    {
        while (value is IConversionOperation conversion)
        {
            value = conversion.Operand;
        }

        switch (value)
        {
            case IFieldReferenceOperation { Field: { ContainingType.Name: "LockClass", HasConstantValue: true } field }:
                AttributeData? nests = KernelSymbols.Attributes(field, "NestsAscending").FirstOrDefault();
                return new LockClass(field.Name, System.Convert.ToInt32(field.ConstantValue, System.Globalization.CultureInfo.InvariantCulture), nests is null ? null : KernelSymbols.Text(nests));
            case IInvocationOperation { TargetMethod: { Name: "Register", ContainingType.Name: "LockClasses" } } call
                when call.Arguments.Length == 1 && call.Arguments[0].Value.ConstantValue is { HasValue: true, Value: string name }:
                return new LockClass(name, 0, null);
            case { ConstantValue: { HasValue: true, Value: string text } }:
                return new LockClass(text, 0, null);
            default:
                return null;
        }
    }

    private static ISymbol? Made(IOperation creation)
    {
        IOperation? parent = creation.Parent;
        while (parent is IConversionOperation)
        {
            parent = parent.Parent;
        }

        return parent switch
        {
            IFieldInitializerOperation field => field.InitializedFields.FirstOrDefault(),
            IPropertyInitializerOperation property => property.InitializedProperties.FirstOrDefault(),
            ISimpleAssignmentOperation { Target: IFieldReferenceOperation field } => field.Field,
            ISimpleAssignmentOperation { Target: IPropertyReferenceOperation property } => property.Property,
            _ => null,
        };
    }
}
