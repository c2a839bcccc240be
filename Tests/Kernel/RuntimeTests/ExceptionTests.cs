using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using CosmosKernel.Modules.Testing;

namespace CosmosKernel.Tests.Runtime;

/// <summary>Throwing, catching and unwinding.</summary>
public static partial class ExceptionTests
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
