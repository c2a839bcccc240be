using System;
using System.Collections.Generic;
using System.Globalization;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules;

namespace ModuleFigures;

/// <summary>
/// What a module's calls cost, its own and those between it and the kernel: the same source built into a kernel and loaded into one, side by side by <c>tools/build/bench-modules.sh</c>. Each figure is the
/// median of several rounds with the loop around it taken off; with QEMU's <c>-icount shift=0,sleep=off</c> a nanosecond is an instruction.
/// </summary>
[Module("module_figures", Description = "Costs of a module's calls", License = "MIT", Author = "CosmosKernel")]
public sealed class ModuleFiguresModule : KernelModule
{
    private const int Rounds = 9;

    /// <summary>Which of two classes the calls are made on: known at run time only, so that no call is bound before.</summary>
    [ModuleParameter("which class: 0 or 1", Minimum = 0, Maximum = 1)]
    public int Kind { get; set; }

    /// <inheritdoc/>
    public override void Start(ModuleContext context)
    {
        Shape shape = Kind == 0 ? new Circle() : new Square();
        double loop = Measure(Loops.Empty, shape);
        Report("static method of the module", Measure(Loops.Direct, shape) - loop);
        Report("virtual method of the module", Measure(Loops.Virtual, shape) - loop);
        Report("interface of the framework on an object of the module", Measure(Loops.Interface, shape) - loop);
        Report("delegate to a method of the module", Measure(Loops.Delegate, shape) - loop);
        Report("the framework calls a delegate of the module", Measure(Loops.Called, shape) - loop);
        Report("property of the kernel: the monotonic clock", Measure(Loops.Clock, shape) - loop);
        Report("spin lock of the kernel, taken and released", Measure(Loops.Lock, shape) - loop);
        Report("object of the module, 24 bytes", Measure(Loops.Create, shape) - loop);

        void Report(string what, double cost) => context.Log.Info($"figure {cost.ToString("0.0", CultureInfo.InvariantCulture)} {what}");
    }

    private static double Measure(Action<Shape, int> loop, Shape shape)
    {
        const int times = 10_000;
        double[] costs = new double[Rounds];
        loop(shape, times);
        for (int i = 0; i < Rounds; i++)
        {
            ulong start = Clock.MonotonicNanoseconds;
            loop(shape, times);
            costs[i] = (Clock.MonotonicNanoseconds - start) / (double)times;
        }

        Array.Sort(costs);
        return costs[Rounds / 2];
    }
}
