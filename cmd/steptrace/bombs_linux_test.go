package main

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"
)

const (
	exportTraces = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
	bombBound    = 400 << 20 // of the process, of which 75 MB are the program itself
)

// zeros decompresses to so many times 10 MB, and is made of as many parts of its own: compressing it as one would take
// long.
func zeros(t *testing.T, times int, compressor func(io.Writer) (io.WriteCloser, error)) []byte {
	t.Helper()
	var part bytes.Buffer
	w, err := compressor(&part)
	require.NoError(t, err)
	_, err = w.Write(make([]byte, 10_000_000))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return bytes.Repeat(part.Bytes(), times)
}

func gzipped(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil }
func zstded(w io.Writer) (io.WriteCloser, error)  { return zstd.NewWriter(w) }

// nesting is a request with an attribute of arrays in arrays, as many as go into the size.
func nesting(size int) []byte {
	text := make([]byte, size)
	at := size
	put := func(tag byte) {
		length := protowire.AppendVarint(nil, uint64(size-at))
		at -= copy(text[at-len(length):], length) + 1
		text[at] = tag
	}
	for at > 100 {
		put(0x0a) // ArrayValue.values
		put(0x2a) // AnyValue.array_value
	}
	put(0x12) // KeyValue.value
	put(0x0a) // Resource.attributes
	put(0x0a) // ResourceSpans.resource
	put(0x0a) // ExportTraceServiceRequest.resource_spans
	return text[at:]
}

// hollow is a request of so many spans with nothing in them, of two bytes each.
func hollow(spans int) []byte {
	scope := protowire.AppendBytes([]byte{0x12}, bytes.Repeat([]byte{0x12, 0}, spans))
	return protowire.AppendBytes([]byte{0x0a}, scope)
}

func zip(t *testing.T, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write(data)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

// bare runs a collector that takes OTLP and drops it.
func bare(t *testing.T) (web, rpc string, pid int) {
	t.Helper()
	web, rpc = freeAddress(t), freeAddress(t)
	health := freeAddress(t)
	config := filepath.Join(t.TempDir(), "collector.yaml")
	require.NoError(t, os.WriteFile(config, fmt.Appendf(nil, `
receivers: {otlp: {protocols: {http: {endpoint: %q}, grpc: {endpoint: %q}}}}
exporters: {debug: {}}
extensions: {health_check: {endpoint: %q}}
service:
  extensions: [health_check]
  telemetry: {metrics: {level: none}}
  pipelines: {traces: {receivers: [otlp], exporters: [debug]}}
`, web, rpc, health), 0o600))
	cmd := start(t, nil, "collector", "--config", config)
	awaitHealthy(t, "http://"+health)
	return "http://" + web, "http://" + rpc, cmd.Process.Pid
}

// Small requests that want to become gigabytes, or to overflow the stack, are refused within bounded memory, and the
// process goes on.
func TestBombsAreRefused(t *testing.T) {
	web, rpc, pid := bare(t)
	before := peak(t, pid)
	deep, shallow := nesting(20_000_000), nesting(4_000_000)
	for _, c := range []struct {
		name, encoding string
		body           []byte
		status         int
	}{
		{"gzip", "gzip", zeros(t, 1000, gzipped), http.StatusRequestEntityTooLarge},
		{"zstd", "zstd", zeros(t, 1000, zstded), http.StatusRequestEntityTooLarge},
		{"nesting", "", deep, http.StatusBadRequest},
		{"nesting, zipped", "gzip", zip(t, deep), http.StatusBadRequest},
		{"spans of nothing", "gzip", zip(t, hollow(9_900_000)), http.StatusRequestEntityTooLarge},
	} {
		t.Run("HTTP "+c.name, func(t *testing.T) {
			require.Equal(t, c.status, postBomb(t, web, c.encoding, c.body))
		})
	}
	for _, c := range []struct {
		name, encoding string
		body           []byte
		code           int
	}{
		{"gzip", "gzip", zeros(t, 400, gzipped), 8},
		{"zstd", "zstd", zeros(t, 1000, zstded), 8},
		{"nesting", "identity", shallow, 3},
		{"nesting, zipped", "gzip", zip(t, shallow), 3},
		{"spans of nothing", "gzip", zip(t, hollow(2_000_000)), 8},
	} {
		t.Run("gRPC "+c.name, func(t *testing.T) {
			require.Equal(t, strconv.Itoa(c.code), callBomb(t, rpc, c.encoding, c.body))
		})
	}
	t.Logf("peak %d MB, %d MB before", peak(t, pid)/1e6, before/1e6)
	require.Less(t, peak(t, pid), bombBound)
	post(t, web+"/v1/traces")
}

func postBomb(t *testing.T, url, encoding string, body []byte) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/v1/traces", bytes.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/x-protobuf")
	r.Header.Set("Content-Encoding", encoding)
	answer, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	return answer.StatusCode
}

// callBomb calls by bare HTTP/2, as gRPC's own client compresses by itself, and returns the status code.
func callBomb(t *testing.T, url, encoding string, body []byte) string {
	t.Helper()
	message := make([]byte, 5, 5+len(body))
	if encoding != "identity" {
		message[0] = 1
	}
	binary.BigEndian.PutUint32(message[1:], uint32(len(body)))
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+exportTraces,
		bytes.NewReader(append(message, body...)))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/grpc")
	r.Header.Set("TE", "trailers")
	r.Header.Set("Grpc-Encoding", encoding)
	plain := new(http.Protocols)
	plain.SetUnencryptedHTTP2(true)
	transport := &http.Transport{Protocols: plain}
	defer transport.CloseIdleConnections()
	answer, err := (&http.Client{Transport: transport}).Do(r)
	require.NoError(t, err)
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	require.NoError(t, err)
	return answer.Header.Get("Grpc-Status") + answer.Trailer.Get("Grpc-Status") // it is in one of them
}

// peak is the most that a process has had resident, in bytes.
func peak(t *testing.T, pid int) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	require.NoError(t, err)
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "VmHWM:" {
			kib, err := strconv.Atoi(f[1])
			require.NoError(t, err)
			return kib << 10
		}
	}
	t.Fatal("no VmHWM in /proc/PID/status")
	return 0
}
