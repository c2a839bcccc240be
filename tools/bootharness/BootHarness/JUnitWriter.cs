using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Xml;

namespace CosmosKernel.BootHarness;

/// <summary>
/// Writes the result of a boot as JUnit XML: a test case for each in-kernel test, and one named <c>boot.machine</c> for the
/// boot itself when it did not end as it should, or when there was no test in it.
/// </summary>
public static class JUnitWriter
{
    /// <summary>Writes the file, making its folder.</summary>
    /// <param name="path">The file.</param>
    /// <param name="suite">Name of the suite, for example the machine's configuration.</param>
    /// <param name="result">The boot.</param>
    public static void Write(string path, string suite, BootResult result)
    {
        ArgumentNullException.ThrowIfNull(path);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        using FileStream stream = new(path, FileMode.Create, FileAccess.Write);
        Write(stream, suite, result);
    }

    /// <summary>Writes to a stream.</summary>
    public static void Write(Stream stream, string suite, BootResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        using XmlWriter xml = XmlWriter.Create(stream, new XmlWriterSettings { Indent = true, Encoding = new UTF8Encoding(false) });
        bool machineFailed = !result.Succeeded && result.Verdict != Verdict.TestsFailed;
        bool machineCase = machineFailed || result.Tests.Count == 0;
        int failures = result.Count(TestOutcome.Failed) + result.Count(TestOutcome.Missing) + (machineFailed ? 1 : 0);
        xml.WriteStartElement("testsuites");
        xml.WriteStartElement("testsuite");
        xml.WriteAttributeString("name", Clean(suite));
        xml.WriteAttributeString("tests", Number(result.Tests.Count + (machineCase ? 1 : 0)));
        xml.WriteAttributeString("failures", Number(failures));
        xml.WriteAttributeString("errors", "0");
        xml.WriteAttributeString("skipped", Number(result.Count(TestOutcome.Skipped)));
        xml.WriteAttributeString("time", Seconds(result.Duration));
        WriteFigures(xml, result);
        foreach (TestResult test in result.Tests)
        {
            WriteTest(xml, test);
        }

        if (machineCase)
        {
            xml.WriteStartElement("testcase");
            xml.WriteAttributeString("classname", "boot");
            xml.WriteAttributeString("name", "machine");
            xml.WriteAttributeString("time", Seconds(result.Duration));
            if (machineFailed)
            {
                WriteFailure(xml, BootResult.VerdictName(result.Verdict), result.Reason, result.Explain());
            }

            xml.WriteEndElement();
        }

        xml.WriteElementString("system-out", Clean(result.CommandLine + (result.LogPath is null ? "" : "\nFull log: " + result.LogPath)));
        xml.WriteEndElement();
        xml.WriteEndElement();
    }

    private static void WriteFigures(XmlWriter xml, BootResult result)
    {
        if (result.Figures.Count == 0)
        {
            return;
        }

        xml.WriteStartElement("properties");
        foreach (Figure figure in result.Figures)
        {
            xml.WriteStartElement("property");
            xml.WriteAttributeString("name", $"{figure.Name} ({Clean(figure.Unit)})");
            xml.WriteAttributeString("value", figure.Value.ToString(CultureInfo.InvariantCulture));
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static void WriteTest(XmlWriter xml, TestResult test)
    {
        int dot = test.Name.LastIndexOf('.');
        xml.WriteStartElement("testcase");
        xml.WriteAttributeString("classname", dot > 0 ? test.Name[..dot] : "kernel");
        xml.WriteAttributeString("name", dot > 0 ? test.Name[(dot + 1)..] : test.Name);
        xml.WriteAttributeString("time", Seconds(test.GuestTime > TimeSpan.Zero ? test.GuestTime : test.HostTime));
        switch (test.Outcome)
        {
            case TestOutcome.Failed:
                WriteFailure(xml, "assertion", test.Message.Split('\n')[0], test.Message);
                break;
            case TestOutcome.Missing:
                WriteFailure(xml, "missing result", test.Message, test.Message);
                break;
            case TestOutcome.Skipped:
                xml.WriteStartElement("skipped");
                xml.WriteAttributeString("message", Clean(test.Message));
                xml.WriteEndElement();
                break;
        }

        xml.WriteEndElement();
    }

    private static void WriteFailure(XmlWriter xml, string type, string message, string text)
    {
        xml.WriteStartElement("failure");
        xml.WriteAttributeString("type", type);
        xml.WriteAttributeString("message", Clean(message));
        xml.WriteString(Clean(text));
        xml.WriteEndElement();
    }

    /// <summary>XML 1.0 has no way to write most control characters and lone surrogates, and a kernel may send any.</summary>
    private static string Clean(string text) => string.Concat(text.EnumerateRunes().Select(rune =>
        rune.Value is '\t' or '\n' or '\r' or (>= 0x20 and not 0xFFFE and not 0xFFFF) ? rune.ToString() : "\uFFFD"));

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.000000", CultureInfo.InvariantCulture);

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
