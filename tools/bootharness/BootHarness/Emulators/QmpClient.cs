using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading;
using System.Threading.Tasks;

namespace CosmosKernel.BootHarness.Emulators;

/// <summary>QEMU refused a command or went away before it answered.</summary>
internal sealed class QmpException(string message) : Exception(message);

/// <summary>The client side of the QEMU Machine Protocol: JSON objects, one a line (QEMU, "QMP Protocol Specification").</summary>
internal sealed class QmpClient : IDisposable
{
    private static readonly TimeSpan s_answerTimeout = TimeSpan.FromSeconds(20);

    private readonly Stream _stream;
    private readonly Action<string, JsonObject> _onEvent;
    private readonly Lock _lock = new();
    private readonly Dictionary<int, TaskCompletionSource<JsonNode?>> _pending = [];
    private readonly SemaphoreSlim _writing = new(1);
    private bool _closed;
    private int _lastId;

    /// <param name="stream">Connection to QEMU.</param>
    /// <param name="onEvent">Called for each event with its name and data, from a pool thread.</param>
    public QmpClient(Stream stream, Action<string, JsonObject> onEvent)
    {
        _stream = stream;
        _onEvent = onEvent;
        _ = Task.Run(ReadAsync);
    }

    /// <summary>Carries out a command and returns its answer.</summary>
    /// <exception cref="QmpException">QEMU answered with an error, not in time, or is gone.</exception>
    public async Task<JsonNode?> ExecuteAsync(string command, JsonObject? arguments, CancellationToken cancellation)
    {
        TaskCompletionSource<JsonNode?> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int id;
        lock (_lock)
        {
            if (_closed)
            {
                throw new QmpException($"{command}: the emulator is gone");
            }

            id = ++_lastId;
            _pending.Add(id, answer);
        }

        JsonObject request = new() { ["execute"] = command, ["id"] = id };
        if (arguments is not null)
        {
            request["arguments"] = arguments;
        }

        byte[] bytes = Encoding.UTF8.GetBytes(request.ToJsonString() + "\n");
        try
        {
            await _writing.WaitAsync(cancellation).ConfigureAwait(false);
            try
            {
                await _stream.WriteAsync(bytes, cancellation).ConfigureAwait(false);
            }
            finally
            {
                _writing.Release();
            }

            return await answer.Task.WaitAsync(s_answerTimeout, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or TimeoutException)
        {
            throw new QmpException($"{command}: {e.Message}");
        }
        finally
        {
            lock (_lock)
            {
                _pending.Remove(id);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stream.Dispose();
        _writing.Dispose();
    }

    private async Task ReadAsync()
    {
        using StreamReader reader = new(_stream, Encoding.UTF8, false, 4096, leaveOpen: true);
        string reason = "the emulator closed the connection";
        try
        {
            while (await reader.ReadLineAsync().ConfigureAwait(false) is { } line)
            {
                if (JsonNode.Parse(line) is JsonObject message)
                {
                    Dispatch(message);
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or JsonException)
        {
            reason = e.Message;
        }

        lock (_lock)
        {
            _closed = true;
            foreach (TaskCompletionSource<JsonNode?> answer in _pending.Values)
            {
                answer.TrySetException(new QmpException(reason));
            }

            _pending.Clear();
        }
    }

    private void Dispatch(JsonObject message)
    {
        if (message["event"] is JsonValue name)
        {
            _onEvent(name.GetValue<string>(), message["data"] as JsonObject ?? []);
            return;
        }

        TaskCompletionSource<JsonNode?>? answer;
        lock (_lock)
        {
            if (message["id"] is not JsonValue id || !_pending.Remove(id.GetValue<int>(), out answer))
            {
                return;
            }
        }

        if (message["error"] is JsonObject error)
        {
            answer.TrySetException(new QmpException(error["desc"]?.GetValue<string>() ?? error.ToJsonString()));
        }
        else
        {
            answer.TrySetResult(message["return"]);
        }
    }
}
