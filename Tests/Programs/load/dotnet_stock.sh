# The stock .NET runtime with a .dll: it compiles while it runs.
dotnet /tests/load/dotnetload.dll hello
dotnet /tests/load/dotnetload.dll exceptions files gc processes signals tasks threads timers
