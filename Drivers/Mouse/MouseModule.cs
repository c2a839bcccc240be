using CosmosKernel.Drivers.Ps2;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Input;

namespace CosmosKernel.Drivers.Mouse;

/// <summary>The PS/2 mouse as an input device.</summary>
[Module("mouse", Description = "PS/2 mouse", License = "MIT", Author = "CosmosKernel", DependsOn = ["ps2"])]
public sealed class MouseModule : KernelModule
{
    /// <summary>The best protocol to try.</summary>
    [ModuleParameter("protocol: bare, imps or exps")]
    [Immutable]
    public string Proto { get; set; } = "exps";

    /// <summary>Packets a second.</summary>
    [ModuleParameter("packets a second", Minimum = 10, Maximum = 200)]
    [Immutable]
    public int Rate { get; set; } = 100;

    /// <inheritdoc/>
    [MightSleep]
    public override void Start(ModuleContext context)
    {
        if (Ps2Controller.Instance?.SecondPort is not { } port)
        {
            context.Log.Info("no mouse port");
            return;
        }

        MouseProtocol most = MouseProtocol.FiveButtons;
        switch (Proto)
        {
            case "bare":
                most = MouseProtocol.Standard;
                break;
            case "imps":
                most = MouseProtocol.Wheel;
                break;
            case "exps":
                break;
            default:
                context.Log.Warning($"there is no protocol '{Proto}' (bare, imps, exps); using exps");
                break;
        }

        if (MouseDevice.TryStart(port, most, Rate, out MouseDevice? device) is { } problem)
        {
            context.Log.Info(problem);
            return;
        }

        context.Own(device!);
        context.AddInputDevice(device!);
        context.Log.Info(device!.Name);
    }
}
