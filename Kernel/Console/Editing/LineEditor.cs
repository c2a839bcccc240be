using System;
using System.Collections.Generic;
using System.Text;
using CosmosKernel.Console.Text;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Commands;

namespace CosmosKernel.Console.Editing;

/// <summary>What a key did to a line that is being edited.</summary>
public enum EditState
{
    /// <summary>The line goes on.</summary>
    Editing,

    /// <summary>Return was pressed.</summary>
    Done,

    /// <summary>Ctrl-C was pressed: the line is given up.</summary>
    Abandoned,
}

/// <summary>
/// Edits a line with the keys that shells have (readline's Emacs mode): arrows, Home, End, Delete, Ctrl-A B D E F K L U W Y, Alt-B D F, history with up, down, Ctrl-N, Ctrl-P
/// and search with Ctrl-R, completion with Tab. Makes the bytes to write; reads and writes nothing itself.
/// </summary>
[Owned]
public sealed class LineEditor
{
    private readonly History _history;
    private readonly Completer _completer;
    private readonly string _prompt;
    private readonly int _promptColumns;
    private readonly LineBuffer _line = new();
    private readonly LinePainter _painter = new();
    private int _historyPlace;
    private string _draft = "";
    private string? _search;
    private int _found;

    /// <summary>Makes an editor.</summary>
    /// <param name="prompt">Text before the line.</param>
    /// <param name="style">Its style, one of <see cref="Ansi"/>; the last two characters are plain.</param>
    /// <param name="history">Lines to choose from; the entered ones are added.</param>
    /// <param name="completer">What Tab offers.</param>
    public LineEditor(string prompt, string style, History history, Completer completer)
    {
        _prompt = Ansi.Style(style, prompt[..^2]) + prompt[^2..];
        _promptColumns = TextWidth.Of(prompt);
        _history = history;
        _completer = completer;
    }

    /// <summary>The line as it is now.</summary>
    public string Text => _line.Text;

    /// <summary>What shows the line and its cursor again in an empty row.</summary>
    public string Row => _painter.Row;

    /// <summary>Columns of the terminal.</summary>
    public int Columns { get; set; } = 80;

    /// <summary>Begins an empty line in the first column of a row.</summary>
    /// <returns>What to write.</returns>
    public string Begin()
    {
        _line.Set("");
        _historyPlace = _history.Count;
        _draft = "";
        _search = null;
        return Redraw();
    }

    /// <summary>Shows the line again, in a row of its own.</summary>
    /// <returns>What to write.</returns>
    public string Redraw()
    {
        _painter.Forget();
        var output = new StringBuilder();
        Paint(output);
        return output.ToString();
    }

    /// <summary>Takes a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="output">What to write.</param>
    public EditState Process(Key key, out string output)
    {
        var text = new StringBuilder();
        EditState state = _search is null || !ProcessSearch(key) ? ProcessKey(key, text) : EditState.Editing;
        if (state == EditState.Editing)
        {
            Paint(text);
        }

        output = text.ToString();
        return state;
    }

    private EditState ProcessKey(Key key, StringBuilder output)
    {
        switch (key.Code)
        {
            case KeyCode.Enter:
                Paint(output);
                _painter.End(output);
                _history.Add(Text);
                return EditState.Done;
            case KeyCode.Control when key.IsControl('C'):
                Paint(output);
                _line.MoveTo(int.MaxValue);
                Paint(output);
                output.Append("^C");
                _painter.End(output);
                return EditState.Abandoned;
            case KeyCode.Tab:
                Complete(output);
                break;
            case KeyCode.Control when key.IsControl('L'):
                output.Append(Ansi.ClearScreen);
                _painter.Forget();
                break;
            case KeyCode.Control when key.IsControl('R'):
                _search = "";
                _found = _history.Count;
                _draft = Text;
                break;
            default:
                Edit(key);
                break;
        }

        return EditState.Editing;
    }

