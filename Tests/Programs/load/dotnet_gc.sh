# The collector of the stock runtime as servers use it, with a heap and a thread a CPU; and without its concurrent thread.
DOTNET_gcServer=1 dotnet /tests/load/dotnetload.dll gc
DOTNET_gcConcurrent=0 dotnet /tests/load/dotnetload.dll gc
