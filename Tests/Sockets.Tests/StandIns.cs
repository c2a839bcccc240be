using System;
using System.Collections.Generic;

namespace CosmosKernel.Memory.User
{
    /// <summary>Stands for the kernel's page: its bytes, and whether it was given back.</summary>
    public readonly struct Page(Page.Content? content) : IEquatable<Page>
    {
        public const int Size = 4096;

        /// <summary>Pages that were taken and not given back.</summary>
        public static HashSet<Content> Taken { get; } = [];

        /// <summary>How many more can be taken.</summary>
        public static int Left { get; set; } = int.MaxValue;

        public Content? Bytes { get; } = content;

        public bool IsNull => Bytes is null;

        public static bool TryAllocate(out Page page, bool cleared = true)
        {
            page = default;
            if (Left == 0)
            {
                return false;
            }

            Left--;
            page = new Page(new Content());
            return Taken.Add(page.Bytes!);
        }

        public void Release()
        {
            if (!Taken.Remove(Bytes!))
            {
                throw new InvalidOperationException("A page is given back that is not taken.");
            }
        }

        public bool Equals(Page other) => ReferenceEquals(Bytes, other.Bytes);

        public override bool Equals(object? obj) => obj is Page other && Equals(other);

        public override int GetHashCode() => Bytes?.GetHashCode() ?? 0;

        public static bool operator ==(Page left, Page right) => left.Equals(right);

        public static bool operator !=(Page left, Page right) => !left.Equals(right);

        public sealed class Content
        {
            public byte[] Data { get; } = new byte[Size];
        }
    }
}

namespace CosmosKernel.Files.Descriptors
{
    using CosmosKernel.Memory.User;

    /// <summary>Stands for what write(2) gives: bytes, of which the memory may end early.</summary>
    public ref struct DataSource(ReadOnlySpan<byte> bytes, int readable)
    {
        private ReadOnlySpan<byte> _bytes = bytes;
        private int _readable = readable;

        public int ReadPage(Page page, int offset, int count)
        {
            int done = Math.Min(Math.Min(count, _bytes.Length), _readable);
            _bytes[..done].CopyTo(page.Bytes!.Data.AsSpan(offset, count));
            _bytes = _bytes[done..];
            _readable -= done;
            return done;
        }
    }

    /// <summary>Stands for what read(2) fills.</summary>
    public ref struct DataSink(Span<byte> bytes)
    {
        private Span<byte> _bytes = bytes;

        public int WritePage(Page page, int offset, int count)
        {
            int done = Math.Min(count, _bytes.Length);
            page.Bytes!.Data.AsSpan(offset, done).CopyTo(_bytes);
            _bytes = _bytes[done..];
            return done;
        }
    }
}

namespace CosmosKernel.Files.Sockets
{
    /// <summary>Stands for a sender.</summary>
    internal sealed class UnixSocket
    {
        public int Charged { get; set; }
    }

    /// <summary>Stands for what goes with a message.</summary>
    internal sealed class MessageExtra
    {
    }
}
