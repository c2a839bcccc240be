namespace CosmosKernel.Machine.Devices;

/// <summary>
/// Walks all functions of one PCI segment, by bus, device and function: <c>while (walk.MoveNext()) { use walk.Current; }</c>. Stores nothing, so each walk asks
/// the hardware. Task context, or boot.
/// </summary>
/// <remarks>Buses are not followed from bridge to bridge: all that may exist are asked, so that several host bridges are no special case.</remarks>
public struct PciEnumerator
{
    private const int DevicesOfBus = 32;
    private const int FunctionsOfDevice = 8;
    private const int HeaderTypeOffset = 0x0E;
    private const byte HasManyFunctions = 0x80;

    private readonly ushort _segment;
    private readonly int _lastBus;
    private int _bus;
    private int _device;
    private int _function;
    private bool _manyFunctions;
    private PciFunction _current;

    /// <summary>Starts a walk. A segment that does not exist has no functions.</summary>
    public PciEnumerator(ushort segment)
    {
        _segment = segment;
        _lastBus = PciConfiguration.LastBus(segment);
        _function = -1;
    }

    /// <summary>The function that the walk stands on.</summary>
    public readonly PciFunction Current => _current;

    /// <summary>Goes to the next function; false at the end.</summary>
    public bool MoveNext()
    {
        while (Advance())
        {
            PciAddress address = new(_segment, (byte)_bus, (byte)_device, (byte)_function);
            bool exists = PciFunction.TryRead(address, out PciFunction function);
            if (_function == 0)
            {
                _manyFunctions = exists && (PciConfiguration.Read8(address, HeaderTypeOffset) & HasManyFunctions) != 0;
            }

            if (exists)
            {
                _current = function;
                return true;
            }
        }

        return false;
    }

    private bool Advance()
    {
        _function++;
        if (_function == FunctionsOfDevice || (_function == 1 && !_manyFunctions))
        {
            _function = 0;
            _device++;
        }

        if (_device == DevicesOfBus)
        {
            _device = 0;
            _bus++;
        }

        return _bus <= _lastBus;
    }
}
