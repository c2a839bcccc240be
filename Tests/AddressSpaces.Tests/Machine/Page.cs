using System;

namespace CosmosKernel.Memory.User;

/// <summary>The kernel's Page over an array of the host.</summary>
public readonly struct Page : IEquatable<Page>
{
    public const int Size = 4096;

    private static readonly HostFrame s_zero = new();

    private readonly HostFrame? _frame;

    private Page(HostFrame frame) => _frame = frame;

    public static Page Zero => new(s_zero);

    public bool IsNull => _frame is null;

    public bool IsZero => ReferenceEquals(_frame, s_zero);

    public int References => IsZero ? int.MaxValue : _frame!.References;

    public int UnpinnedReferences => IsZero ? int.MaxValue : _frame!.References - _frame.Pins;

    public bool IsPinned => !IsZero && _frame!.Pins > 0;

    /// <summary>Runs once, at the moment at which the next write to a page begins: what another task does then.</summary>
    public static Action? BeforeWrite { get; set; }

    public static bool TryAllocate(out Page page, bool cleared = true, bool fromReserve = false)
    {
        page = default;
        if (!HostFrame.TryTake())
        {
            return false;
        }

        page = new Page(new HostFrame { References = 1 });
        if (!cleared)
        {
            page._frame!.Bytes.AsSpan().Fill(0xA5);
        }

        return true;
    }

    public void AddReference()
    {
        if (!IsZero)
        {
            _frame!.References++;
        }
    }

    public void Pin()
    {
        AddReference();
        _frame!.Pins++;
    }

    public void Unpin()
    {
        _frame!.Pins--;
        Release();
    }

    public void Release()
    {
        if (IsZero)
        {
            return;
        }

        if (_frame!.References <= 0)
        {
            throw new InvalidOperationException("A page was released more often than it was referenced.");
        }

        if (--_frame.References == 0)
        {
            HostFrame.GiveBack();
        }
    }

    public void Read(int offset, Span<byte> to) => _frame!.Bytes.AsSpan(offset, to.Length).CopyTo(to);

    public void Write(int offset, ReadOnlySpan<byte> from)
    {
        if (IsZero)
        {
            throw new InvalidOperationException("The zero page was written.");
        }

        Action? other = BeforeWrite;
        BeforeWrite = null;
        other?.Invoke();

        from.CopyTo(_frame!.Bytes.AsSpan(offset));
    }

    public void CopyFrom(Page other) => other._frame!.Bytes.CopyTo(_frame!.Bytes, 0);

    public bool Equals(Page other) => ReferenceEquals(_frame, other._frame);

    public override bool Equals(object? obj) => obj is Page other && Equals(other);

    public override int GetHashCode() => _frame?.GetHashCode() ?? 0;

    public static bool operator ==(Page left, Page right) => left.Equals(right);

    public static bool operator !=(Page left, Page right) => !left.Equals(right);
}
