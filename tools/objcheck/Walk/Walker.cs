using System;
using System.Collections.Generic;
using System.Linq;
using CosmosKernel.Tools.ObjCheck.Code;
using CosmosKernel.Tools.ObjCheck.Rules;

namespace CosmosKernel.Tools.ObjCheck.Walk;

/// <summary>Walks everything that is reachable from the entries of a context, breadth first, so that each chain is a shortest one.</summary>
internal sealed class Walker
{
    private readonly CodeModel _model;
    private readonly FunctionScanner _scanner;
    private readonly Dictionary<Function, List<Reference>> _scanned = [];
    private readonly HashSet<RuleLocation> _used = [];

    /// <summary>Prepares walks over a model.</summary>
    public Walker(CodeModel model)
    {
        _model = model;
        _scanner = new FunctionScanner(model);
    }

    /// <summary>Number of functions that were reached so far, over all contexts, each counted once.</summary>
    public int FunctionCount => _scanned.Count;

    /// <summary>Walks one context.</summary>
    /// <exception cref="RuleException">An entry, or the target of an indirect call, fits no function.</exception>
    public List<Violation> Walk(Context context)
    {
        var walk = new ContextWalk(this, context);
        walk.Run();
        return walk.Violations;
    }

    /// <summary>Exceptions and declarations that nothing needed. Declarations of optional targets only are for other kernels than this one.</summary>
    public IEnumerable<RuleLocation> Unused(IEnumerable<Context> contexts)
    {
        IEnumerable<RuleLocation> rules = contexts.SelectMany(c =>
            c.Permissions.Select(p => p.Location).Concat(c.Indirect.Where(i => !i.Targets.TrueForAll(t => t.IsOptional)).Select(i => i.Location)));
        return rules.Distinct().Where(l => !_used.Contains(l));
    }

    private List<Reference> ReferencesOf(Function function)
    {
        if (!_scanned.TryGetValue(function, out List<Reference>? references))
        {
            references = _scanner.Scan(function);
            _scanned.Add(function, references);
        }

        return references;
    }

    private bool Matches(NamePattern pattern, Function? function, string symbol)
    {
        if (function is null)
        {
            return pattern.Matches(symbol) || pattern.Matches(_model.Names.Readable(symbol).ToString());
        }

        foreach (string alias in function.Symbols)
        {
            if (pattern.Matches(alias))
            {
                return true;
            }
        }

        return pattern.Matches(function.Name);
    }

    private sealed record Node(Function Function, Node? Parent, string How, string From);

    private sealed class ContextWalk(Walker walker, Context context)
    {
        private readonly Queue<Node> _queue = new();
        private readonly HashSet<Function> _seen = [];
        private readonly HashSet<(Function, string)> _reported = [];

        public List<Violation> Violations { get; } = [];

        public void Run()
        {
            foreach (Entry entry in context.Entries)
            {
                List<Function> functions = Find(entry.Pattern);
                if (functions.Count == 0 && !entry.IsOptional)
                {
                    throw new RuleException($"{entry.Location}: no function is named {entry.Pattern}, so nothing would be checked from there");
                }

                functions.ForEach(f => Enqueue(f, null, "entry", string.Empty));
            }

            while (_queue.TryDequeue(out Node? node))
            {
                Visit(node);
            }
        }

        private void Visit(Node node)
        {
            foreach (Reference reference in walker.ReferencesOf(node.Function))
            {
                switch (reference.Kind)
                {
                    case ReferenceKind.Undecodable:
                        Report(node, reference, $"{node.Function} has bytes that are no instruction at +0x{reference.Site - node.Function.Start:x}", null);
                        break;
                    case ReferenceKind.Indirect:
                        WalkIndirect(node, reference);
                        break;
                    default:
                        Follow(node, reference);
                        break;
                }
            }
        }

        private void Follow(Node node, in Reference reference)
        {
            string shown = Shown(reference);
            if (IsPermitted(node.Function, reference, out string? refused))
            {
                return;
            }

            if (refused is not null)
            {
                Report(node, reference, refused, shown);
                return;
            }

            foreach (Group group in context.Forbidden)
            {
                foreach (NamePattern pattern in group.Patterns)
                {
                    if (walker.Matches(pattern, reference.Function, reference.Symbol))
                    {
                        Report(node, reference, $"{group.Name}: {shown}", shown);
                        return;
                    }
                }
            }

            if (reference.Function is not null)
            {
                Enqueue(reference.Function, node, Verb(reference.Kind), LineOf(node.Function, reference.Site));
            }
            else if (!reference.IsDefined && reference.Kind is not ReferenceKind.Address)
            {
                Report(node, reference, $"{shown} is in none of the given objects, so what it does is unknown", shown);
            }
        }

        private bool IsPermitted(Function from, in Reference reference, out string? refused)
        {
            refused = null;
            foreach (Permission permission in context.Permissions)
            {
                bool named = permission.Kind == PermissionKind.Constructed
                    ? IsStaticBaseOf(permission.Pattern, reference)
                    : walker.Matches(permission.Pattern, reference.Function, reference.Symbol);
                if (!named || (permission.From is not null && !walker.Matches(permission.From, from, string.Empty)))
                {
                    continue;
                }

                walker._used.Add(permission.Location);
                bool cold = reference.Kind == ReferenceKind.Jump || (reference.Kind == ReferenceKind.Call && !reference.Returns);
                if (permission.Kind != PermissionKind.AllowCold || cold)
                {
                    return true;
                }

                refused = $"{Shown(reference)} is allowed only where the call does not return ({permission.Location}), but code follows this one";
            }

            return false;
        }

