using System;
using System.Collections.Generic;
using System.Linq;
using Mono.Cecil;

namespace CosmosKernel.Tools.Cosmos;

/// <summary>
/// Applies the plugs of a kernel: classes with <c>[Plug]</c>, whose public static methods replace those of the target. Rules: IL2CPU's, as <c>docs/cosmos.md</c> has them.
/// </summary>
internal sealed class Plugs(AssemblySet assemblies, CoreCode core, Report report)
{
    private readonly PlugMatcher _matcher = new(report);
    private readonly Dictionary<MethodDefinition, MethodDefinition> _applied = [];
    private bool _giveWay;

    /// <summary>How many methods were replaced.</summary>
    public int Count => _applied.Count;

    /// <summary>Applies all plugs of some assemblies.</summary>
    /// <param name="own">The kernel's assembly and what it brought.</param>
    /// <param name="others">Those of the Cosmos API: inheritable plugs hold for classes there, too.</param>
    public void Apply(IReadOnlyList<AssemblyDefinition> own, IReadOnlyList<AssemblyDefinition> others)
    {
        List<TypeDefinition> types = [.. own.SelectMany(assembly => assembly.MainModule.GetTypes())];
        foreach (TypeDefinition plug in types)
        {
            foreach (CustomAttribute attribute in Attributes.All(plug, Attributes.Plug))
            {
                Apply(plug, attribute, [.. types, .. others.SelectMany(assembly => assembly.MainModule.GetTypes())]);
            }
        }

        foreach (MethodDefinition method in types.SelectMany(type => type.Methods).Where(method => Attributes.Has(method, Attributes.AsmMarker)))
        {
            report.Error(method, $"{Report.NameOf(method.DeclaringType)}.{method.Name}: [AsmMarker] marks a routine of IL2CPU's compiler, which is not used here");
        }

        foreach (MethodDefinition method in types.Where(type => !Attributes.Has(type, Attributes.Plug)).SelectMany(type => type.Methods)
            .Where(method => Attributes.IsTrue(Attributes.Find(method, Attributes.PlugMethod), "PlugRequired") && !_applied.ContainsKey(method)))
        {
            report.Error(method, $"{Report.NameOf(method.DeclaringType)}.{method.Name} must be plugged ([PlugMethod(PlugRequired = true)]), and no plug replaces it");
        }
    }

    /// <summary>Applies the plugs that the Cosmos API has itself; those of a kernel, applied before, go first.</summary>
    /// <param name="api">Assemblies of the Cosmos API.</param>
    public void ApplyBuiltIn(IReadOnlyList<AssemblyDefinition> api)
    {
        _giveWay = true;
        Apply(api, []);
        _giveWay = false;
    }

    private void Apply(TypeDefinition plug, CustomAttribute attribute, List<TypeDefinition> all)
    {
        bool isOptional = Attributes.IsTrue(attribute, "IsOptional");
        TypeDefinition? target = TargetOf(plug, attribute, isOptional);
        if (target is null)
        {
            return;
        }

        foreach (CustomAttribute field in Attributes.All(plug, Attributes.PlugField))
        {
            AddField(plug, target, field);
        }

        foreach (MethodDefinition method in plug.Methods.Where(method => method.IsPublic && method.IsStatic && !method.IsConstructor))
        {
            CustomAttribute? how = Attributes.Find(method, Attributes.PlugMethod);
            if (how is not null && Attributes.Get(how, "Enabled") is false)
            {
                continue;
            }

            if (CannotWork(method, how) is { } reason)
            {
                report.Error(method, $"the plug {Report.NameOf(plug)}.{method.Name} {reason}");
                continue;
            }

            // An inheritable plug of what is abstract holds for the classes that have it.
            bool isInheritable = Attributes.IsTrue(attribute, "Inheritable");
            if (_matcher.Find(method, target, isOptional || Attributes.IsTrue(how, "IsOptional")) is { } found && !(isInheritable && found.Method.IsAbstract))
            {
                Redirect(method, found);
            }

            if (isInheritable)
            {
                foreach (TypeDefinition derived in all.Where(type => !ReferenceEquals(type, target) && DerivesFrom(type, target)))
                {
                    if (_matcher.Find(method, derived, isOptional: true) is { } inherited)
                    {
                        Redirect(method, inherited);
                    }
                }
            }
        }
    }

