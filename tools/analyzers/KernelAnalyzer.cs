using System.Collections.Immutable;
using CosmosKernel.Analyzers.Calls;
using CosmosKernel.Analyzers.Disciplines;
using CosmosKernel.Analyzers.Flow;
using CosmosKernel.Analyzers.Locks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace CosmosKernel.Analyzers;

/// <summary>Refuses wrong locking while the kernel is compiled. What each rule says is in docs/analyzers; what the attributes mean is at the attributes, in Kernel/Machine/Locking.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class KernelAnalyzer : DiagnosticAnalyzer
{
    private readonly ProgramSummary? _program;

    /// <summary>For the compiler: sees one assembly.</summary>
    public KernelAnalyzer()
    {
    }

    /// <summary>For a program that looks at all assemblies in the order of their references.</summary>
    /// <param name="program">What is known of the assemblies below; what is found out here is added.</param>
    public KernelAnalyzer(ProgramSummary program)
    {
        _program = program;
    }

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => Rules.All;

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(Start);
    }

    private void Start(CompilationStartAnalysisContext context)
    {
        if (KernelSymbols.Of(context.Compilation) is not { } symbols)
        {
            return;
        }

        var scope = new AnalysisScope(symbols);
        context.RegisterSymbolAction(symbol => DeclarationRules.CheckMember(symbol, scope.Disciplines), SymbolKind.Field, SymbolKind.Property, SymbolKind.Event);
        context.RegisterSymbolAction(DeclarationRules.CheckType, SymbolKind.NamedType);
        context.RegisterSymbolAction(DeclarationRules.CheckMethod, SymbolKind.Method);
        context.RegisterSymbolAction(SuppressionRules.CheckAttributes, SymbolKind.NamedType, SymbolKind.Method, SymbolKind.Field, SymbolKind.Property);
        context.RegisterSyntaxTreeAction(SuppressionRules.CheckPragmas);
        context.RegisterOperationAction(operation => LockClass.Note((IObjectCreationOperation)operation.Operation, scope.LockClasses), OperationKind.ObjectCreation);
        context.RegisterOperationBlockAction(block => CheckBodies(block, scope));
        ProgramSummary? program = _program;
        context.RegisterCompilationEndAction(end => new CallRules(scope, new CallGraph(scope, program), end.ReportDiagnostic).Check());
    }

    private static void CheckBodies(OperationBlockAnalysisContext context, AnalysisScope scope)
    {
        foreach (IOperation block in context.OperationBlocks)
        {
            if (block is IBlockOperation or IFieldInitializerOperation or IPropertyInitializerOperation)
            {
                ControlFlowGraph graph = context.GetControlFlowGraph(block);
                BodyVisitor.Check(scope, context.OwningSymbol, graph, context.ReportDiagnostic);
            }
        }
    }
}
