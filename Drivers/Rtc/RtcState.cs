namespace CosmosKernel.Drivers.Rtc;

/// <summary>What is set at the clock.</summary>
/// <param name="Enabled">Interrupts that are on.</param>
/// <param name="Hertz">Rate of the periodic one.</param>
/// <param name="Alarm">When the alarm is due, in seconds since 1970; -1 when none was set.</param>
/// <param name="AlarmOfDay">The alarm as the chip holds it.</param>
/// <param name="IsBinary">The chip counts in binary, not BCD.</param>
/// <param name="Is24Hour">It counts hours to 24.</param>
/// <param name="BatteryIsGood">The battery has kept the time.</param>
internal readonly record struct RtcState(RtcInterrupts Enabled, int Hertz, long Alarm, (int Hour, int Minute, int Second) AlarmOfDay, bool IsBinary, bool Is24Hour, bool BatteryIsGood);
