using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using CosmosKernel.Modules.Testing;

namespace CosmosKernel.Tests.Runtime;

/// <summary>Throwing, catching and unwinding.</summary>
public static class ExceptionTests
{
    private interface IThrower
    {
        int Throw(int value);
    }

    [KernelTest("runtime.exception.a_handler_gets_the_exception_that_was_thrown")]
    public static void Caught()
    {
        var thrown = new InvalidOperationException("x");
        try
        {
            throw thrown;
        }
        catch (InvalidOperationException caught)
        {
            Check.True(ReferenceEquals(thrown, caught));
        }
    }

    [KernelTest("runtime.exception.the_innermost_matching_handler_wins")]
    public static void Innermost()
    {
        var log = new List<string>();
        try
        {
            try
            {
                try
                {
                    throw new ArgumentNullException("p");
                }
                catch (InvalidCastException)
                {
                    log.Add("wrong type");
                }
            }
            catch (ArgumentException)
            {
                log.Add("base type");
            }
        }
        catch (Exception)
        {
            log.Add("outer");
        }

        Check.Equal("base type", string.Join(",", log));
    }

    [KernelTest("runtime.exception.finally_blocks_run_from_the_inside_out_before_the_handler")]
    public static void FinallyOrder()
    {
        var log = new List<string>();
        try
        {
            try
            {
                try
                {
                    throw new InvalidOperationException();
                }
                finally
                {
                    log.Add("inner");
                }
            }
            finally
            {
                log.Add("outer");
            }
        }
        catch (InvalidOperationException)
        {
            log.Add("handler");
        }

        Check.Equal("inner,outer,handler", string.Join(",", log));
    }

    [KernelTest("runtime.exception.filters_run_before_any_finally_block")]
    public static void FilterOrder()
    {
        var log = new List<string>();
        try
        {
            try
            {
                throw new InvalidOperationException("f");
            }
            finally
            {
                log.Add("finally");
            }
        }
        catch (InvalidOperationException e) when (Note(log, "no", e.Message == "g"))
        {
            log.Add("wrong handler");
        }
        catch (InvalidOperationException e) when (Note(log, "yes", e.Message == "f"))
        {
            log.Add("handler");
        }

        Check.Equal("no,yes,finally,handler", string.Join(",", log));
    }

    [KernelTest("runtime.exception.a_filter_that_throws_is_a_filter_that_says_no")]
    public static void FilterThrows()
    {
        int handled = 0;
        try
        {
            throw new InvalidOperationException("original");
        }
        catch (Exception) when (FilterFailure() > 0)
        {
            handled = 1;
        }
        catch (InvalidOperationException e)
        {
            handled = e.Message == "original" ? 2 : 3;
        }

        Check.Equal(2, handled);
    }

    [KernelTest("runtime.exception.rethrow_keeps_the_exception_and_its_trace")]
    public static void Rethrow()
    {
        try
        {
            try
            {
                Deep(3);
            }
            catch (InvalidOperationException)
            {
                throw;
            }
        }
        catch (InvalidOperationException e)
        {
            Check.True(e.StackTrace!.Contains(nameof(Deep)), e.StackTrace);
        }
    }

    [KernelTest("runtime.exception.a_rethrow_out_of_two_nested_handlers_reaches_the_third")]
    public static void RethrowTwice()
    {
        int steps = 0;
        try
        {
            try
            {
                try
                {
                    throw new FormatException("a");
                }
                catch (FormatException)
                {
                    steps++;
                    throw;
                }
            }
            catch (FormatException)
            {
                steps++;
                throw;
            }
        }
        catch (FormatException e)
        {
            steps++;
            Check.Equal("a", e.Message);
        }

        Check.Equal(3, steps);
    }

    [KernelTest("runtime.exception.a_throw_in_a_handler_replaces_the_exception")]
    public static void ThrowInHandler()
    {
        try
        {
            try
            {
                throw new InvalidOperationException("first");
            }
            catch (InvalidOperationException e)
            {
                throw new FormatException("second", e);
            }
        }
        catch (Exception e)
        {
            Check.Equal("second", e.Message);
            Check.Equal("first", e.InnerException!.Message);
        }
    }

