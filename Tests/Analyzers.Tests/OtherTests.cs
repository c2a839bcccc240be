using Xunit;

namespace CosmosKernel.Analyzers.Tests;

/// <summary>CKL030, CKL031 and CKL040.</summary>
public sealed class OtherTests
{
    [Fact]
    public void UserAddressesStayUserAddresses() => Example.Check("""
        unsafe class Copy
        {
            [Immutable, UserAddress] private ulong _buffer;
            static void Wrong([UserAddress] ulong address) { *(byte*)address = 1; } // CKL030
            static void Offset([UserAddress] ulong address) { byte* p = (byte*)(address + 4); } // CKL030
            static void Local([UserAddress] ulong address) { ulong same = address; byte* p = (byte*)same; } // CKL030
            static void Plain(ulong address) { *(byte*)address = 1; }
            static void Gives([UserAddress] ulong address) { Plain(address); } // CKL030
            static void Passes([UserAddress] ulong address) { Inner(address + 8); }
            static void Inner([UserAddress] ulong address) { bool isNull = address == 0; }
            static void Kernel(byte* own) { Inner((ulong)own); } // CKL031
            [UserAccess("The fix-up table covers it.")] static byte Reads([UserAddress] ulong address) => *(byte*)address;
            Copy([UserAddress] ulong address) { _buffer = address; }
            ulong Difference([UserAddress] ulong a, [UserAddress] ulong b) => Size(a - b);
            static ulong Size(ulong size) => size;
        }
        """);

    [Fact]
    public void SuppressionsHaveReasons() => Example.Check("""
        class Device
        {
            #pragma warning disable CKL001 // the device owns it until its interrupt
            private int _a;
            #pragma warning restore CKL001
            // Before that it is nobody's, and after that nobody writes it.
            #pragma warning disable CKL001
            private int _b;
            #pragma warning restore CKL001
        }
        """);

    [Fact]
    public void SuppressionWithoutReason()
    {
        Assert.Equal("CKL040", Assert.Single(Example.Diagnostics("class Device\n{\n\n#pragma warning disable CKL001\n    private int _a;\n}")).Id);
        Assert.Equal("CKL040", Assert.Single(Example.Diagnostics(
            "class Device { [System.Diagnostics.CodeAnalysis.SuppressMessage(\"Locking\", \"CKL001\")] private int _a; }")).Id);
        Assert.Empty(Example.Diagnostics(
            "class Device { [System.Diagnostics.CodeAnalysis.SuppressMessage(\"Locking\", \"CKL001\", Justification = \"The device owns it.\")] private int _a; }"));
    }
}
