using System;
using System.Collections.Generic;
using XSharp.Syntax;
using XSharp.Text;

namespace XSharp.Emit;

/// <summary>The constants of a compilation: from <c>const</c>, from constants files, and the counters of <c>repeat</c>.</summary>
public sealed class ConstantTable
{
    private readonly Dictionary<string, Expression> _constants = new(StringComparer.Ordinal);
    private readonly HashSet<string> _open = new(StringComparer.Ordinal);

    /// <summary>Defines a constant; false when it exists already.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="nameSpace">Its namespace, or an empty string.</param>
    /// <param name="value">Its value.</param>
    public bool TryDefine(string name, string nameSpace, Expression value) => _constants.TryAdd(Key(name, nameSpace), value);

    /// <summary>Gives the counter of a <c>repeat</c> its next value.</summary>
    public void SetCounter(string name, Expression value) => _constants[Key(name, "")] = value;

    /// <summary>Ends the life of a counter.</summary>
    public void RemoveCounter(string name) => _constants.Remove(Key(name, ""));

    /// <summary>True when the name is taken, in no namespace.</summary>
    public bool Contains(string name) => _constants.ContainsKey(Key(name, ""));

    /// <summary>Evaluates a constant through <paramref name="evaluate"/>; the namespace's own constant wins over one without a namespace.</summary>
    /// <exception cref="StatementException">The constant is not defined, or is defined by itself.</exception>
    public T Use<T>(ConstantExpression use, Func<Expression, T> evaluate)
    {
        string key = Key(use.Name, use.Namespace);
        if (!_constants.TryGetValue(key, out Expression? value))
        {
            key = Key(use.Name, "");
            if (!_constants.TryGetValue(key, out value))
            {
                throw new StatementException(use.Position, ErrorCode.UndefinedConstant, $"expected a defined constant, found '#{use.Name}'");
            }
        }

        if (!_open.Add(key))
        {
            throw new StatementException(use.Position, ErrorCode.CircularConstant, $"expected a value, found '#{use.Name}', which is defined by itself");
        }

        try
        {
            return evaluate(value);
        }
        finally
        {
            _open.Remove(key);
        }
    }

    private static string Key(string name, string nameSpace) => nameSpace.Length == 0 ? name : nameSpace + "." + name;
}
