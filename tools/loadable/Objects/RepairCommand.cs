using System.CommandLine;
using System.IO;

namespace CosmosKernel.Tools.Loadable.Objects;

/// <summary><c>loadable repair</c>: see <see cref="MethodDataRepair"/>.</summary>
internal static class RepairCommand
{
    /// <summary>Describes the command line.</summary>
    public static Command Create()
    {
        var code = new Option<FileInfo>("--object") { Description = "ILC's object, which is changed", Required = true };
        var statistics = new Option<FileInfo>("--mstat") { Description = "ILC's size statistics of the same compilation", Required = true };
        var command = new Command("repair", "Puts the symbols of methods' data where the data is") { code, statistics };
        command.SetAction(arguments =>
        {
            MethodDataRepair.Repair(arguments.GetValue(code)!.FullName, arguments.GetValue(statistics)!.FullName);
            return 0;
        });
        return command;
    }
}
