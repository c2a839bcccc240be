using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace CosmosKernel.Tools.ObjCheck.Rules;

/// <summary>A mistake in a rules file; the message begins with file and line.</summary>
internal sealed class RuleException(string message) : Exception(message);

/// <summary>
/// Reads the rules: groups of names, contexts, and what holds in every context. One rule a line, <c>#</c> begins a comment; <c>docs/checks.md</c> has
/// the grammar.
/// </summary>
internal sealed class RuleFile
{
    private const string Arrow = " -> ";

    private readonly string _path;
    private readonly Dictionary<string, Group> _groups = new(StringComparer.Ordinal);
    private readonly Context _everywhere = new("every context");
    private readonly List<Context> _contexts = [];
    private Group? _group;
    private Context? _context;
    private int _line;

    private RuleFile(string path) => _path = path;


    /// <summary>The contexts, in the order of the file, each with what holds in every context.</summary>
    public IReadOnlyList<Context> Contexts => _contexts;

    /// <summary>Reads a file.</summary>
    /// <exception cref="RuleException">A line is no rule, or names a group that does not exist.</exception>
    public static RuleFile Open(string path) => Parse(File.ReadAllLines(path), path);

    /// <summary>Reads lines; <paramref name="path"/> stands for them in messages.</summary>
    /// <exception cref="RuleException">A line is no rule, or names a group that does not exist.</exception>
    public static RuleFile Parse(IEnumerable<string> lines, string path)
    {
        var file = new RuleFile(path);
        foreach (string line in lines)
        {
            file._line++;
            file.ReadLine(line);
        }

        file.Finish();
        return file;
    }

    private void ReadLine(string line)
    {
        int comment = line.IndexOf('#', StringComparison.Ordinal);
        string text = (comment < 0 ? line : line[..comment]).Trim();
        if (text.Length == 0)
        {
            return;
        }

        (string keyword, string rest) = SplitFirst(text);
        switch (keyword)
        {
            case "group":
                OpenGroup(rest);
                break;
            case "context":
                OpenContext(rest);
                break;
            case "every-context":
                _group = null;
                _context = rest.Length == 0 ? _everywhere : throw Bad("nothing may follow 'every-context'");
                break;
            case "entry":
                bool optional = TryTake("optional ", ref rest);
                Inside(keyword).Entries.Add(new Entry(Pattern(rest), optional, Here()));
                break;
            case "forbid":
                AddForbidden(Inside(keyword), rest);
                break;
            case "allow-cold":
                AddPermission(PermissionKind.AllowCold, keyword, rest);
                break;
            case "stop":
                AddPermission(PermissionKind.Stop, keyword, rest);
                break;
            case "constructed":
                AddPermission(PermissionKind.Constructed, keyword, rest);
                break;
            case "indirect":
                AddIndirect(Inside(keyword), rest);
                break;
            default:
                if (_group is null)
                {
                    throw Bad($"'{keyword}' is not a rule; expected group, context, every-context, entry, forbid, allow-cold, stop, constructed or indirect");
                }

                _group.Patterns.Add(new NamePattern(text));
                break;
        }
    }

    private void OpenGroup(string name)
    {
        _context = null;
        _group = new Group(OneWord(name, "a group needs a name of one word"), []);
        if (!_groups.TryAdd(_group.Name, _group))
        {
            throw Bad($"there already is a group '{name}'");
        }
    }

    private void OpenContext(string name)
    {
        _group = null;
        _context = new Context(OneWord(name, "a context needs a name of one word"));
        if (_contexts.Exists(c => c.Name == name))
        {
            throw Bad($"there already is a context '{name}'");
        }

        _contexts.Add(_context);
    }

    private void AddForbidden(Context context, string rest)
    {
        foreach (string name in Words(rest, "forbid needs the names of groups"))
        {
            context.Forbidden.Add(_groups.TryGetValue(name, out Group? group) ? group : throw Bad($"there is no group '{name}' above this line"));
        }
    }

