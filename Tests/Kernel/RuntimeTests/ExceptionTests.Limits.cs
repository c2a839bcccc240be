using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using CosmosKernel.Modules.Testing;

namespace CosmosKernel.Tests.Runtime;

/// <content>Exceptions in numbers, at depth, through other features, and what their traces say.</content>
public static partial class ExceptionTests
{
    [KernelTest("runtime.exception.twenty_thousand_in_a_row_are_caught")]
    public static void Many()
    {
        int caught = 0;
        for (int i = 0; i < 20_000; i++)
        {
            try
            {
                Fail("n");
            }
            catch (InvalidOperationException)
            {
                caught++;
            }
        }

        Check.Equal(20_000, caught);
    }

    [KernelTest("runtime.exception.handlers_nest_a_hundred_deep")]
    public static void NestedHandlers()
    {
        // Each level throws inside the handler of the level above it, so all dispatches are in flight at once.
        static int Level(int depth)
        {
            try
            {
                throw new InvalidOperationException();
            }
            catch (InvalidOperationException)
            {
                return depth == 0 ? 1 : 1 + Level(depth - 1);
            }
        }

        Check.Equal(101, Level(100));
    }

    [KernelTest("runtime.exception.passes_two_hundred_frames_with_finally_blocks")]
    public static void LongUnwind()
    {
        int finallyCount = 0;
        void Recurse(int depth)
        {
            try
            {
                if (depth == 0)
                {
                    throw new TimeoutException();
                }

                Recurse(depth - 1);
            }
            finally
            {
                finallyCount++;
            }
        }

        _ = Check.Throws<TimeoutException>(() => Recurse(199));
        Check.Equal(200, finallyCount);
    }

    [KernelTest("runtime.exception.local_variables_keep_their_values_across_a_catch")]
    public static void Locals()
    {
        // More live values than callee-saved registers, changed inside the try block.
        int a = Opaque(1), b = Opaque(2), c = Opaque(3), d = Opaque(4), e = Opaque(5), f = Opaque(6), g = Opaque(7), h = Opaque(8);
        double x = Opaque(9);
        string s = "s" + Opaque(10);
        for (int i = 0; i < 10; i++)
        {
            try
            {
                a++;
                x += 0.5;
                if (i % 2 == 0)
                {
                    Fail("locals");
                }

                b++;
            }
            catch (InvalidOperationException)
            {
                c += a;
            }
            finally
            {
                d += b;
            }
        }

        Check.Equal(11, a);
        Check.Equal(7, b);
        Check.Equal(3 + 2 + 4 + 6 + 8 + 10, c);
        Check.Equal(4 + 2 + 3 + 3 + 4 + 4 + 5 + 5 + 6 + 6 + 7, d);
        Check.Equal(26, e + f + g + h);
        Check.Equal(14.0, x);
        Check.Equal("s10", s);
    }

    [KernelTest("runtime.exception.crosses_interface_delegate_and_generic_calls")]
    public static void AcrossCalls()
    {
        IThrower[] throwers = [new ClassThrower(), new StructThrower()];
        foreach (IThrower thrower in throwers)
        {
            Func<int, int> viaDelegate = thrower.Throw;
            Check.Equal("7", Check.Throws<InvalidOperationException>(() => Generic(viaDelegate, 7)).Message);
        }
    }

    [KernelTest("runtime.exception.crosses_an_iterator_and_runs_its_finally_block")]
    public static void AcrossIterator()
    {
        bool disposed = false;
        IEnumerable<int> Numbers()
        {
            try
            {
                yield return 1;
                Fail("iterator");
                yield return 2;
            }
            finally
            {
                disposed = true;
            }
        }

        int sum = 0;
        _ = Check.Throws<InvalidOperationException>(() =>
        {
            foreach (int n in Numbers())
            {
                sum += n;
            }
        });
        Check.Equal(1, sum);
        Check.True(disposed);
    }

    [KernelTest("runtime.exception.a_failing_class_constructor_is_reported_each_time")]
    public static void ClassConstructor()
    {
        for (int i = 0; i < 2; i++)
        {
            TypeInitializationException e = Check.Throws<TypeInitializationException>(() => _ = Broken.Value);
            Check.Equal("broken", e.InnerException!.Message);
        }
    }

    [KernelTest("runtime.exception.the_stack_trace_names_the_methods_from_the_inside_out")]
    public static void StackTraceNames()
    {
        InvalidOperationException e = Check.Throws<InvalidOperationException>(() => Deep(2));
        string trace = e.StackTrace!;
        int fail = trace.IndexOf(nameof(Fail), StringComparison.Ordinal);
        int deep = trace.IndexOf(nameof(Deep), StringComparison.Ordinal);
        int test = trace.IndexOf(nameof(StackTraceNames), StringComparison.Ordinal);
        Check.True(fail >= 0 && deep > fail && test > deep, trace);
        int frames = 0;
        for (int at = deep; at >= 0; at = trace.IndexOf(nameof(Deep), at + 1, StringComparison.Ordinal))
        {
            frames++;
        }

        Check.Equal(3, frames, trace);
    }

    [KernelTest("runtime.exception.the_environment_tells_the_current_stack")]
    public static void EnvironmentStackTrace()
    {
        string trace = Environment.StackTrace;
        Check.True(trace.Contains(nameof(EnvironmentStackTrace)), trace);
    }

    [KernelTest("runtime.exception.the_environment_tells_the_stack_inside_a_handler")]
    public static void EnvironmentStackTraceInHandler()
    {
        string trace = "";
        try
        {
            Fail("x");
        }
        catch (InvalidOperationException)
        {
            trace = Environment.StackTrace;
        }

        Check.True(trace.Contains(nameof(EnvironmentStackTraceInHandler)), trace);
    }

    [KernelTest("runtime.exception.text_has_type_message_and_inner_exception")]
    public static void Text()
    {
        string text = new InvalidOperationException("outside", new FormatException("inside")).ToString();
        Check.True(text.Contains("System.InvalidOperationException: outside") && text.Contains("System.FormatException: inside"), text);
    }

    [KernelTest("runtime.exception.aggregates_flatten")]
    public static void Aggregate()
    {
        var e = new AggregateException(new FormatException("1"), new AggregateException(new TimeoutException("2")));
        Check.Equal(2, e.Flatten().InnerExceptions.Count);
    }
}
