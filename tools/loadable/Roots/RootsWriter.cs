using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace CosmosKernel.Tools.Loadable.Roots;

/// <summary>
/// Writes an assembly that is never called: one method for each type, which takes the addresses of the type's methods and static fields and names the type itself. ILC then compiles them all;
/// in contrast to its own ways to root an assembly, nothing becomes visible to reflection, which would cost about as much again. It is a program, not a library,
/// because ILC roots every method of all inputs when there is none among them.
/// </summary>
internal sealed class RootsWriter
{
    private const string Name = "CosmosKernel.Roots";
    private const string Export = "System.Runtime.RuntimeExportAttribute";

    private readonly ModuleDefinition _module;
    private readonly RootRules _rules;
    private readonly TypeDefinition _class;
    private readonly MethodDefinition _keepAddress;
    private readonly MethodDefinition _keepObject;
    private readonly MethodDefinition _keepType;
    private readonly ILProcessor _main;
    private ILProcessor? _body;

    private RootsWriter(ModuleDefinition module, RootRules rules, MethodDefinition exportConstructor)
    {
        _module = module;
        _rules = rules;
        _class = new TypeDefinition(Name, "Roots", TypeAttributes.Abstract | TypeAttributes.Sealed, module.TypeSystem.Object);
        module.Types.Add(_class);
        _keepAddress = Keep("KeepAddress", module.TypeSystem.IntPtr);
        _keepObject = Keep("KeepObject", module.TypeSystem.Object);
        _keepType = Keep("KeepType", module.ImportReference(new TypeReference("System", "RuntimeTypeHandle", module, module.AssemblyReferences[0], valueType: true)));
        MethodDefinition main = NewMethod("All");
        main.CustomAttributes.Add(new CustomAttribute(module.ImportReference(exportConstructor))
        {
            ConstructorArguments = { new CustomAttributeArgument(module.TypeSystem.String, "ModuleRoots") },
        });
        _main = main.Body.GetILProcessor();
    }

    /// <summary>Writes the assembly.</summary>
    /// <param name="rules">What to refer to.</param>
    /// <param name="files">Files of assemblies by simple name.</param>
    /// <param name="output">Where to write it.</param>
    public static void Write(RootRules rules, IReadOnlyDictionary<string, string> files, string output)
    {
        using var resolver = new ListResolver(files);
        using AssemblyDefinition assembly = AssemblyDefinition.CreateAssembly(
            new AssemblyNameDefinition(Path.GetFileNameWithoutExtension(output), new Version(1, 0, 0, 0)),
            Path.GetFileNameWithoutExtension(output),
            new ModuleParameters { Kind = ModuleKind.Console, AssemblyResolver = resolver, Runtime = TargetRuntime.Net_4_0 });
        ModuleDefinition corelib = resolver.Resolve("System.Private.CoreLib").MainModule;
        ModuleDefinition runtime = resolver.Resolve("CosmosKernel.Runtime").MainModule;
        assembly.MainModule.AssemblyReferences.Add(AssemblyNameReference.Parse(corelib.Assembly.FullName));
        MethodDefinition constructor = runtime.GetType(Export)?.Methods.First(m => m.IsConstructor)
            ?? throw new LoadableException($"{files["CosmosKernel.Runtime"]}: has no {Export}");
        var writer = new RootsWriter(assembly.MainModule, rules, constructor);
        foreach (string name in rules.Assemblies)
        {
            foreach (TypeDefinition type in resolver.Resolve(name).MainModule.GetTypes())
            {
                writer.Add(type);
            }
        }

        writer._main.Emit(OpCodes.Ret);
        Save(assembly, output);
    }

    /// <summary>Writes an assembly unless the file has the same already, so that what is made of it can be kept.</summary>
    internal static void Save(AssemblyDefinition assembly, string output)
    {
        assembly.MainModule.Mvid = Guid.Empty;
        using var stream = new MemoryStream();
        assembly.Write(stream, new WriterParameters { DeterministicMvid = true, Timestamp = 0 });
        byte[] bytes = stream.ToArray();
        if (!File.Exists(output) || !File.ReadAllBytes(output).AsSpan().SequenceEqual(bytes))
        {
            File.WriteAllBytes(output, bytes);
        }
    }

    private void Add(TypeDefinition type)
    {
        if (type.Name == "<Module>" || _rules.Leaves(type.FullName))
        {
            return;
        }

        _body = null;
        TypeReference reference = _module.ImportReference(type);
        if (type.HasGenericParameters)
        {
            // Its instantiations are compiled where they are used; each refers to the definition.
            ILProcessor il = Body(type);
            il.Emit(OpCodes.Ldtoken, reference);
            il.Emit(OpCodes.Call, _keepType);
            il.Emit(OpCodes.Ret);
            return;
        }

        bool isStatic = type.IsAbstract && type.IsSealed;
        if (isStatic)
        {
            // Reflection's tables of a module name the static classes whose methods are in its stack traces.
            ILProcessor il = Body(type);
            il.Emit(OpCodes.Ldtoken, reference);
            il.Emit(OpCodes.Call, _keepType);
        }
        else if (!IsByRefLike(type))
        {
            ILProcessor il = Body(type);
            il.Emit(OpCodes.Ldnull);
            il.Emit(OpCodes.Isinst, reference);
            il.Emit(OpCodes.Call, _keepObject);
        }

        foreach (FieldDefinition field in type.Fields.Where(f => f.IsStatic && !f.IsLiteral && (f.Attributes & FieldAttributes.HasFieldRVA) == 0))
        {
            ILProcessor il = Body(type);
            il.Emit(OpCodes.Ldsflda, _module.ImportReference(field));
            il.Emit(OpCodes.Conv_U);
            il.Emit(OpCodes.Call, _keepAddress);
        }

        foreach (MethodDefinition method in type.Methods.Where(m => IsCompiled(m) && !_rules.Leaves($"{type.FullName}::{m.Name}")))
        {
            ILProcessor il = Body(type);
            il.Emit(OpCodes.Ldftn, _module.ImportReference(method));
            il.Emit(OpCodes.Call, _keepAddress);
        }

        _body?.Emit(OpCodes.Ret);
    }

    // A class constructor runs through its own check, and what the runtime or a library provides has no body.
    private static bool IsCompiled(MethodDefinition method) =>
        method.HasBody && !method.HasGenericParameters && !(method.IsConstructor && method.IsStatic)
        && !method.IsInternalCall && !method.IsPInvokeImpl && method.CallingConvention != MethodCallingConvention.VarArg;

    private static bool IsByRefLike(TypeDefinition type) => type.CustomAttributes.Any(a => a.AttributeType.Name == "IsByRefLikeAttribute");

    private ILProcessor Body(TypeDefinition type)
    {
        if (_body is null)
        {
            MethodDefinition method = NewMethod(type.FullName);
            _body = method.Body.GetILProcessor();
            _main.Emit(OpCodes.Call, method);
        }

        return _body;
    }

    private MethodDefinition NewMethod(string name)
    {
        var method = new MethodDefinition(name, MethodAttributes.Static | MethodAttributes.Assembly, _module.TypeSystem.Void) { ImplAttributes = MethodImplAttributes.NoInlining };
        _class.Methods.Add(method);
        return method;
    }

    private MethodDefinition Keep(string name, TypeReference parameter)
    {
        MethodDefinition method = NewMethod(name);
        method.Parameters.Add(new ParameterDefinition(parameter));
        method.Body.GetILProcessor().Emit(OpCodes.Ret);
        return method;
    }
}
