namespace CosmosKernel.Tools.Elf.Names;

/// <summary>A method's readable name in two parts, since many methods share their type's.</summary>
/// <param name="Type">Full name of the declaring type, or empty for assembly code and helpers.</param>
/// <param name="Method">Name of the method with its generic arguments, without its parameters.</param>
public readonly record struct MethodName(string Type, string Method)
{
    /// <inheritdoc/>
    public override string ToString() => Type.Length == 0 ? Method : $"{Type}.{Method}";
}
