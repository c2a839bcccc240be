using System;
using System.Globalization;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Log;

namespace Cosmos.Debug.Kernel;

/// <summary>
/// Messages to whoever debugs the kernel. They go to the kernel log at level debug: <c>dmesg</c> shows them, and the console when the boot option <c>loglevel=7</c> is
/// given. Task context.
/// </summary>
public class Debugger
{
    /// <summary>A debugger whose messages begin with a section's name.</summary>
    /// <param name="section">The name; empty for none.</param>
    public Debugger(string section)
    {
        ArgumentNullException.ThrowIfNull(section);
        Section = section;
    }

    /// <summary>The section's name.</summary>
    public string Section { get; }

    /// <summary>Stops in an attached debugger. None can be attached in Cosmos's way (gdb is, through QEMU), so nothing happens, as in Cosmos without one.</summary>
    public void Break()
    {
    }

    /// <summary>Sends a text.</summary>
    [MightSleep]
    public void Send(string text) => SendInternal(text);

    /// <summary>Sends texts as one message.</summary>
    [MightSleep]
    public void Send(string[] stringArray) => SendInternal(stringArray);

    /// <summary>Sends a number.</summary>
    [MightSleep]
    public void SendNumber(uint number) => SendInternal(number);

    /// <summary>Sends a number.</summary>
    [MightSleep]
    public void SendNumber(int number) => SendInternal(number);

    /// <summary>Sends a number.</summary>
    [MightSleep]
    public void SendNumber(ulong number) => SendInternal(number);

    /// <summary>Sends a number.</summary>
    [MightSleep]
    public void SendNumber(long number) => SendInternal(number);

    /// <summary>Sends a number.</summary>
    [MightSleep]
    public void SendNumber(float number) => SendInternal(number);

    /// <summary>Sends a number.</summary>
    [MightSleep]
    public void SendNumber(double number) => SendInternal(number);

    /// <summary>Sends a text and marks it as important.</summary>
    [MightSleep]
    public void SendMessageBox(string text) => KernelLog.Warning(Prefixed(text));

    /// <summary>What <see cref="Send(string)"/> does.</summary>
    [MightSleep]
    public virtual void SendInternal(string text) => KernelLog.Debug(Prefixed(text));

    /// <summary>What <see cref="Send(string[])"/> does.</summary>
    [MightSleep]
    public virtual void SendInternal(string[] stringArray) => SendInternal(string.Concat(stringArray));

    /// <summary>What <see cref="SendNumber(uint)"/> does.</summary>
    [MightSleep]
    public virtual void SendInternal(uint number) => SendInternal(number.ToString(CultureInfo.InvariantCulture));

    /// <summary>What <see cref="SendNumber(int)"/> does.</summary>
    [MightSleep]
    public virtual void SendInternal(int number) => SendInternal(number.ToString(CultureInfo.InvariantCulture));

    /// <summary>What <see cref="SendNumber(ulong)"/> does.</summary>
    [MightSleep]
    public virtual void SendInternal(ulong number) => SendInternal(number.ToString(CultureInfo.InvariantCulture));

    /// <summary>What <see cref="SendNumber(long)"/> does.</summary>
    [MightSleep]
    public virtual void SendInternal(long number) => SendInternal(number.ToString(CultureInfo.InvariantCulture));

    /// <summary>What <see cref="SendNumber(float)"/> does.</summary>
    [MightSleep]
    public virtual void SendInternal(float number) => SendInternal(number.ToString(CultureInfo.InvariantCulture));

    /// <summary>What <see cref="SendNumber(double)"/> does.</summary>
    [MightSleep]
    public virtual void SendInternal(double number) => SendInternal(number.ToString(CultureInfo.InvariantCulture));

    private string Prefixed(string text) => Section.Length == 0 ? text : $"{Section}: {text}";
}
