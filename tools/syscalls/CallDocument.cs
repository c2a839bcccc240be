using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace CosmosKernel.Tools.Syscalls;

/// <summary>The page of system calls.</summary>
internal static class CallDocument
{
    /// <summary>The whole page.</summary>
    /// <param name="calls">What the kernel has.</param>
    public static string Write(IReadOnlyList<CallEntry> calls)
    {
        IReadOnlyDictionary<int, string> names = CallSources.ReadNames();
        Dictionary<int, CallEntry> byNumber = calls.ToDictionary(call => call.Number);
        int all = calls.Count(call => call.Support == "All");
        StringBuilder text = new();
        text.Append("# System calls\n\n");
        text.Append("Made by `make syscalls` from the attributes in `Kernel/Syscalls`; a test compares. [Adding a system call](adding-a-system-call.md) says how one is written.\n\n");
        text.Append("*all*: everything that the call can be asked for works. *some*: what the last column names does not, and gives the error that the interface has for it. *none*: `ENOSYS`.\n\n");
        text.Append(CultureInfo.InvariantCulture, $"{all} work whole, {calls.Count - all} in part, {names.Count - calls.Count} not at all, of {names.Count} that Linux has on x86-64.\n\n");
        text.Append("| number | name | works | what is missing |\n|---:|---|---|---|\n");
        foreach ((int number, string name) in names.OrderBy(pair => pair.Key))
        {
            CallEntry? call = byNumber.GetValueOrDefault(number);
            string shown = call is null ? $"`{name}`" : $"[`{name}`](../{call.Place})";
            string works = call?.Support switch
            {
                null => "none",
                "All" => "all",
                _ => "some",
            };
            text.Append(CultureInfo.InvariantCulture, $"| {number} | {shown} | {works} | {call?.Missing.Replace("|", "\\|")} |\n");
        }

        return text.ToString();
    }
}
