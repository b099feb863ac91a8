package plugin

import (
	"crypto/tls"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/require"
)

const secret = "s3cret-pass"

func settings(url, jsonData string, more ...string) backend.DataSourceInstanceSettings {
	s := backend.DataSourceInstanceSettings{
		UID: "steptrace", URL: url, JSONData: []byte(jsonData),
		DecryptedSecureJSONData: map[string]string{"password": secret},
	}
	if len(more) > 0 {
		s.DecryptedSecureJSONData["tlsCACert"] = more[0]
	}
	return s
}

func TestSettings(t *testing.T) {
	o, err := optionsOf(settings(" http://clickhouse ", `{"database":"steptrace","username":"reader","other":1}`))
	require.NoError(t, err)
	require.Equal(t, []string{"clickhouse:8123"}, o.Addr)
	require.Equal(t, "steptrace", o.Auth.Database)
	require.Equal(t, "reader", o.Auth.Username)
	require.Equal(t, secret, o.Auth.Password)
	require.Nil(t, o.TLS)

	o, err = optionsOf(settings("https://[::1]/proxy/clickhouse/", ""))
	require.NoError(t, err)
	require.Equal(t, []string{"[::1]:8443"}, o.Addr)
	require.Equal(t, "proxy/clickhouse", o.HttpUrlPath)
	require.Equal(t, "default", o.Auth.Database)
	require.Equal(t, "default", o.Auth.Username)
	require.Nil(t, o.TLS.RootCAs)
	require.False(t, o.TLS.InsecureSkipVerify)
	require.Equal(t, uint16(tls.VersionTLS12), o.TLS.MinVersion)

	o, err = optionsOf(settings("https://clickhouse:9443", `{"tlsSkipVerify":true}`))
	require.NoError(t, err)
	require.True(t, o.TLS.InsecureSkipVerify)
}

func TestSettingsThatAreRefusedTellNoSecret(t *testing.T) {
	for _, c := range []struct {
		settings backend.DataSourceInstanceSettings
		want     string
	}{
		{settings("", ""), "is not of the form http://host:8123"},
		{settings("clickhouse:8123", ""), "is not of the form http://host:8123"},
		{settings("http://", ""), "is not of the form http://host:8123"},
		{settings("http://:8123", ""), "is not of the form http://host:8123"},
		{settings("tcp://clickhouse:9000", ""), "is not of the form http://host:8123"},
		{settings("http://x:"+secret+"@clickhouse:8123", ""), "put it into the settings Username and Password"},
		{settings("http://x:"+secret+"@click house:8123\x7f", ""), "is not of the form http://host:8123"},
		{settings("http://clickhouse:8123?password="+secret[:3], ""), "holds parameters"},
		{settings("http://clickhouse:8123", "{"), "jsonData"},
		{settings("http://clickhouse:8123", `{"database":7}`), "jsonData"},
		{settings("https://clickhouse:8443", `{"tlsAuthWithCACert":true}`), "no certificate in PEM form"},
		{settings("https://clickhouse:8443", `{"tlsAuthWithCACert":true}`, "MII"+secret), "no certificate in PEM form"},
	} {
		_, err := New(t.Context(), c.settings)
		require.ErrorContains(t, err, c.want, c.settings.URL)
		require.NotContains(t, err.Error(), secret)
		require.True(t, backend.IsDownstreamError(err))
	}
}

// pemOf is the certificate of a test server, which signs itself.
func pemOf(server *httptest.Server) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
}

func TestTheCertificateAuthorityOfTheSettings(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	check := func(jsonData string, more ...string) string {
		made, err := New(t.Context(), settings(server.URL, jsonData, more...))
		require.NoError(t, err)
		i := made.(*Instance)
		defer i.Dispose()
		result, err := i.CheckHealth(t.Context(), nil)
		require.NoError(t, err)
		return result.Message
	}
	require.Contains(t, check(""), "certificate of "+server.Listener.Addr().String()+" is not trusted")
	require.Contains(t, check(`{"tlsAuthWithCACert":true}`, pemOf(server)), "it answers HTTP 404")
	require.Contains(t, check(`{"tlsSkipVerify":true}`), "it answers HTTP 404")
}