    private static string? CannotWork(MethodDefinition method, CustomAttribute? how)
    {
        const string Assembly = "is written in assembly by a class of IL2CPU's: write an X# function, and a static extern method that the plug calls (docs/cosmos.md, X#)";
        if (how is not null && Attributes.Get(how, "Assembler") is not null)
        {
            return Assembly;
        }

        if (Attributes.IsTrue(how, "IsWildcard"))
        {
            return "is for all methods of a name (IsWildcard), which IL2CPU supports for assemblers only; write one plug for each";
        }

        return method.Parameters.Any(parameter => Attributes.Has(parameter, Attributes.ObjectPointerAccess))
            ? "gets an object as a pointer ([ObjectPointerAccess]) to IL2CPU's layout; take the object itself" : null;
    }

    private void Redirect(MethodDefinition plug, PlugTarget target)
    {
        MethodDefinition method = target.Method;
        if (core.Refuse(method) is { } reason)
        {
            report.Error(plug, $"{Report.NameOf(method.DeclaringType)}.{method.Name} cannot be plugged: {reason}");
            return;
        }

        if (_applied.TryGetValue(method, out MethodDefinition? other))
        {
            if (_giveWay)
            {
                return;
            }

            report.Error(plug, $"{Report.NameOf(method.DeclaringType)}.{method.Name} is plugged already, at {Report.PlaceOf(other)}");
            return;
        }

        _applied.Add(method, plug);
        PlugWriter.Redirect(plug, target);
        assemblies.Change(method.Module.Assembly);
        foreach (FieldDefinition field in target.Fields.OfType<FieldDefinition>())
        {
            assemblies.Change(field.Module.Assembly);
        }
    }

    private TypeDefinition? TargetOf(TypeDefinition plug, CustomAttribute attribute, bool isOptional)
    {
        object? given = attribute.HasConstructorArguments ? attribute.ConstructorArguments[0].Value : Attributes.Get(attribute, "Target") ?? Attributes.Get(attribute, "TargetName");
        TypeDefinition? target = null;
        string name = given is TypeReference type ? Report.NameOf(type) : given as string ?? "";
        try
        {
            target = given is TypeReference reference ? reference.Resolve() : name.Length > 0 ? FindByName(name) : null;
        }
        catch (AssemblyResolutionException)
        {
            // Reported below.
        }

        if (target is null && !isOptional)
        {
            report.Error(plug, name.Length == 0 ? $"the plug {Report.NameOf(plug)} names no target" : $"the plug {Report.NameOf(plug)} has no target: there is no type {name}");
        }

        return target;
    }

    // "Full.Name" or "Full.Name, Assembly"; nested types with a plus or a slash.
    private TypeDefinition? FindByName(string name)
    {
        string[] parts = name.Split(',', 2, StringSplitOptions.TrimEntries);
        string type = parts[0].Replace('+', '/');
        string[] candidates = parts.Length > 1 ? [parts[1].Split(',')[0], "System.Private.CoreLib"] : ["System.Private.CoreLib"];
        foreach (string candidate in candidates)
        {
            if (assemblies.Find(candidate) is not { } assembly)
            {
                continue;
            }

            TypeDefinition? found = assembly.MainModule.GetType(type) ?? assembly.MainModule.ExportedTypes.FirstOrDefault(exported => exported.FullName == type)?.Resolve();
            if (found is not null)
            {
                return found;
            }
        }

        return parts.Length > 1 ? null : assemblies.FindInAll(type);
    }

    private void AddField(TypeDefinition plug, TypeDefinition target, CustomAttribute attribute)
    {
        string? name = (string?)Attributes.Get(attribute, "FieldId");
        if (name is null || Attributes.Get(attribute, "FieldType") is not TypeReference type)
        {
            report.Error(plug, $"[PlugField] of {Report.NameOf(plug)} needs FieldId and FieldType");
        }
        else if (Attributes.IsTrue(attribute, "IsExternalValue"))
        {
            report.Error(plug, $"[PlugField] {name} of {Report.NameOf(plug)} is a value at an address of IL2CPU's layout (IsExternalValue), which does not exist here");
        }
        else if (target.IsValueType || target.Module.Assembly.Name.Name == "System.Private.CoreLib" || core.RefuseType(target) is not null)
        {
            report.Error(plug, $"[PlugField] {name} of {Report.NameOf(plug)}: the layout of {Report.NameOf(target)} is fixed");
        }
        else if (target.Fields.All(field => field.Name != name))
        {
            target.Fields.Add(new FieldDefinition(name, FieldAttributes.Public, target.Module.ImportReference(type)));
            assemblies.Change(target.Module.Assembly);
        }
    }

    private static bool DerivesFrom(TypeDefinition type, TypeDefinition target)
    {
        for (TypeReference? up = type.BaseType; up is not null; up = up.Resolve()?.BaseType)
        {
            if (ReferenceEquals(up.Resolve(), target))
            {
                return true;
            }
        }

        return false;
    }
}
