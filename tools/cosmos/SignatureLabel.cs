using System;
using System.Linq;
using System.Text;
using Mono.Cecil;

namespace CosmosKernel.Tools.Cosmos;

/// <summary>
/// IL2CPU's label of a method, which <c>[PlugMethod(Signature = "...")]</c> names a target by: return type, declaring type, name and parameters, with every other character than letters and digits made an underscore, such as
/// <c>System_Void__System_Array_Clear_System_Array__System_Int32__System_Int32_</c>. How many underscores stand between two parts differed between versions, so a run of them counts as one here.
/// </summary>
internal static class SignatureLabel
{
    /// <summary>Whether a label is that of a method.</summary>
    public static bool IsOf(string label, MethodReference method) => Collapse(label) == Collapse(Of(method));

    /// <summary>The label of a method.</summary>
    public static string Of(MethodReference method) =>
        Escape($"{TypeName(method.ReturnType)}  {TypeName(method.DeclaringType)}.{method.Name}({string.Join(", ", method.Parameters.Select(parameter => TypeName(parameter.ParameterType)))})");

    private static string TypeName(TypeReference type) => type switch
    {
        ByReferenceType reference => TypeName(reference.ElementType) + "&",
        PointerType pointer => TypeName(pointer.ElementType) + "*",
        ArrayType array => TypeName(array.ElementType) + "[]",
        GenericInstanceType instance => $"{TypeName(instance.ElementType)}<{string.Join(", ", instance.GenericArguments.Select(TypeName))}>",
        GenericParameter parameter => parameter.Name,
        _ => type.FullName.Replace('/', '+'),
    };

    private static string Escape(string text) => string.Concat(text.Select(character => char.IsAsciiLetterOrDigit(character) ? character : '_'));

    private static string Collapse(string label)
    {
        var collapsed = new StringBuilder();
        foreach (string part in label.Split('_', StringSplitOptions.RemoveEmptyEntries))
        {
            collapsed.Append(part).Append('_');
        }

        return collapsed.ToString();
    }
}
