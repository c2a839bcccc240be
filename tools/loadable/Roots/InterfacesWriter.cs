using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using CosmosKernel.Tools.Loadable.Objects;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace CosmosKernel.Tools.Loadable.Roots;

/// <summary>
/// Writes an assembly for the compilation of a module that has one class, which implements every interface there is. ILC leaves interfaces that a compilation does not use out of the types that it
/// makes, and of interfaces that are defined elsewhere it never knows that they are used; then nobody, the kernel before all, could call a module's objects by them.
/// What it does take for a use: an interface that a class lists before one with a default method whose code is shared among instantiations, because that code finds its own instantiation by its index in the list.
/// So the class's base lists all interfaces, the class itself one such interface behind them. It implements no method, and nobody makes an object of it.
/// </summary>
internal sealed class InterfacesWriter
{
    /// <summary>Simple name of the assembly.</summary>
    public const string Name = "CosmosKernel.Interfaces";

    private const string Last = "ILast`1";
    private const string All = "All`1";
    private const string User = "User`1";

    private readonly ModuleDefinition _module;
    private readonly Dictionary<string, GenericInstanceType> _implemented = new(StringComparer.Ordinal);

    private InterfacesWriter(ModuleDefinition module) => _module = module;

    /// <summary>Writes the assembly.</summary>
    /// <param name="files">Files of all assemblies by simple name.</param>
    /// <param name="own">Simple names of the module's assemblies.</param>
    /// <param name="lists">What the kernel and the modules that this one depends on export: of other assemblies' interfaces those count that are there.</param>
    /// <param name="output">Where to write it.</param>
    public static void Write(IReadOnlyDictionary<string, string> files, IReadOnlyCollection<string> own, IReadOnlyList<SymbolList> lists, string output)
    {
        using var resolver = new ListResolver(files);
        using AssemblyDefinition assembly = AssemblyDefinition.CreateAssembly(
            new AssemblyNameDefinition(Name, new Version(1, 0, 0, 0)), Name, new ModuleParameters { Kind = ModuleKind.Dll, AssemblyResolver = resolver, Runtime = TargetRuntime.Net_4_0 });
        assembly.MainModule.AssemblyReferences.Add(AssemblyNameReference.Parse(resolver.Resolve("System.Private.CoreLib").FullName));
        bool IsThere(string name, TypeReference type) => own.Contains(name) || lists.Any(l => l.Symbols.ContainsKey(TypeNames.TableOf(name, type)));
        var writer = new InterfacesWriter(assembly.MainModule);
        IEnumerable<string> others = files.Keys.Except(own, StringComparer.Ordinal).Order(StringComparer.Ordinal);
        (string Name, TypeDefinition Type)[] types = [.. own.Concat(others).SelectMany(name => resolver.Resolve(name).MainModule.GetTypes().Select(type => (name, type)))];
        foreach ((string name, TypeDefinition type) in types)
        {
            if (IsThere(name, type))
            {
                writer.Note(type, argument => argument is not GenericInstanceType and not TypeSpecification && argument.Resolve() is TypeDefinition known && IsThere(known.Module.Assembly.Name.Name, known));
            }
        }

        var interfaces = new List<TypeReference>();
        foreach ((string name, TypeDefinition type) in types)
        {
            if (type.IsInterface && IsThere(name, type) && writer.Closed(type) is TypeReference reference)
            {
                interfaces.Add(reference);
            }
        }

        writer.Add(interfaces);
        RootsWriter.Save(assembly, output);
    }

    /// <summary>What the symbols of the interfaces' tables begin with, up to the arguments of generic ones, of an assembly that <see cref="Write"/> wrote.</summary>
    public static HashSet<string> Read(string path)
    {
        using AssemblyDefinition assembly = AssemblyDefinition.ReadAssembly(path);
        TypeDefinition all = assembly.MainModule.Types.First(t => t.Name == All);
        return
        [
            .. all.Interfaces.Select(i => i.InterfaceType.GetElementType()).Select(i => TypeNames.Definition(TypeNames.TableOf(i.Scope.Name, i))),
            TypeNames.Definition(TypeNames.TableOf(Name, assembly.MainModule.Types.First(t => t.Name == Last))),
        ];
    }

