using System.Collections.Generic;
using System.Globalization;
using System.Text;
using XSharp.Text;

namespace XSharp.Emit;

/// <summary>The assembler's text as it grows, each line tied to the X# line that it comes from.</summary>
public sealed class Output
{
    private readonly StringBuilder _text = new();
    private SourcePosition _position;
    private bool _marked;

    /// <summary>Says which statement the following lines belong to.</summary>
    public void At(SourcePosition position)
    {
        _marked = _marked && position.Line == _position.Line && position.File == _position.File;
        _position = position;
    }

    /// <summary>Adds an instruction or a directive.</summary>
    public void Line(string text)
    {
        if (!_marked)
        {
            _text.Append(CultureInfo.InvariantCulture, $"%line {_position.Line}+0 {_position.File}\n");
            _marked = true;
        }

        _text.Append("    ").Append(text).Append('\n');
    }

    /// <summary>Adds a label.</summary>
    public void Label(string name) => Line($"${name}:");

    /// <summary>The whole text, with the outside symbols declared first.</summary>
    public string Finish(IEnumerable<string> externs)
    {
        var whole = new StringBuilder("%use smartalign\nalignmode p6, nojmp\nbits 64\n");
        foreach (string name in externs)
        {
            whole.Append("extern $").Append(name).Append('\n');
        }

        return whole.Append(_text).ToString();
    }
}
