using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace CosmosKernel.Tools.Substitute;

/// <summary>
/// Writes a CoreLib in which the listed methods have another body, or ask first: a call of a static method of the same type with the same parameters (<c>this</c> first), which is
/// a runtime import, as CoreLib's own calls of the runtime are. Everything else stays as it ships.
/// </summary>
internal static class CoreLibWriter
{
    private const string RuntimeImport = "System.Runtime.RuntimeImportAttribute";

    /// <summary>Writes the changed assembly. The same input gives the same bytes.</summary>
    /// <exception cref="FormatException">A listed method does not exist, has overloads or no body, or is listed twice.</exception>
    public static void Write(string input, IReadOnlyList<Substitution> substitutions, string output)
    {
        // With its debug information, where there is some: panics and stack traces name CoreLib's lines, and adding methods renumbers those behind them.
        bool symbols = File.Exists(Path.ChangeExtension(input, ".pdb"));
        using ModuleDefinition module = ModuleDefinition.ReadModule(input, new ReaderParameters { ReadSymbols = symbols });
        MethodDefinition attribute = module.GetType(RuntimeImport)?.Methods.SingleOrDefault(IsNamedConstructor)
            ?? throw new FormatException($"{input}: error: it has no {RuntimeImport} with a name");
        var done = new HashSet<MethodDefinition>();
        foreach (Substitution substitution in substitutions)
        {
            MethodDefinition method = Find(module, substitution);
            if (!done.Add(method))
            {
                throw new FormatException($"{substitution.Place}: error: {method.FullName} is listed twice");
            }

            MethodDefinition import = AddImport(module, method, substitution.Import, attribute);
            if (substitution.IsFirst)
            {
                AskFirst(method, import, substitution);
            }
            else
            {
                Redirect(method, import);
            }
        }

        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(output))!);

        // By way of memory: a file's whole path would go into the debug directory, and with it into the module's identity.
        using var image = new MemoryStream();
        using var symbolImage = new MemoryStream();
        var parameters = new WriterParameters { DeterministicMvid = true };
        if (symbols)
        {
            parameters.WriteSymbols = true;
            parameters.SymbolWriterProvider = new PortablePdbWriterProvider();
            parameters.SymbolStream = symbolImage;
        }

        module.Write(image, parameters);
        File.WriteAllBytes(output, image.ToArray());
        if (symbols)
        {
            File.WriteAllBytes(Path.ChangeExtension(output, ".pdb"), symbolImage.ToArray());
        }
    }

    private static bool IsNamedConstructor(MethodDefinition method) =>
        method.IsConstructor && method.Parameters.Count == 1 && method.Parameters[0].ParameterType.MetadataType == MetadataType.String;

    private static MethodDefinition Find(ModuleDefinition module, Substitution substitution)
    {
        TypeDefinition type = module.GetType(substitution.Type) ?? throw new FormatException($"{substitution.Place}: error: CoreLib has no type {substitution.Type}");
        List<MethodDefinition> methods = type.Methods.Where(method => method.Name == substitution.Method).ToList();
        return methods switch
        {
            [] => throw new FormatException($"{substitution.Place}: error: {substitution.Type} has no method {substitution.Method}"),
            [{ HasBody: true, HasGenericParameters: false } method] => method,
            [_] => throw new FormatException($"{substitution.Place}: error: {substitution.Method} has no body, or is generic"),
            _ => throw new FormatException($"{substitution.Place}: error: {substitution.Method} has overloads"),
        };
    }

    private static MethodDefinition AddImport(ModuleDefinition module, MethodDefinition method, string name, MethodDefinition attribute)
    {
        var import = new MethodDefinition(name, MethodAttributes.Private | MethodAttributes.Static | MethodAttributes.HideBySig, method.ReturnType)
        {
            ImplAttributes = MethodImplAttributes.InternalCall,
        };
        if (method.HasThis)
        {
            import.Parameters.Add(new ParameterDefinition("self", ParameterAttributes.None, method.DeclaringType));
        }

        foreach (ParameterDefinition parameter in method.Parameters)
        {
            import.Parameters.Add(new ParameterDefinition(parameter.Name, ParameterAttributes.None, parameter.ParameterType));
        }

        import.CustomAttributes.Add(new CustomAttribute(attribute)
        {
            ConstructorArguments = { new CustomAttributeArgument(module.TypeSystem.String, name) },
        });
        method.DeclaringType.Methods.Add(import);
        return import;
    }

    private static void Redirect(MethodDefinition method, MethodDefinition import)
    {
        var body = new MethodBody(method);
        ILProcessor il = body.GetILProcessor();
        Arguments(method, import).ForEach(il.Append);
        il.Emit(OpCodes.Call, import);
        il.Emit(OpCodes.Ret);
        method.Body = body;
    }

    // call; dup; brfalse on; ret; on: pop; then what was there.
    private static void AskFirst(MethodDefinition method, MethodDefinition import, Substitution substitution)
    {
        if (method.ReturnType.IsValueType || method.ReturnType.MetadataType == MetadataType.Void)
        {
            throw new FormatException($"{substitution.Place}: error: {substitution.Method} returns no reference that could be null");
        }

        Instruction next = Instruction.Create(OpCodes.Pop);
        List<Instruction> asked =
        [
            .. Arguments(method, import), Instruction.Create(OpCodes.Call, import), Instruction.Create(OpCodes.Dup), Instruction.Create(OpCodes.Brfalse, next), Instruction.Create(OpCodes.Ret), next,
        ];
        for (int i = 0; i < asked.Count; i++)
        {
            method.Body.Instructions.Insert(i, asked[i]);
        }
    }

    private static List<Instruction> Arguments(MethodDefinition method, MethodDefinition import)
    {
        var loads = new List<Instruction>();
        for (int i = 0; i < import.Parameters.Count; i++)
        {
            loads.Add(i switch
            {
                0 => Instruction.Create(OpCodes.Ldarg_0),
                1 => Instruction.Create(OpCodes.Ldarg_1),
                2 => Instruction.Create(OpCodes.Ldarg_2),
                3 => Instruction.Create(OpCodes.Ldarg_3),
                _ => Instruction.Create(OpCodes.Ldarg, method.Parameters[method.HasThis ? i - 1 : i]),
            });
        }

        return loads;
    }
}
