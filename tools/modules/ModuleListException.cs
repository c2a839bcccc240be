using System;

namespace CosmosKernel.Tools.Modules;

/// <summary>Something is wrong with a list of modules or with a module; the message says where.</summary>
internal sealed class ModuleListException(string message) : Exception(message);
