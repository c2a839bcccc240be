using System.Text;
using CosmosKernel.Machine.Locking.Validation;

namespace CosmosKernel.Machine.Locking;

/// <summary>
/// A stretch of a test that breaks a rule of locking on purpose: reports that name one class are kept for the test, and neither printed nor counted.
/// From <see cref="LockValidator.Expect"/>; <c>using</c> ends it.
/// </summary>
public readonly ref struct LockExpectation
{
    private readonly bool _active;

    internal LockExpectation(bool active)
    {
        _active = active;
    }

    /// <summary>The text of the reports so far. Task context.</summary>
    public string Text => Encoding.ASCII.GetString(LockReport.ExpectedText);

    /// <summary>Reports of all rules so far.</summary>
    public int Total
    {
        get
        {
            int total = 0;
            for (int rule = 0; rule < (int)LockRule.Count; rule++)
            {
                total += LockReport.ExpectedCount((LockRule)rule);
            }

            return total;
        }
    }

    /// <summary>Reports of a rule so far.</summary>
    public int Count(LockRule rule) => LockReport.ExpectedCount(rule);

    /// <summary>Ends the stretch.</summary>
    public void Dispose()
    {
        if (_active)
        {
            LockReport.EndExpecting();
        }
    }
}
