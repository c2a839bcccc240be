using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

namespace CosmosKernel.Analyzers;

/// <summary>CKL040: who suppresses a rule of this analyzer says why.</summary>
internal static class SuppressionRules
{
    private const int ShortestReason = 12;

    /// <summary>Looks for <c>SuppressMessage</c> without a Justification.</summary>
    public static void CheckAttributes(SymbolAnalysisContext context)
    {
        foreach (AttributeData attribute in context.Symbol.GetAttributes())
        {
            if (attribute.AttributeClass?.Name == "SuppressMessageAttribute"
                && attribute.ConstructorArguments.Length == 2
                && attribute.ConstructorArguments[1].Value is string id
                && id.StartsWith("CKL", System.StringComparison.Ordinal)
                && attribute.NamedArguments.FirstOrDefault(argument => argument.Key == "Justification").Value.Value is not string { Length: >= ShortestReason })
            {
                Location place = attribute.ApplicationSyntaxReference?.GetSyntax(context.CancellationToken).GetLocation() ?? context.Symbol.Locations[0];
                context.ReportDiagnostic(Diagnostic.Create(Rules.NoReason, place, id.Split(':')[0]));
            }
        }
    }

    /// <summary>Looks for <c>#pragma warning disable</c> without a comment on its line or the line before.</summary>
    public static void CheckPragmas(SyntaxTreeAnalysisContext context)
    {
        SyntaxNode root = context.Tree.GetRoot(context.CancellationToken);
        if (!root.ContainsDirectives)
        {
            return;
        }

        foreach (PragmaWarningDirectiveTriviaSyntax pragma in root.DescendantTrivia().Select(trivia => trivia.GetStructure()).OfType<PragmaWarningDirectiveTriviaSyntax>())
        {
            string? id = pragma.ErrorCodes.Select(code => code.ToString()).FirstOrDefault(code => code.StartsWith("CKL", System.StringComparison.Ordinal));
            if (id is null || !pragma.DisableOrRestoreKeyword.IsKind(SyntaxKind.DisableKeyword))
            {
                continue;
            }

            int line = pragma.GetLocation().GetLineSpan().StartLinePosition.Line;
            Microsoft.CodeAnalysis.Text.TextLineCollection lines = context.Tree.GetText(context.CancellationToken).Lines;
            string here = lines[line].ToString();
            string before = line == 0 ? "" : lines[line - 1].ToString().Trim();
            int comment = here.IndexOf("//", System.StringComparison.Ordinal);
            bool hasReason = (comment >= 0 && here.Length - comment - 2 >= ShortestReason)
                || (before.StartsWith("//", System.StringComparison.Ordinal) && before.Length - 2 >= ShortestReason);
            if (!hasReason)
            {
                context.ReportDiagnostic(Diagnostic.Create(Rules.NoReason, pragma.GetLocation(), id));
            }
        }
    }
}
