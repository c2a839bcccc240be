using System;
using System.Collections.Generic;
using System.Linq;
using Mono.Cecil;

namespace CosmosKernel.Tools.Cosmos;

/// <summary>Finds the method of a target type that a plug method replaces.</summary>
internal sealed class PlugMatcher(Report report)
{
    private const string AnyObject = "System.Object";

    /// <summary>Finds it.</summary>
    /// <param name="plug">A public static method of a plug class.</param>
    /// <param name="target">The plug class's target, or a class that derives from it.</param>
    /// <param name="isOptional">Silence about a method that is not there, or is another.</param>
    /// <returns>Null, with an error reported unless it is optional, when there is none.</returns>
    public PlugTarget? Find(MethodDefinition plug, TypeDefinition target, bool isOptional)
    {
        CustomAttribute? attribute = Attributes.Find(plug, Attributes.PlugMethod);
        string? signature = attribute is null ? null : (string?)Attributes.Get(attribute, "Signature");
        List<MethodDefinition> candidates = [.. target.Methods.Where(method => signature is not null ? SignatureLabel.IsOf(signature, method) : IsNamed(method, plug.Name))];
        string wanted = signature is not null ? $"a method with the signature {signature}" : $"a method {plug.Name}";
        if (candidates.Count == 0)
        {
            if (!isOptional)
            {
                report.Error(plug, $"the plug {Report.NameOf(plug.DeclaringType)}.{plug.Name} replaces nothing: {Report.NameOf(target)} has not {wanted}");
            }

            return null;
        }

        if (!TryFindFields(plug, target, isOptional, out FieldDefinition?[] fields))
        {
            return null;
        }

        List<PlugTarget> matches = [.. candidates.Select(method => Match(plug, method, fields)).OfType<PlugTarget>()];

        // One that is exactly so wins over one where an object stands for something else.
        if (matches.Count > 1 && matches.Where(match => IsExact(plug, match)).ToList() is [var exact])
        {
            return exact;
        }

        if (matches.Count != 1 && !isOptional)
        {
            string found = string.Join("; ", candidates.Select(Describe));
            report.Error(plug, $"the plug {Report.NameOf(plug.DeclaringType)}.{plug.Name} {(matches.Count == 0 ? "does not match" : "matches several of")} what {Report.NameOf(target)} has: {found}");
        }

        return matches.Count == 1 ? matches[0] : null;
    }

    /// <summary>A method as C# writes it.</summary>
    public static string Describe(MethodDefinition method) =>
        $"{(method.IsStatic ? "static " : "")}{Report.NameOf(method.ReturnType)} {method.Name}({string.Join(", ", method.Parameters.Select(parameter => Report.NameOf(parameter.ParameterType)))})";

    private static bool IsNamed(MethodDefinition method, string name)
    {
        if (method.IsConstructor)
        {
            return name.Equals(method.IsStatic ? "CCtor" : "Ctor", StringComparison.OrdinalIgnoreCase);
        }

        return method.Name == name || (method.Name.Contains('.', StringComparison.Ordinal) && method.Name.Replace('.', '_') == name);
    }

    private static PlugTarget? Match(MethodDefinition plug, MethodDefinition target, FieldDefinition?[] fields)
    {
        int typeParameters = target.DeclaringType.GenericParameters.Count;
        int generic = plug.DeclaringType.GenericParameters.Count + plug.GenericParameters.Count;
        bool isGenericClass = plug.DeclaringType.GenericParameters.Count == typeParameters;
        if (generic != typeParameters + target.GenericParameters.Count || (!isGenericClass && plug.DeclaringType.GenericParameters.Count != 0))
        {
            return null;
        }

        int plugTypeParameters = plug.DeclaringType.GenericParameters.Count;
        List<ParameterDefinition> arguments = [.. plug.Parameters.Where((_, i) => fields[i] is null)];
        bool passesThis = target.HasThis && arguments.Count == target.Parameters.Count + 1;
        if (passesThis)
        {
            if (!MayBeThis(arguments[0].ParameterType, target.DeclaringType, plugTypeParameters))
            {
                return null;
            }

            arguments.RemoveAt(0);
        }

        if (arguments.Count != target.Parameters.Count || !Fits(plug.ReturnType, target.ReturnType, plugTypeParameters, typeParameters))
        {
            return null;
        }

        for (int i = 0; i < arguments.Count; i++)
        {
            if (!Fits(arguments[i].ParameterType, target.Parameters[i].ParameterType, plugTypeParameters, typeParameters))
            {
                return null;
            }
        }

        return new PlugTarget(target, passesThis, fields);
    }