    // An interface whose parameters are constrained is used as the first type does that names all its arguments: these are within the constraints.
    private void Note(TypeDefinition type, Func<TypeReference, bool> isThere)
    {
        foreach (InterfaceImplementation implementation in type.Interfaces)
        {
            if (implementation.InterfaceType is GenericInstanceType { ContainsGenericParameter: false } instance && instance.GenericArguments.All(isThere))
            {
                _implemented.TryAdd(instance.ElementType.FullName, instance);
            }
        }
    }

    private TypeReference? Closed(TypeDefinition type)
    {
        if (!type.HasGenericParameters)
        {
            return _module.ImportReference(type);
        }

        bool isFree = type.GenericParameters.All(p => !p.HasConstraints && !p.HasNotNullableValueTypeConstraint);
        if (!isFree)
        {
            return _implemented.TryGetValue(type.FullName, out GenericInstanceType? found) ? _module.ImportReference(found) : null;
        }

        var instance = new GenericInstanceType(_module.ImportReference(type));
        foreach (GenericParameter _ in type.GenericParameters)
        {
            instance.GenericArguments.Add(_module.TypeSystem.Object);
        }

        return instance;
    }

    private void Add(IEnumerable<TypeReference> interfaces)
    {
        TypeDefinition last = NewType(Last, TypeAttributes.Interface | TypeAttributes.Abstract, null);
        var method = new MethodDefinition("Shared", MethodAttributes.Public | MethodAttributes.Virtual | MethodAttributes.NewSlot | MethodAttributes.HideBySig, _module.TypeSystem.Object);
        ILProcessor il = method.Body.GetILProcessor();
        il.Emit(OpCodes.Newobj, Constructor(new GenericInstanceType(Import("System.Collections.Generic", "List`1", 1)) { GenericArguments = { last.GenericParameters[0] } }));
        il.Emit(OpCodes.Ret);
        last.Methods.Add(method);

        TypeDefinition all = NewType(All, TypeAttributes.Abstract, _module.TypeSystem.Object);
        foreach (TypeReference type in interfaces)
        {
            all.Interfaces.Add(new InterfaceImplementation(type));
        }

        AddConstructor(all);
        TypeDefinition user = NewType(User, TypeAttributes.Sealed, null);
        user.BaseType = new GenericInstanceType(all) { GenericArguments = { user.GenericParameters[0] } };
        user.Interfaces.Add(new InterfaceImplementation(new GenericInstanceType(last) { GenericArguments = { user.GenericParameters[0] } }));
        AddConstructor(user);

        var maker = new TypeDefinition(Name, "Maker", TypeAttributes.Abstract | TypeAttributes.Sealed, _module.TypeSystem.Object);
        _module.Types.Add(maker);
        var make = new MethodDefinition("Make", MethodAttributes.Static | MethodAttributes.Assembly, _module.TypeSystem.Object);
        ILProcessor body = make.Body.GetILProcessor();
        body.Emit(OpCodes.Newobj, Constructor(new GenericInstanceType(user) { GenericArguments = { _module.TypeSystem.String } }));
        body.Emit(OpCodes.Ret);
        maker.Methods.Add(make);
    }

    private TypeDefinition NewType(string name, TypeAttributes attributes, TypeReference? baseType)
    {
        var type = new TypeDefinition(Name, name, attributes, baseType);
        type.GenericParameters.Add(new GenericParameter("T", type));
        _module.Types.Add(type);
        return type;
    }

    private void AddConstructor(TypeDefinition type)
    {
        var method = new MethodDefinition(
            ".ctor", MethodAttributes.Public | MethodAttributes.HideBySig | MethodAttributes.SpecialName | MethodAttributes.RTSpecialName, _module.TypeSystem.Void);
        ILProcessor il = method.Body.GetILProcessor();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Call, Constructor(type.BaseType));
        il.Emit(OpCodes.Ret);
        type.Methods.Add(method);
    }

    private TypeReference Import(string space, string name, int parameters)
    {
        var type = new TypeReference(space, name, _module, _module.AssemblyReferences[0], valueType: false);
        for (int i = 0; i < parameters; i++)
        {
            type.GenericParameters.Add(new GenericParameter(type));
        }

        return type;
    }

    private MethodReference Constructor(TypeReference type) => new(".ctor", _module.TypeSystem.Void, type) { HasThis = true };
}