        // The helpers that ILC makes for a type's statics run its class constructor first if that has not run.
        private bool IsStaticBaseOf(NamePattern type, in Reference reference)
        {
            const string Prefix = "[static base of ";
            string name = reference.Function is null ? walker._model.Names.Readable(reference.Symbol).ToString() : reference.Function.Name;
            return name.StartsWith(Prefix, StringComparison.Ordinal) && type.Matches(name.AsSpan(Prefix.Length, name.Length - Prefix.Length - 1));
        }

        private void WalkIndirect(Node node, in Reference reference)
        {
            bool declared = false;
            bool found = false;
            bool unanswered = false;
            foreach (IndirectTargets rule in context.Indirect)
            {
                if (!walker.Matches(rule.Method, node.Function, string.Empty))
                {
                    continue;
                }

                declared = true;
                walker._used.Add(rule.Location);
                foreach (IndirectTarget declaredTarget in rule.Targets)
                {
                    List<Function> targets = TargetsOf(declaredTarget, reference.Slot, rule.Location);
                    found |= targets.Count != 0 || (declaredTarget.IsOverrides && walker._model.Types.IsAbstractWithoutClasses(s => IsRoot(declaredTarget, s), reference.Slot));
                    unanswered |= targets.Count == 0 && declaredTarget.IsOverrides && walker._model.Types.Contains(s => IsRoot(declaredTarget, s));
                    foreach (Function target in targets)
                    {
                        Follow(node, new Reference(ReferenceKind.Indirect, target, target.Symbols[0], true, reference.Site, true));
                    }
                }
            }

            // The types that the rule names exist, but their tables have nothing in this slot: then it is not the call that the rule is about.
            if (!declared || (unanswered && !found))
            {
                Report(node, reference, $"{node.Function} calls through a register or memory at +0x{reference.Site - node.Function.Start:x}; declare where to: indirect {node.Function} -> TARGET, TARGET", null);
            }
        }

        // The slot of a virtual call is in its instruction, so a new class that overrides the method is walked without a new rule. The slots of
        // Object's own methods do not count: calls of delegates look like them.
        private List<Function> TargetsOf(IndirectTarget target, int slot, RuleLocation location)
        {
            if (!target.IsOverrides)
            {
                List<Function> functions = Find(target.Pattern);
                return functions.Count == 0 && !target.IsOptional ? throw new RuleException($"{location}: no function is named {target.Pattern}") : functions;
            }

            if (!target.IsOptional && !walker._model.Types.Contains(s => IsRoot(target, s)))
            {
                throw new RuleException($"{location}: no type is, or derives from, {target.Pattern} (type tables are in the object only without --dehydrate)");
            }

            return slot < TypeTables.FirstOwnSlot ? [] : [.. walker._model.Types.Overrides(s => IsRoot(target, s), slot)];
        }

        private bool IsRoot(IndirectTarget target, string symbol) => target.Pattern.Matches(walker._model.Names.ReadableTypeOf(symbol));

        private List<Function> Find(NamePattern pattern) => walker._model.Functions.Where(f => walker.Matches(pattern, f, string.Empty)).ToList();

        private void Enqueue(Function function, Node? parent, string how, string from)
        {
            if (_seen.Add(function))
            {
                _queue.Enqueue(new Node(function, parent, how, from));
            }
        }

        private void Report(Node node, in Reference reference, string problem, string? reached)
        {
            // Several indirect calls of one method need one declaration.
            if (!_reported.Add((node.Function, reached ?? reference.Kind.ToString())))
            {
                return;
            }

            var chain = new List<Step>();
            for (Node? step = node; step is not null; step = step.Parent)
            {
                chain.Add(new Step(step.How, step.Function.Name, step.From));
            }

            chain.Reverse();
            string line = LineOf(node.Function, reference.Site);
            string last = reached ?? (reference.Kind == ReferenceKind.Indirect ? "an undeclared target" : "bytes that are no instruction");
            chain.Add(new Step(Verb(reference.Kind), last, line));
            Violations.Add(new Violation(context.Name, problem, chain));
        }

        private string Shown(in Reference reference)
        {
            if (reference.Function is null)
            {
                return walker._model.Names.Readable(reference.Symbol).ToString();
            }

            // A managed method that implements a runtime helper is better known by the helper's name.
            string? helper = reference.Function.Symbols.Count > 1 ? reference.Function.Symbols[^1] : null;
            return helper is null ? reference.Function.Name : $"{reference.Function.Name} ({helper})";
        }

        private static string LineOf(Function function, ulong site) => function.Object.LineOf(function.Section, site);

        private static string Verb(ReferenceKind kind) => kind switch
        {
            ReferenceKind.Call => "calls",
            ReferenceKind.Jump => "jumps to",
            ReferenceKind.FallThrough => "runs into",
            ReferenceKind.Indirect => "calls indirectly",
            ReferenceKind.Undecodable => "contains",
            _ => "refers to",
        };
    }
}
