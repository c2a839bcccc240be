using System.IO;

namespace CosmosKernel.Tools.ObjCheck.Walk;

/// <summary>Writes violations for the person who has to repair them.</summary>
internal static class Report
{
    /// <summary>Writes the problem, and the chain from the entry, a line a step, each with the source line that takes it.</summary>
    public static void Write(TextWriter output, Violation violation)
    {
        output.WriteLine($"error: in {violation.Context} context: {violation.Problem}");
        foreach (Step step in violation.Chain)
        {
            string from = step.From.Length == 0 ? string.Empty : $"  at {step.From}";
            output.WriteLine($"    {step.How,-16} {step.Name}{from}");
        }

        output.WriteLine();
    }
}
