namespace CosmosKernel.Modules;

/// <summary>The API that modules are written against, as a whole.</summary>
public static class ModuleApi
{
    /// <summary>
    /// Its version: the major number is raised when something that modules could use was changed or taken away, the minor one when something was added. The build compares the surface with <c>api.txt</c>
    /// beside this file; <c>make api</c> writes both anew.
    /// </summary>
    public const string Version = "1.0.0";
}