    [KernelTest("runtime.exception.a_throw_in_finally_replaces_the_exception_in_flight")]
    public static void ThrowInFinally()
    {
        var log = new List<string>();
        try
        {
            try
            {
                try
                {
                    throw new InvalidOperationException("first");
                }
                finally
                {
                    log.Add("inner");
                    Fail("second");
                }
            }
            finally
            {
                log.Add("outer");
            }
        }
        catch (Exception e)
        {
            log.Add(e.Message);
        }

        Check.Equal("inner,outer,second", string.Join(",", log));
    }

    [KernelTest("runtime.exception.an_exception_caught_inside_finally_does_not_disturb_the_one_in_flight")]
    public static void CaughtInFinally()
    {
        string inner = "";
        string outer = "";
        try
        {
            try
            {
                throw new InvalidOperationException("outer");
            }
            finally
            {
                try
                {
                    Fail("inner");
                }
                catch (InvalidOperationException e)
                {
                    inner = e.Message;
                }
            }
        }
        catch (InvalidOperationException e)
        {
            outer = e.Message;
        }

        Check.Equal("inner", inner);
        Check.Equal("outer", outer);
    }

    [KernelTest("runtime.exception.survives_collections_in_filter_finally_and_handler")]
    public static void Collections()
    {
        for (int i = 0; i < 5; i++)
        {
            try
            {
                try
                {
                    throw new InvalidOperationException("number " + i, new FormatException(new string('x', 100)));
                }
                finally
                {
                    Collect();
                }
            }
            catch (InvalidOperationException e) when (Collect() && e.Message.EndsWith((char)('0' + i)))
            {
                Collect();
                Check.Equal("number " + i, e.Message);
                Check.Equal(100, e.InnerException!.Message.Length);
                Check.True(e.StackTrace!.Contains(nameof(Collections)), e.StackTrace);
            }
        }
    }

    [KernelTest("runtime.exception.frames_larger_than_a_page_are_passed")]
    public static void LargeFrames()
    {
        static int Large(int depth)
        {
            Span<int> local = stackalloc int[3000];
            local.Fill(depth);
            if (depth == 0)
            {
                Fail("large");
            }

            return Large(depth - 1) + local[depth];
        }

        Check.Equal("large", Check.Throws<InvalidOperationException>(() => Large(3)).Message);
    }

    [KernelTest("runtime.exception.finally_runs_on_return_break_and_continue")]
    public static void FinallyOnLeave()
    {
        int count = 0;
        int Leave(int how)
        {
            for (int i = 0; i < 3; i++)
            {
                try
                {
                    if (how == 0)
                    {
                        return i;
                    }

                    if (how == 1)
                    {
                        break;
                    }

                    continue;
                }
                finally
                {
                    count++;
                }
            }

            return -1;
        }

        Check.Equal(0, Leave(0));
        Check.Equal(1, count);
        Check.Equal(-1, Leave(1));
        Check.Equal(2, count);
        Check.Equal(-1, Leave(2));
        Check.Equal(5, count);
    }

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

    private static bool Note(List<string> log, string text, bool result)
    {
        log.Add(text);
        return result;
    }

    private static bool Collect()
    {
        GC.Collect();

        // Takes the place of whatever the collection wrongly freed.
        for (int i = 0; i < 100; i++)
        {
            _ = new string('y', 100);
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int FilterFailure() => throw new FormatException("in the filter");

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Opaque(int value) => value;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Fail(string message) => throw new InvalidOperationException(message);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Deep(int depth)
    {
        if (depth == 0)
        {
            Fail("deep");
        }

        return Deep(depth - 1) + 1;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static T Generic<T>(Func<T, T> function, T value) => function(value);

    private sealed class ClassThrower : IThrower
    {
        public int Throw(int value) => throw new InvalidOperationException(value.ToString());
    }

    private readonly struct StructThrower : IThrower
    {
        public int Throw(int value) => throw new InvalidOperationException(value.ToString());
    }

    private static class Broken
    {
        public static readonly int Value = Make();

        private static int Make() => throw new FormatException("broken");
    }
}
