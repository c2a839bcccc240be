using System.Collections.Generic;

namespace XSharp.Syntax;

/// <summary>What a parser needs from the compilation around it.</summary>
public interface IParserHost
{
    /// <summary>Reads another file; returns its statements, or nothing when this compilation has read it already.</summary>
    /// <param name="file">The token with the file's name.</param>
    IReadOnlyList<Statement> Include(Token file);

    /// <summary>Defines a constant.</summary>
    /// <param name="name">The token with its name.</param>
    /// <param name="nameSpace">The namespace in force, or an empty string.</param>
    /// <param name="value">Its value.</param>
    void DefineConstant(Token name, string nameSpace, Expression value);
}