    // The type itself, a reference to it, or anything that it derives from.
    private static bool MayBeThis(TypeReference parameter, TypeDefinition type, int plugTypeParameters)
    {
        if (parameter is PointerType)
        {
            return false;
        }

        string shape = TypeShape.Of(parameter is ByReferenceType reference ? reference.ElementType : parameter, plugTypeParameters);
        if (shape == AnyObject && !type.IsValueType)
        {
            return true;
        }

        string self = type.HasGenericParameters ? $"{type.FullName}<{string.Join(',', type.GenericParameters.Select(own => $"!{own.Position}"))}>" : type.FullName;
        for (TypeDefinition? up = type; up is not null; up = up.BaseType?.Resolve())
        {
            if (shape == (ReferenceEquals(up, type) ? self : up.FullName))
            {
                return parameter is not ByReferenceType || type.IsValueType;
            }

            if (up.Interfaces.Any(implemented => implemented.InterfaceType.FullName == shape))
            {
                return !type.IsValueType;
            }
        }

        return false;
    }

    private static bool Fits(TypeReference plug, TypeReference target, int plugTypeParameters, int typeParameters)
    {
        string shape = TypeShape.Of(plug, plugTypeParameters);
        return shape == TypeShape.Of(target, typeParameters) || (shape == AnyObject && TypeShape.IsReference(target));
    }

    private static bool IsExact(MethodDefinition plug, PlugTarget match)
    {
        int typeParameters = match.Method.DeclaringType.GenericParameters.Count;
        IEnumerable<string> arguments = plug.Parameters.Where((_, i) => match.Fields[i] is null).Skip(match.PassesThis ? 1 : 0)
            .Select(parameter => TypeShape.Of(parameter.ParameterType, plug.DeclaringType.GenericParameters.Count));
        return arguments.SequenceEqual(match.Method.Parameters.Select(parameter => TypeShape.Of(parameter.ParameterType, typeParameters)));
    }

    // The fields that parameters stand for: [FieldAccess(Name = "System.Int32 Some.Type._field")], or the field's name alone.
    private bool TryFindFields(MethodDefinition plug, TypeDefinition target, bool isOptional, out FieldDefinition?[] fields)
    {
        fields = new FieldDefinition?[plug.Parameters.Count];
        for (int i = 0; i < fields.Length; i++)
        {
            ParameterDefinition parameter = plug.Parameters[i];
            if (Attributes.Find(parameter, Attributes.FieldAccess) is not { } attribute)
            {
                continue;
            }

            string given = (string?)Attributes.Get(attribute, "Name") ?? "";
            string name = given[(given.LastIndexOf(' ') + 1)..];
            name = name.StartsWith(target.FullName.Replace('/', '+') + ".", StringComparison.Ordinal) || name.Contains('.', StringComparison.Ordinal) ? name[(name.LastIndexOf('.') + 1)..] : name;
            FieldDefinition? field = null;
            for (TypeDefinition? up = target; up is not null && field is null; up = up.BaseType?.Resolve())
            {
                field = up.Fields.FirstOrDefault(one => one.Name == name || $"<{name}>k__BackingField" == one.Name);
            }

            if (field is null)
            {
                if (!isOptional)
                {
                    report.Error(plug, $"the parameter {parameter.Name} of {Report.NameOf(plug.DeclaringType)}.{plug.Name} stands for no field: {Report.NameOf(target)} has no {(given.Length == 0 ? "field without a name" : given)}");
                }

                return false;
            }

            TypeReference type = parameter.ParameterType is ByReferenceType reference ? reference.ElementType : parameter.ParameterType;
            bool mayBeAny = parameter.ParameterType is not ByReferenceType || Attributes.Has(parameter, Attributes.FieldType);
            if (TypeShape.Of(type, 0) != TypeShape.Of(field.FieldType, 0) && !(type.FullName == AnyObject && mayBeAny && TypeShape.IsReference(field.FieldType)))
            {
                report.Error(plug, $"the parameter {parameter.Name} of {Report.NameOf(plug.DeclaringType)}.{plug.Name} is a {Report.NameOf(type)}, and the field {field.FullName} is not");
                return false;
            }

            fields[i] = field;
        }

        return true;
    }
}
