# A C# program as machine code (NativeAOT), all of its scenarios.
/tests/load/dotnetload exceptions files gc processes signals tasks threads timers
