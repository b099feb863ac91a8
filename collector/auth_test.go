package collector_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// certificate writes a key pair for 127.0.0.1 and returns what a client needs to trust it.
func certificate(t *testing.T) (certFile, keyFile string, client *tls.Config) {
	t.Helper()
	lender := httptest.NewTLSServer(http.NotFoundHandler())
	defer lender.Close()
	pair := lender.TLS.Certificates[0]
	key, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	require.NoError(t, err)
	write := func(name, kind string, content []byte) string {
		path := filepath.Join(t.TempDir(), name)
		text := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content})
		require.NoError(t, os.WriteFile(path, text, 0o600))
		return path
	}
	trusted := x509.NewCertPool()
	trusted.AddCert(lender.Certificate())
	return write("cert.pem", "CERTIFICATE", pair.Certificate[0]), write("key.pem", "PRIVATE KEY", key),
		&tls.Config{RootCAs: trusted, ServerName: "example.com", MinVersion: tls.VersionTLS12}
}

// dropping takes OTLP over both protocols and drops it.
func dropping(t *testing.T, web, grpc object) string {
	t.Helper()
	return overlay(t, object{
		"extensions": object{"bearertokenauth": object{"token": "right"}},
		"receivers":  object{"otlp": object{"protocols": object{"http": web, "grpc": grpc}}},
		"exporters":  object{"debug": object{}},
		"service": object{
			"extensions": []string{"bearertokenauth"},
			"telemetry":  object{"metrics": object{"level": "none"}},
			"pipelines": object{
				"traces":  object{"receivers": []string{"otlp"}, "exporters": []string{"debug"}},
				"logs":    object{"receivers": []string{"otlp"}, "exporters": []string{"debug"}},
				"metrics": object{"receivers": []string{"otlp"}, "exporters": []string{"debug"}},
			},
		},
	})
}

// Without the token nothing is taken, and nothing is decoded: what is malformed is unauthenticated first.
func TestWithoutTheTokenNothingIsTaken(t *testing.T) {
	cert, key, trust := certificate(t)
	protected := func(address string) object {
		return object{
			"endpoint": address, "tls": object{"cert_file": cert, "key_file": key},
			"auth": object{"authenticator": "bearertokenauth"},
		}
	}
	address, rpcAddress := freeAddress(t), freeAddress(t)
	running(t, dropping(t, protected(address), protected(rpcAddress)))
	sender := newWeb(address, trust)
	client := ptraceotlp.NewGRPCClient(dial(t, rpcAddress, trust))
	body, err := spans("s", 1).MarshalProto()
	require.NoError(t, err)
	deep, err := ptraceotlp.NewExportRequest().MarshalProto()
	require.NoError(t, err)
	deep = append(deep, 0x7b) // no OTLP
	for authorization, want := range map[string]struct {
		status int
		code   codes.Code
	}{
		"":             {http.StatusUnauthorized, codes.Unauthenticated},
		"Bearer wrong": {http.StatusUnauthorized, codes.Unauthenticated},
		"Basic right":  {http.StatusUnauthorized, codes.Unauthenticated},
		"right":        {http.StatusUnauthorized, codes.Unauthenticated},
		"Bearer right": {http.StatusOK, codes.OK},
	} {
		t.Run(authorization, func(t *testing.T) {
			sender.authorization = authorization
			ctx := t.Context()
			if authorization != "" {
				ctx = metadata.AppendToOutgoingContext(ctx, "authorization", authorization)
			}
			for path, body := range map[string][]byte{"/v1/traces": body, "/v1/logs": nil, "/v1/metrics": nil} {
				got, answer := sender.post(t, path, typeProtobuf, "", body)
				require.Equal(t, want.status, got, answer)
			}
			got, _ := sender.post(t, "/v1/traces", typeProtobuf, "", deep)
			require.NotEqual(t, http.StatusOK, got)
			require.Equal(t, want.status == http.StatusOK, got == http.StatusBadRequest)
			_, err := client.Export(ctx, spans("s", 1))
			require.Equal(t, want.code, status.Code(err), err)
			_, err = client.Export(ctx, nested(100))
			require.Equal(t, want.code == codes.OK, status.Code(err) == codes.InvalidArgument, err)
		})
	}
	plain := newWeb(address, nil)
	plain.authorization = "Bearer right"
	got, answer := plain.post(t, "/v1/traces", typeProtobuf, "", body)
	require.Equal(t, http.StatusBadRequest, got, answer) // it has to be TLS
}
