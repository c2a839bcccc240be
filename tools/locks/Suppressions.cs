using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace CosmosKernel.Tools.Locks;

/// <summary>Finds where rules are suppressed, and why.</summary>
internal static class Suppressions
{
    /// <summary>Those of a compilation.</summary>
    public static IEnumerable<(string Place, string Reason)> Of(CSharpCompilation compilation)
    {
        foreach (SyntaxTree tree in compilation.SyntaxTrees)
        {
            SyntaxNode root = tree.GetRoot();
            foreach (AttributeSyntax attribute in root.DescendantNodes().OfType<AttributeSyntax>().Where(one => one.Name.ToString().EndsWith("SuppressMessage", StringComparison.Ordinal)))
            {
                List<string> texts = [.. attribute.DescendantNodes().OfType<LiteralExpressionSyntax>().Select(text => text.Token.ValueText)];
                if (texts.FirstOrDefault(text => text.StartsWith("CKL", StringComparison.Ordinal)) is { } id)
                {
                    yield return ($"{id} in `{Member(attribute)}`, {tree.FilePath}", texts[^1]);
                }
            }

            if (!root.ContainsDirectives)
            {
                continue;
            }

            foreach (PragmaWarningDirectiveTriviaSyntax pragma in root.DescendantTrivia().Select(trivia => trivia.GetStructure()).OfType<PragmaWarningDirectiveTriviaSyntax>())
            {
                string? id = pragma.ErrorCodes.Select(code => code.ToString()).FirstOrDefault(code => code.StartsWith("CKL", StringComparison.Ordinal));
                if (id is null || !pragma.DisableOrRestoreKeyword.IsKind(SyntaxKind.DisableKeyword))
                {
                    continue;
                }

                int line = pragma.GetLocation().GetLineSpan().StartLinePosition.Line;
                string text = tree.GetText().Lines[line].ToString();
                int comment = text.IndexOf("//", StringComparison.Ordinal);
                string before = line == 0 ? "" : tree.GetText().Lines[line - 1].ToString().Trim();
                yield return ($"{id} in {tree.FilePath}", comment >= 0 ? text[(comment + 2)..].Trim() : before.TrimStart('/').Trim());
            }
        }
    }

    private static string Member(SyntaxNode attribute)
    {
        SyntaxNode? member = attribute.Ancestors().FirstOrDefault(node => node is MemberDeclarationSyntax);
        string type = attribute.Ancestors().OfType<TypeDeclarationSyntax>().FirstOrDefault()?.Identifier.Text ?? "";
        return member switch
        {
            MethodDeclarationSyntax method => $"{type}.{method.Identifier.Text}",
            PropertyDeclarationSyntax property => $"{type}.{property.Identifier.Text}",
            ConstructorDeclarationSyntax => $"new {type}",
            FieldDeclarationSyntax field => $"{type}.{field.Declaration.Variables[0].Identifier.Text}",
            _ => type,
        };
    }
}
