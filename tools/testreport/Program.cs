// Adds up the result files of all test projects and boots: testreport PATH...
// Prints each failure with its message, and "N passed, N failed" as the last line.
// Exit status 0 when tests ran and none failed, 1 otherwise, 3 for bad usage.
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using CosmosKernel.TestReport;

if (args.Length == 0 || args.Any(argument => argument.StartsWith('-')))
{
    Console.Error.WriteLine("usage: testreport PATH... (TRX and JUnit files, or folders with them)");
    return 3;
}

List<Case> cases = [];
try
{
    foreach (string file in ResultFile.Find(args))
    {
        try
        {
            cases.AddRange(ResultFile.Read(file));
        }
        catch (InvalidDataException e)
        {
            cases.Add(new Case(Path.GetFileName(file), "the result file itself", Outcome.Failed, e.Message));
        }
    }
}
catch (FileNotFoundException e)
{
    Console.Error.WriteLine($"testreport: {e.Message}");
    return 3;
}

foreach (IGrouping<string, Case> suite in cases.GroupBy(test => test.Suite))
{
    int suiteFailed = suite.Count(test => test.Outcome == Outcome.Failed);
    int suiteSkipped = suite.Count(test => test.Outcome == Outcome.Skipped);
    Console.WriteLine($"{suite.Key}: {suite.Count(test => test.Outcome == Outcome.Passed)} passed, {suiteFailed} failed"
        + (suiteSkipped > 0 ? $", {suiteSkipped} skipped" : ""));
    foreach (Case test in suite.Where(test => test.Outcome != Outcome.Passed))
    {
        Console.WriteLine($"  {(test.Outcome == Outcome.Failed ? "FAILED " : "skipped")} {test.Name}");
        foreach (string line in test.Message.Trim().Split('\n').Where(line => line.Length > 0))
        {
            Console.WriteLine($"    {line.TrimEnd()}");
        }
    }
}

int passed = cases.Count(test => test.Outcome == Outcome.Passed);
int failed = cases.Count(test => test.Outcome == Outcome.Failed);
if (passed + failed == 0)
{
    Console.WriteLine("no test ran");
}

Console.WriteLine($"{passed} passed, {failed} failed");
return failed > 0 || passed == 0 ? 1 : 0;