    private void Edit(Key key)
    {
        switch (key.Code)
        {
            case KeyCode.Character:
                _line.Insert(key.Character);
                break;
            case KeyCode.Backspace:
                _line.Delete(_line.Left(), keep: false);
                break;
            case KeyCode.Delete:
                _line.Delete(_line.Right(), keep: false);
                break;
            case KeyCode.Left:
                _line.MoveTo(_line.Left());
                break;
            case KeyCode.Right:
                _line.MoveTo(_line.Right());
                break;
            case KeyCode.WordLeft:
                _line.MoveTo(_line.WordLeft());
                break;
            case KeyCode.WordRight:
                _line.MoveTo(_line.WordRight());
                break;
            case KeyCode.Home:
                _line.MoveTo(0);
                break;
            case KeyCode.End:
                _line.MoveTo(int.MaxValue);
                break;
            case KeyCode.Up:
                Recall(_historyPlace - 1);
                break;
            case KeyCode.Down:
                Recall(_historyPlace + 1);
                break;
            case KeyCode.Control:
                EditControl((char)key.Character.Value);
                break;
            case KeyCode.Alt:
                EditAlt((char)key.Character.Value);
                break;
        }
    }

    private void EditControl(char letter)
    {
        switch (letter)
        {
            case 'A':
                _line.MoveTo(0);
                break;
            case 'B':
                _line.MoveTo(_line.Left());
                break;
            case 'D':
                _line.Delete(_line.Right(), keep: false);
                break;
            case 'E':
                _line.MoveTo(int.MaxValue);
                break;
            case 'F':
                _line.MoveTo(_line.Right());
                break;
            case 'K':
                _line.Delete(_line.Runes.Count, keep: true);
                break;
            case 'N':
                Recall(_historyPlace + 1);
                break;
            case 'P':
                Recall(_historyPlace - 1);
                break;
            case 'U':
                _line.Delete(0, keep: true);
                break;
            case 'W':
                _line.Delete(_line.ArgumentLeft(), keep: true);
                break;
            case 'Y':
                _line.Insert(_line.Killed);
                break;
        }
    }

    private void EditAlt(char letter)
    {
        switch (letter)
        {
            case 'b':
                _line.MoveTo(_line.WordLeft());
                break;
            case 'd':
                _line.Delete(_line.WordRight(), keep: true);
                break;
            case 'f':
                _line.MoveTo(_line.WordRight());
                break;
        }
    }

    // Behind the newest line of the history is the line that was being typed.
    private void Recall(int place)
    {
        if (place < 0 || place > _history.Count)
        {
            return;
        }

        if (_historyPlace == _history.Count)
        {
            _draft = Text;
        }

        _historyPlace = place;
        _line.Set(place == _history.Count ? _draft : _history[place]);
    }

    // True when the key belonged to the search; any other key ends it, keeps what was found, and does what it always does.
    private bool ProcessSearch(Key key)
    {
        switch (key.Code)
        {
            case KeyCode.Character:
                Search(_search + key.Character, _found + 1);
                return true;
            case KeyCode.Backspace:
                var shorter = new StringBuilder();
                foreach (Rune rune in _search!.EnumerateRunes())
                {
                    shorter.Append(rune.ToString());
                }

                if (shorter.Length > 0)
                {
                    shorter.Length -= char.IsLowSurrogate(shorter[^1]) ? 2 : 1;
                }

                Search(shorter.ToString(), _history.Count);
                return true;
            case KeyCode.Control when key.IsControl('R'):
                Search(_search!, _found);
                return true;
            case KeyCode.Escape:
                _search = null;
                return true;
            case KeyCode.Control when key.IsControl('G'):
                _search = null;
                _line.Set(_draft);
                return true;
            default:
                _search = null;
                _historyPlace = _found < _history.Count ? _found : _history.Count;
                return false;
        }
    }

    private void Search(string text, int below)
    {
        _search = text;
        int found = text.Length == 0 ? -1 : _history.FindBackwards(text, below);
        if (found >= 0)
        {
            _found = found;
            _line.Set(_history[found]);
        }
    }

    private void Complete(StringBuilder output)
    {
        string before = _line.TextBeforeCursor;
        List<string> candidates = _completer.Complete(before, out int start);
        if (candidates.Count == 0)
        {
            output.Append('\a');
            return;
        }

        string typed = before[start..];
        string common = Completer.CommonPrefix(candidates);
        if (candidates.Count == 1)
        {
            _line.Insert(common[typed.Length..] + " ");
        }
        else if (common.Length > typed.Length)
        {
            _line.Insert(common[typed.Length..]);
        }
        else
        {
            Paint(output);
            _painter.End(output);
            output.Append(Completer.Columns(candidates, Columns));
        }
    }

    private void Paint(StringBuilder output)
    {
        if (_search is null)
        {
            _painter.Paint(output, _prompt, _promptColumns, _line, Columns);
            return;
        }

        string prompt = $"search '{_search}': ";
        _painter.Paint(output, prompt, TextWidth.Of(prompt), _line, Columns);
    }
}