    private void AddPermission(PermissionKind kind, string keyword, string rest)
    {
        const string Separator = " : ";
        int separator = rest.IndexOf(Separator, StringComparison.Ordinal);
        string reason = separator < 0 ? string.Empty : rest[(separator + Separator.Length)..].Trim();
        if (reason.Length == 0)
        {
            throw Bad($"'{keyword}' is an exception and needs a reason: {keyword} NAME : REASON");
        }

        string[] ends = rest[..separator].Split(Arrow);
        if (ends.Length > 2)
        {
            throw Bad($"expected: {keyword} NAME : REASON, or {keyword} FROM -> NAME : REASON");
        }

        NamePattern? from = ends.Length == 2 ? Pattern(ends[0]) : null;
        Inside(keyword).Permissions.Add(new Permission(kind, from, Pattern(ends[^1]), reason, Here()));
    }

    private void AddIndirect(Context context, string rest)
    {
        int arrow = rest.IndexOf(Arrow, StringComparison.Ordinal);
        if (arrow < 0)
        {
            throw Bad("expected: indirect METHOD -> TARGET, overrides TYPE, ...");
        }

        List<IndirectTarget> targets = SplitList(rest[(arrow + Arrow.Length)..]).ConvertAll(Target);
        context.Indirect.Add(new IndirectTargets(Pattern(rest[..arrow]), targets, Here()));
    }

    private void Finish()
    {
        foreach (Context context in _contexts)
        {
            context.Forbidden.AddRange(_everywhere.Forbidden.Except(context.Forbidden));
            context.Permissions.AddRange(_everywhere.Permissions);
            context.Indirect.AddRange(_everywhere.Indirect);
            if (context.Entries.Count == 0)
            {
                throw new RuleException($"{_path}: context '{context.Name}' has no entry");
            }

            if (context.Forbidden.Count == 0)
            {
                throw new RuleException($"{_path}: context '{context.Name}' forbids nothing");
            }
        }

        if (_contexts.Count == 0)
        {
            throw new RuleException($"{_path}: has no context");
        }
    }

    private Context Inside(string keyword)
    {
        if (_context is null || (keyword == "entry" && _context == _everywhere))
        {
            throw Bad($"'{keyword}' must stand in a context");
        }

        return _context;
    }

    private NamePattern Pattern(string text)
    {
        string trimmed = text.Trim();
        return trimmed.Length == 0 ? throw Bad("a name is missing") : new NamePattern(trimmed);
    }

    private IndirectTarget Target(string text)
    {
        string name = text.Trim();
        bool optional = TryTake("optional ", ref name);
        bool overrides = TryTake("overrides ", ref name);
        return new IndirectTarget(Pattern(name), overrides, optional);
    }

    private static bool TryTake(string prefix, ref string text)
    {
        bool found = text.StartsWith(prefix, StringComparison.Ordinal);
        text = found ? text[prefix.Length..].Trim() : text;
        return found;
    }

    private string OneWord(string text, string expected) => text.Length == 0 || text.Contains(' ', StringComparison.Ordinal) ? throw Bad(expected) : text;

    private string[] Words(string text, string expected)
    {
        string[] words = text.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
        return words.Length == 0 ? throw Bad(expected) : words;
    }

    private RuleLocation Here() => new(_path, _line);

    private RuleException Bad(string what) => new($"{Here()}: {what}");

    private static (string First, string Remainder) SplitFirst(string text)
    {
        int space = text.IndexOfAny([' ', '\t']);
        return space < 0 ? (text, string.Empty) : (text[..space], text[space..].Trim());
    }

    // Commas separate, except between the angle brackets of a generic name.
    private static List<string> SplitList(string text)
    {
        var result = new List<string>();
        int depth = 0;
        int start = 0;
        for (int i = 0; i < text.Length; i++)
        {
            depth += text[i] switch { '<' => 1, '>' => -1, _ => 0 };
            if (text[i] == ',' && depth == 0)
            {
                result.Add(text[start..i]);
                start = i + 1;
            }
        }

        result.Add(text[start..]);
        return result;
    }
}
