using System;

namespace CosmosKernel.Tools.ApiCheck;

/// <summary>An input is wrong; the message says where.</summary>
internal sealed class ApiException(string message) : Exception(message);
