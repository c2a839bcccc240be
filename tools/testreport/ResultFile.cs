using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Xml;
using System.Xml.Linq;

namespace CosmosKernel.TestReport;

/// <summary>What became of one test.</summary>
public enum Outcome
{
    /// <summary>It passed.</summary>
    Passed,

    /// <summary>It failed, or its result is not known.</summary>
    Failed,

    /// <summary>It did not run, and says why.</summary>
    Skipped,
}

/// <summary>One test of a result file.</summary>
/// <param name="Suite">The assembly, or the JUnit suite.</param>
/// <param name="Name">The test's full name.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Message">Why it failed or was skipped.</param>
public sealed record Case(string Suite, string Name, Outcome Outcome, string Message);

/// <summary>Reads result files of the two formats that the project's tests write: TRX (xunit) and JUnit XML (boots).</summary>
public static class ResultFile
{
    private static readonly XNamespace s_trx = "http://microsoft.com/schemas/VisualStudio/TeamTest/2010";

    /// <summary>The result files among files and in folders.</summary>
    /// <param name="paths">Files, taken as they are, and folders, searched for <c>.trx</c> and <c>.xml</c>.</param>
    /// <exception cref="FileNotFoundException">A path does not exist.</exception>
    public static IReadOnlyList<string> Find(IEnumerable<string> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        List<string> files = [];
        foreach (string path in paths)
        {
            if (Directory.Exists(path))
            {
                files.AddRange(Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
                    .Where(file => Path.GetExtension(file) is ".trx" or ".xml")
                    .Order(StringComparer.Ordinal));
            }
            else if (File.Exists(path))
            {
                files.Add(path);
            }
            else
            {
                throw new FileNotFoundException($"there is no '{path}'");
            }
        }

        return files;
    }

    /// <summary>Reads one file.</summary>
    /// <exception cref="InvalidDataException">It is neither of the formats, or broken: a test run that was cut short leaves such files.</exception>
    public static IReadOnlyList<Case> Read(string path)
    {
        XElement root;
        try
        {
            root = XDocument.Load(path).Root!;
        }
        catch (XmlException e)
        {
            throw new InvalidDataException($"{path}: {e.Message}");
        }

        return root.Name.LocalName switch
        {
            "TestRun" => ReadTrx(root, path),
            "testsuites" or "testsuite" => [.. root.DescendantsAndSelf("testsuite").SelectMany(ReadSuite)],
            _ => throw new InvalidDataException($"{path}: '{root.Name.LocalName}' is neither a TRX nor a JUnit file"),
        };
    }

    private static List<Case> ReadTrx(XElement root, string path)
    {
        string suite = Path.GetFileNameWithoutExtension(path);
        List<Case> cases = [];
        foreach (XElement result in root.Descendants(s_trx + "UnitTestResult"))
        {
            XElement? error = result.Descendants(s_trx + "ErrorInfo").FirstOrDefault();
            cases.Add(new Case(
                suite,
                (string?)result.Attribute("testName") ?? "?",
                (string?)result.Attribute("outcome") switch
                {
                    "Passed" => Outcome.Passed,
                    "NotExecuted" => Outcome.Skipped,
                    _ => Outcome.Failed,
                },
                (string?)error?.Element(s_trx + "Message") ?? ""));
        }

        // A crash of the test host is an outcome of the run and of no test.
        string outcome = (string?)root.Element(s_trx + "ResultSummary")?.Attribute("outcome") ?? "missing";
        if (outcome is not ("Completed" or "Passed" or "Failed") || (outcome == "Failed" && cases.All(test => test.Outcome != Outcome.Failed)))
        {
            string text = string.Join('\n', root.Descendants(s_trx + "RunInfo").Select(info => info.Value.Trim()));
            cases.Add(new Case(suite, "the test run itself", Outcome.Failed, $"{outcome} {text}"));
        }

        return cases;
    }

    private static IEnumerable<Case> ReadSuite(XElement suite)
    {
        string name = (string?)suite.Attribute("name") ?? "?";
        foreach (XElement test in suite.Elements("testcase"))
        {
            XElement? failure = test.Element("failure") ?? test.Element("error");
            XElement? skipped = test.Element("skipped");
            yield return new Case(
                name,
                $"{(string?)test.Attribute("classname")}.{(string?)test.Attribute("name")}",
                failure is not null ? Outcome.Failed : skipped is not null ? Outcome.Skipped : Outcome.Passed,
                failure is not null ? failure.Value : (string?)skipped?.Attribute("message") ?? "");
        }
    }
}
